// A host function of any type.
type Host = (...args: never[]) => unknown;

const marked = new WeakSet<object>();

/**
 * Marks a host function, method or class as one that may return a promise: the guest that calls it is suspended until the
 * promise settles, and the exports that can reach it return promises. When it returns another value, nothing waits.
 */
export function suspending<F extends Host>(call: F): F {
	marked.add(call);
	return call;
}

/** Whether a host function was marked. */
export const suspends = (call: unknown): boolean => typeof call === 'function' && marked.has(call);
