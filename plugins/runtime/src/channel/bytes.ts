import type {Incoming, Outgoing} from '@forgeone/sdk/cell';

// Classes, for a getter of an object that is made for each call has V8 make a hidden class for each, which only a full collection frees.

/** What an exchange does with bytes. */
export interface Bytes {
	watch(wake: () => void): () => void;
	/** Whether there is something to take: bytes, their end, or why there will be none. */
	came(): boolean;
	take(most: number): Uint8Array | undefined;
	trailer(): string | undefined;
	room(): number | undefined;
	put(bytes: Uint8Array): void;
	finish(trailer?: string): void;
}

/** What comes in with a call. */
export class Arriving implements Incoming {
	readonly #of: Bytes;

	constructor(of: Bytes) {
		this.#of = of;
	}

	ready(): boolean {
		return this.#of.came();
	}

	watch(wake: () => void): () => void {
		return this.#of.watch(wake);
	}

	read(most: number): Uint8Array | undefined {
		return this.#of.take(most);
	}

	get trailer(): string | undefined {
		return this.#of.trailer();
	}
}

/** What goes out with it. */
export class Leaving implements Outgoing {
	readonly #of: Bytes;

	constructor(of: Bytes) {
		this.#of = of;
	}

	ready(): boolean {
		return this.#of.room() !== 0;
	}

	watch(wake: () => void): () => void {
		return this.#of.watch(wake);
	}

	room(): number | undefined {
		return this.#of.room();
	}

	write(bytes: Uint8Array): void {
		this.#of.put(bytes);
	}

	end(trailer?: string): void {
		this.#of.finish(trailer);
	}
}
