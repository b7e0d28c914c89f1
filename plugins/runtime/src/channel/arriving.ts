import type {Incoming, Source} from '@forgeone/sdk/cell';

/**
 * What comes in with a call. A class, for a getter of an object that is made for each call has V8 make a hidden class for each, which only a full
 * collection frees.
 */
export class Arriving implements Incoming {
	readonly #from: Source;
	readonly #trailer: () => string | undefined;

	constructor(from: Source, trailer: () => string | undefined) {
		this.#from = from;
		this.#trailer = trailer;
	}

	ready(): boolean {
		return this.#from.ready();
	}

	watch(wake: () => void): () => void {
		return this.#from.watch(wake);
	}

	read(most: number): Uint8Array | undefined {
		return this.#from.read(most);
	}

	get trailer(): string | undefined {
		return this.#trailer();
	}
}
