import type {CellContext} from './half.ts';
import {Pollable, type Readiness} from './poll.ts';

/** `wasi:io/error` `error`. */
export class IoError {
	readonly #text: string;
	/** What caused it, for the interfaces that tell more (`filesystem-error-code`). */
	readonly cause: unknown;

	constructor(text: string, cause?: unknown) {
		this.#text = text;
		this.cause = cause;
	}

	toDebugString(): string {
		return this.#text;
	}
}

/** The `stream-error` of a stream that has ended; streams throw it, as the shape of results has it. */
const closed = () => ({tag: 'closed'}) as const;

/** The `stream-error` for what a source or a sink threw; an error of the host's own is not hidden as one of the stream. */
function failed(error: unknown): {tag: 'last-operation-failed'; val: IoError} {
	if (error instanceof IoError) return {tag: 'last-operation-failed', val: error};
	throw error;
}

/** Where an input stream's bytes come from. */
export interface Source extends Readiness {
	/** Up to `most` bytes; empty where there are none yet, undefined at the end. Throws an IoError where reading fails. */
	read(most: number): Uint8Array | undefined;
	/** The guest has dropped the stream. */
	close?(): void;
}

/** Where an output stream's bytes go. */
export interface Sink extends Readiness {
	/** How many bytes may be written now; undefined once it takes none any more. */
	room(): number | undefined;
	/** Takes all of `bytes`, which are no more than `room` said. Throws an IoError where writing fails. */
	write(bytes: Uint8Array): void;
	/** Whether all that was written has gone on; true where it says nothing. */
	flushed?(): boolean;
	close?(): void;
}

/** The most that one call reads, whatever the guest asks for. */
const LARGEST = 1024 * 1024;

const size = (length: bigint): number => (length > BigInt(LARGEST) ? LARGEST : Number(length));

/** `wasi:io/streams` `input-stream`. */
export class InputStream {
	readonly #source: Source;
	readonly #wait: CellContext['wait'];
	#ended = false;

	constructor(source: Source, wait: CellContext['wait']) {
		this.#source = source;
		this.#wait = wait;
	}

	read(length: bigint): Uint8Array {
		if (this.#ended) throw closed();
		let bytes: Uint8Array | undefined;
		try {
			bytes = this.#source.read(size(length));
		} catch (error) {
			this.#ended = true;
			throw failed(error);
		}
		if (bytes) return bytes;
		this.#ended = true;
		throw closed();
	}

	blockingRead(length: bigint): Uint8Array {
		if (length > 0n && !this.#ended) this.subscribe().block();
		return this.read(length);
	}

	skip(length: bigint): bigint {
		return BigInt(this.read(length).length);
	}

	blockingSkip(length: bigint): bigint {
		return BigInt(this.blockingRead(length).length);
	}

	subscribe(): Pollable {
		const readiness = {ready: () => this.#ended || this.#source.ready(), due: this.#source.due};
		return new Pollable(readiness, this.#wait);
	}

	[Symbol.dispose](): void {
		this.#source.close?.();
	}
}

/** `wasi:io/streams` `output-stream`. */
export class OutputStream {
	readonly #sink: Sink;
	readonly #wait: CellContext['wait'];
	#ended = false;
	#allowed = 0;

	constructor(sink: Sink, wait: CellContext['wait']) {
		this.#sink = sink;
		this.#wait = wait;
	}

	checkWrite(): bigint {
		const room = this.#ended ? undefined : this.#sink.room();
		if (room === undefined) {
			this.#ended = true;
			throw closed();
		}
		this.#allowed = room;
		return BigInt(room);
	}

	/** Traps where `bytes` are more than `checkWrite` allowed, as WASI says. */
	write(bytes: Uint8Array): void {
		if (this.#ended) throw closed();
		if (bytes.length > this.#allowed) throw new Error(`a write of ${bytes.length} bytes where ${this.#allowed} are allowed`);
		this.#allowed -= bytes.length;
		try {
			this.#sink.write(bytes);
		} catch (error) {
			this.#ended = true;
			throw failed(error);
		}
	}

	blockingWriteAndFlush(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) {
			this.subscribe().block();
			const piece = bytes.subarray(at, at + Number(this.checkWrite()));
			this.write(piece);
			at += piece.length;
		}
		this.blockingFlush();
	}

	flush(): void {
		if (this.#ended) throw closed();
	}

	blockingFlush(): void {
		this.flush();
		while (this.#sink.flushed?.() === false) this.#wait(undefined);
	}

	writeZeroes(length: bigint): void {
		this.write(new Uint8Array(size(length)));
	}

	blockingWriteZeroesAndFlush(length: bigint): void {
		this.blockingWriteAndFlush(new Uint8Array(size(length)));
	}

	splice(from: InputStream, length: bigint): bigint {
		const room = this.checkWrite();
		const bytes = from.read(length < room ? length : room);
		this.write(bytes);
		return BigInt(bytes.length);
	}

	blockingSplice(from: InputStream, length: bigint): bigint {
		this.subscribe().block();
		const room = this.checkWrite();
		const bytes = from.blockingRead(length < room ? length : room);
		this.write(bytes);
		return BigInt(bytes.length);
	}

	subscribe(): Pollable {
		const readiness = {ready: () => this.#ended || this.#sink.ready(), due: this.#sink.due};
		return new Pollable(readiness, this.#wait);
	}

	[Symbol.dispose](): void {
		this.#sink.close?.();
	}
}
