// A host function of any type.
type Host = (...args: never[]) => unknown;

const waiting = new WeakSet<object>();
const lent = new WeakSet<object>();

/**
 * Marks a host function, method or class as one that may return a promise: the guest that calls it is suspended until the
 * promise settles, and the exports that can reach it return promises. When it returns another value, nothing waits.
 */
export function suspending<F extends Host>(call: F): F {
	waiting.add(call);
	return call;
}

/**
 * Marks a host function, method or class that takes lists of numbers as views of the guest's memory, not as copies. A view
 * is only good until the function returns or first waits: what is kept must be copied.
 */
export function viewing<F extends Host>(call: F): F {
	lent.add(call);
	return call;
}

/** How a host function was marked. */
export interface Marks {
	/** Whether it may return a promise. */
	readonly suspends: boolean;
	/** Whether it takes views. */
	readonly views: boolean;
}

/** How a host function was marked. */
export const marks = (call: unknown): Marks =>
	typeof call === 'function' ? {suspends: waiting.has(call), views: lent.has(call)} : {suspends: false, views: false};
