import {suspending, viewing} from '@forgeone/wasm';
import {Pollable, type Readiness, until} from './poll.ts';

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
	/** Takes all of `bytes`, which are no more than `room` said, and copies what it keeps. Throws an IoError where writing fails. */
	write(bytes: Uint8Array): void;
	/** Whether all that was written has gone on; true where it says nothing. */
	flushed?(): boolean;
	close?(): void;
}

/** The most that one call reads, whatever the guest asks for. */
const LARGEST = 1024 * 1024;

/** The most that one call writes which may wait, for what waits is copied. */
const HELD = 8 * 1024 * 1024;

const size = (length: bigint): number => (length > BigInt(LARGEST) ? LARGEST : Number(length));

/** `wasi:io/streams` `input-stream`. */
export class InputStream {
	static {
		suspending(InputStream.prototype.blockingRead);
		suspending(InputStream.prototype.blockingSkip);
	}

	readonly #source: Source;
	#ended = false;

	constructor(source: Source) {
		this.#source = source;
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

	blockingRead(length: bigint): Uint8Array | Promise<Uint8Array> {
		if (length === 0n || this.#ended || this.#source.ready()) return this.read(length);
		return until(this.#source).then(() => this.read(length));
	}

	skip(length: bigint): bigint {
		return BigInt(this.read(length).length);
	}

	blockingSkip(length: bigint): bigint | Promise<bigint> {
		const bytes = this.blockingRead(length);
		return bytes instanceof Promise ? bytes.then(({length}) => BigInt(length)) : BigInt(bytes.length);
	}

	subscribe(): Pollable {
		return new Pollable({ready: () => this.#ended || this.#source.ready(), watch: wake => this.#source.watch(wake)});
	}

	[Symbol.dispose](): void {
		this.#source.close?.();
	}
}

/** `wasi:io/streams` `output-stream`. */
export class OutputStream {
	static {
		const {blockingWriteAndFlush, blockingFlush, blockingWriteZeroesAndFlush, blockingSplice} = OutputStream.prototype;
		for (const method of [blockingWriteAndFlush, blockingFlush, blockingWriteZeroesAndFlush, blockingSplice]) suspending(method);
		// What waits copies it first, and a sink copies what it keeps.
		for (const method of [OutputStream.prototype.write, blockingWriteAndFlush]) viewing(method);
	}

	readonly #sink: Sink;
	#ended = false;
	#allowed = 0;

	constructor(sink: Sink) {
		this.#sink = sink;
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

	/** Traps where `bytes` are more than eight megabytes; WASI promises four kilobytes. */
	blockingWriteAndFlush(bytes: Uint8Array): void | Promise<void> {
		if (bytes.length > HELD) throw new Error(`a write of ${bytes.length} bytes where ${HELD} are allowed`);
		let at = 0;
		while (at < bytes.length) {
			if (!this.#ended && !this.#sink.ready()) return this.#writeLater(bytes.slice(at));
			at += this.#writeSome(bytes.subarray(at));
		}
		return this.blockingFlush();
	}

	flush(): void {
		if (this.#ended) throw closed();
	}

	blockingFlush(): void | Promise<void> {
		this.flush();
		if (this.#flushed()) return;
		return until({ready: () => this.#flushed(), watch: wake => this.#sink.watch(wake)}).then(() => this.flush());
	}

	writeZeroes(length: bigint): void {
		this.write(new Uint8Array(size(length)));
	}

	blockingWriteZeroesAndFlush(length: bigint): void | Promise<void> {
		return this.blockingWriteAndFlush(new Uint8Array(size(length)));
	}

	splice(from: InputStream, length: bigint): bigint {
		const room = this.checkWrite();
		const bytes = from.read(length < room ? length : room);
		this.write(bytes);
		return BigInt(bytes.length);
	}

	blockingSplice(from: InputStream, length: bigint): bigint | Promise<bigint> {
		return this.#spliceLater(from, length);
	}

	subscribe(): Pollable {
		return new Pollable(this.#readiness());
	}

	[Symbol.dispose](): void {
		this.#sink.close?.();
	}

	#readiness(): Readiness {
		return {ready: () => this.#ended || this.#sink.ready(), watch: wake => this.#sink.watch(wake)};
	}

	#flushed(): boolean {
		return this.#sink.flushed?.() !== false || this.#sink.room() === undefined;
	}

	/** Writes as much as there is room for, and says how much that was. */
	#writeSome(bytes: Uint8Array): number {
		const piece = bytes.subarray(0, Number(this.checkWrite()));
		this.write(piece);
		return piece.length;
	}

	async #spliceLater(from: InputStream, length: bigint): Promise<bigint> {
		await until(this.#readiness());
		const room = this.checkWrite();
		const bytes = await from.blockingRead(length < room ? length : room);
		this.write(bytes);
		return BigInt(bytes.length);
	}

	async #writeLater(bytes: Uint8Array): Promise<void> {
		for (let at = 0; at < bytes.length; ) {
			await until(this.#readiness());
			at += this.#writeSome(bytes.subarray(at));
		}
		await this.blockingFlush();
	}
}
