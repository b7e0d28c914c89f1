import {errors} from '../../errors.ts';
import {fatal, Trap} from '../../trap.ts';
import type {ElementType} from '../../types.ts';
import {arrays} from '../lift.ts';
import {bad} from '../numbers.ts';
import type {Store} from '../store.ts';
import {type Buffer, remaining} from './buffer.ts';
import {schedulerOf} from './scheduler.ts';
import {type OnCopy, type OnDone, type Readable, results} from './stream.ts';

/** What the host gives as a stream: values one by one; where these are numbers, arrays of them too. */
type Given = AsyncIterator<unknown> | Iterator<unknown>;

interface Request {
	readonly to: Buffer;
	readonly onDone: OnDone;
}

/** Runs what reaches into a guest from the host's side: what it throws ends the store. */
export function into(store: Store, body: () => void): void {
	if (store.dead !== undefined) return;
	try {
		body();
		schedulerOf(store).pump();
	} catch (error) {
		store.kill(fatal(error));
	}
}

const failed = (store: Store, what: string, cause: unknown): void => {
	if (store.dead !== undefined) return;
	store.kill(new Trap(`${what} of the host failed: ${cause instanceof Error ? cause.message : String(cause)}`, {cause}));
};

/** A part of an array, of whatever kind. */
function part(of: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
	return ArrayBuffer.isView(of) ? (of as Uint8Array).subarray(start, end) : (of as unknown[]).slice(start, end);
}

/** A stream of the host's: asked for the next value only when a guest reads. */
export class HostStream implements Readable {
	readonly type: ElementType | undefined;
	readonly #store: Store;
	/** Undefined where the host gave all at once. */
	readonly #from: Given | undefined;
	#request: Request | undefined;
	/** What the host gave last, and how much of it is taken. */
	#chunk: ArrayLike<unknown> = [];
	#taken = 0;
	#ended = false;
	#asking = false;

	constructor(store: Store, type: ElementType | undefined, from: unknown) {
		this.#store = store;
		this.type = type;
		this.#ended = Array.isArray(from) || ArrayBuffer.isView(from);
		this.#from = this.#ended ? undefined : iterator(from);
		// It is an array, of whatever kind.
		if (this.#ended) this.#chunk = from as ArrayLike<unknown>;
		else store.hopes.add(this.#lost);
	}

	/** The guest has ended: nobody will read. */
	readonly #lost = (): void => {
		try {
			this.drop();
		} catch {
			// Nobody is left to hear of it.
		}
	};

	read(to: Buffer, _: OnCopy, onDone: OnDone): void {
		this.#request = {to, onDone};
		this.#serve();
	}

	#serve(): void {
		while (this.#request !== undefined && !this.#asking) {
			const {to, onDone} = this.#request;
			const left = this.#chunk.length - this.#taken;
			if (left > 0) {
				const count = Math.min(left, remaining(to));
				const start = this.#taken;
				this.#taken += count;
				to.write(part(this.#chunk, start, this.#taken), count);
			} else if (!this.#ended) {
				this.#ask();
				continue;
			}
			this.#request = undefined;
			onDone(left > 0 ? results.completed : results.dropped);
		}
	}

	#ask(): void {
		this.#asking = true;
		// Only what has not ended is asked.
		const next = (this.#from as Given).next();
		if (!(next instanceof Promise)) {
			this.#got(next);
			return;
		}
		next.then(
			item =>
				into(this.#store, () => {
					this.#got(item);
					this.#serve();
				}),
			cause => failed(this.#store, 'a stream', cause),
		);
	}

	#got({done, value}: IteratorResult<unknown>): void {
		this.#asking = false;
		if (this.#ended) return;
		this.#ended = done === true;
		if (this.#ended) this.#store.hopes.delete(this.#lost);
		this.#taken = 0;
		this.#chunk = this.#ended ? [] : this.#elements(value);
	}

	#elements(value: unknown): ArrayLike<unknown> {
		if (this.type === undefined || arrays[this.type.kind] === undefined) return [value];
		if (value instanceof ArrayBuffer) return new Uint8Array(value);
		return Array.isArray(value) || ArrayBuffer.isView(value) ? (value as unknown as ArrayLike<unknown>) : [value];
	}

	cancel(): void {
		const request = this.#request;
		this.#request = undefined;
		request?.onDone(results.cancelled);
	}

	drop(): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#store.hopes.delete(this.#lost);
		const end = this.#from?.return?.();
		if (end instanceof Promise) end.catch(() => {});
	}
}

/** A future of the host's: a promise, or a value that is there. */
export class HostFuture implements Readable {
	readonly type: ElementType | undefined;
	readonly #store: Store;
	readonly #promise: Promise<unknown>;
	#request: Request | undefined;

	constructor(store: Store, type: ElementType | undefined, from: unknown) {
		this.#store = store;
		this.type = type;
		this.#promise = Promise.resolve(from);
		// Whether anyone reads it is up to the guest.
		this.#promise.catch(() => {});
	}

	read(to: Buffer, _: OnCopy, onDone: OnDone): void {
		const request = {to, onDone};
		this.#request = request;
		this.#promise.then(
			value =>
				into(this.#store, () => {
					if (this.#request !== request) return;
					this.#request = undefined;
					to.write([value], 1);
					onDone(results.completed);
				}),
			cause => failed(this.#store, 'a future', cause),
		);
	}

	cancel(): void {
		const request = this.#request;
		this.#request = undefined;
		request?.onDone(results.cancelled);
	}

	drop(): void {
		this.#request = undefined;
	}
}

/** The iterator of a value that the host gives as a stream. */
function iterator(value: unknown): Given {
	if (typeof value !== 'object' || value === null) return bad('an iterable', value);
	// Whatever has one of these methods is iterable.
	const {[Symbol.asyncIterator]: async, [Symbol.iterator]: sync} = value as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
	const from = async?.call(value) ?? sync?.call(value);
	if (from === undefined) throw errors.FORGE_VALUE_INVALID({expected: 'an iterable', found: 'an object'});
	return from;
}
