import {CallCancelled, type Incoming, IoError, type Outgoing, until} from '@forgeone/sdk/cell';

/** The most that the kernel reads of a call at once. */
const READ = 1024 * 1024;

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

/** As a kernel half is told of a call that was cancelled. */
const told = (error: unknown): unknown => (error instanceof IoError ? new CallCancelled(String(error.cause ?? 'it has ended')) : error);

/** What comes next: at once where it has come. */
export function readFrom(incoming: Incoming): Uint8Array | undefined | Promise<Uint8Array | undefined> {
	const read = () => {
		try {
			return incoming.read(READ);
		} catch (error) {
			throw told(error);
		}
	};
	return incoming.ready() ? read() : until(incoming).then(read);
}

/** Settles when the bytes are on their way, which may change then. */
export async function writeTo(outgoing: Outgoing, bytes: Uint8Array): Promise<void> {
	for (let at = 0; at < bytes.length; ) {
		if (!outgoing.ready()) await until(outgoing);
		// Where there is none any more, what is written says why.
		const piece = bytes.subarray(at, at + (outgoing.room() ?? 1));
		try {
			outgoing.write(piece);
		} catch (error) {
			throw told(error);
		}
		at += piece.length;
	}
}
