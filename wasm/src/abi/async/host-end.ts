import {errors} from '../../errors.ts';
import type {Store} from '../store.ts';
import {atOnce, HostBuffer} from './buffer.ts';
import {type Readable, results} from './stream.ts';

/** What a stream's reader gives: a few values, of numbers a typed array, or that there are no more. */
export interface Chunk {
	readonly value: ArrayLike<unknown> | undefined;
	readonly done: boolean;
}

/** Reads once from a guest; rejects when the store ends. */
function read(store: Store, from: Readable, count: number): Promise<Chunk> {
	return new Promise((resolve, reject) => {
		if (store.dead !== undefined) return reject(errors.FORGE_INSTANCE_DEAD({reason: store.dead.message}, {cause: store.dead}));
		const buffer = new HostBuffer(count);
		const finish = (result: number): void => {
			store.hopes.delete(reject);
			const done = result === results.dropped && buffer.progress === 0;
			resolve({value: done ? undefined : buffer.values, done});
		};
		store.hopes.add(reject);
		const copied = (reclaim: () => void): void => {
			reclaim();
			finish(results.completed);
		};
		try {
			from.read(buffer, copied, finish);
		} catch (error) {
			reject(store.kill(error));
		}
	});
}

/** What both kinds of end share: they may be given on to a guest once, and are spent then. */
abstract class HostEnd {
	protected readonly store: Store;
	#from: Readable | undefined;

	constructor(store: Store, from: Readable) {
		this.store = store;
		this.#from = from;
	}

	/** Whether what it reads from is of this store. */
	of(store: Store): boolean {
		return this.store === store;
	}

	/** What it reads from. */
	protected get from(): Readable {
		if (this.#from !== undefined) return this.#from;
		throw errors.FORGE_VALUE_INVALID({expected: 'a live stream or future', found: 'one that was given away or dropped'});
	}

	/** The type of what it reads. */
	get type(): Readable['type'] {
		return this.from.type;
	}

	/** Takes out what it reads from: it is spent. */
	take(): Readable {
		const {from} = this;
		this.#from = undefined;
		return from;
	}

	/** Has the writer know that nobody reads on. */
	[Symbol.dispose](): void {
		const from = this.#from;
		this.#from = undefined;
		if (this.store.dead === undefined) from?.drop();
	}
}

/** A stream that a guest gave to the host. Iterate over its values, or read a few at a time; dispose of it to end it early. */
export class StreamReader extends HostEnd implements AsyncIterable<unknown> {
	/** The values that come next, at least one and at most `count`; one call at a time. */
	async read({count = Number.POSITIVE_INFINITY}: {readonly count?: number} = {}): Promise<Chunk> {
		const {from} = this;
		const size = from.type?.size ?? 1;
		const most = Math.max(1, Math.floor(Math.min(count, atOnce(from.type), this.store.budget / size)));
		for (;;) {
			const chunk = await read(this.store, from, most);
			if (chunk.done || chunk.value?.length !== 0) return chunk;
		}
	}

	/** The values, a few at a time. */
	async *chunks(): AsyncGenerator<ArrayLike<unknown>, void> {
		try {
			for (;;) {
				const {value, done} = await this.read();
				if (done) return;
				yield value ?? [];
			}
		} finally {
			this[Symbol.dispose]();
		}
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
		for await (const values of this.chunks()) {
			for (let i = 0; i < values.length; i++) yield values[i];
		}
	}
}

/** A future that a guest gave to the host: await it, which is when it is read; or dispose of it. */
export class FutureReader extends HostEnd implements PromiseLike<unknown> {
	#value: Promise<unknown> | undefined;

	// biome-ignore lint/suspicious/noThenProperty: it is what jco's types say of a future
	then<T, E>(
		resolve?: ((value: unknown) => T | PromiseLike<T>) | null,
		reject?: ((reason: unknown) => E | PromiseLike<E>) | null,
	): Promise<T | E> {
		this.#value ??= this.#read();
		return this.#value.then(resolve, reject) as Promise<T | E>;
	}

	async #read(): Promise<unknown> {
		const from = this.take();
		const {value} = await read(this.store, from, 1);
		from.drop();
		return value?.[0];
	}
}
