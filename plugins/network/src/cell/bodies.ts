import {Bell, type Incoming, InputStream, type Outgoing, OutputStream, Pollable, type Usage} from '@forgeone/sdk/cell';
import {fit, trailersIn, trailerText} from '../http/heads.ts';
import {type ErrorCode, failure, httpErrorCode, none} from './codes.ts';
import {Fields} from './fields.ts';

/** How much is read at one time of what nobody wants, in bytes. */
const PIECE = 64 * 1024;

/** How much a guest may write before it has said where that goes, in bytes. */
const HELD = 64 * 1024;

/** A source whose end is remembered, and whose bytes are counted. A class, for one is made for each message. */
class Counted implements Incoming {
	readonly #from: Incoming;
	readonly #usage: Usage;
	#over = false;

	constructor(from: Incoming, usage: Usage) {
		this.#from = from;
		this.#usage = usage;
	}

	ready(): boolean {
		return this.#over || this.#from.ready();
	}

	watch(wake: () => void): () => void {
		return this.#from.watch(wake);
	}

	read(most: number): Uint8Array | undefined {
		const bytes = this.#over ? undefined : this.#from.read(most);
		if (bytes) this.#usage.read += bytes.length;
		else this.#over = true;
		return bytes;
	}

	get trailer(): string | undefined {
		return this.#from.trailer;
	}
}

/** `wasi:http/types` `incoming-body`. */
export class IncomingBody {
	readonly #incoming: Incoming;
	#taken = false;

	constructor(incoming: Incoming, usage: Usage) {
		this.#incoming = new Counted(incoming, usage);
	}

	stream(): InputStream {
		if (this.#taken) none();
		this.#taken = true;
		return new InputStream(this.#incoming);
	}

	static finish(body: IncomingBody): FutureTrailers {
		return new FutureTrailers(body.#incoming);
	}
}

/** Trailers that have come, from another cell perhaps. */
function trailersOf(text: string): Fields {
	const fields = trailersIn(text);
	if (!fit(fields)) throw new TypeError('trailers that can not be held');
	return Fields.incoming(fields);
}

/** `wasi:http/types` `future-trailers`: they are known once the body has ended; what is left of it is read and forgotten. */
export class FutureTrailers {
	readonly #incoming: Incoming;
	#outcome: {readonly tag: 'ok'; readonly val: Fields | undefined} | {readonly tag: 'err'; readonly val: ErrorCode} | undefined;
	#taken = false;

	constructor(incoming: Incoming) {
		this.#incoming = incoming;
	}

	subscribe(): Pollable {
		return new Pollable({ready: () => this.#known() !== undefined, watch: wake => this.#incoming.watch(wake)});
	}

	get(): unknown {
		const val = this.#known();
		if (!val) return undefined;
		if (this.#taken) return {tag: 'err', val: undefined};
		this.#taken = true;
		return {tag: 'ok', val};
	}

	#known() {
		try {
			while (!this.#outcome && this.#incoming.ready()) {
				if (this.#incoming.read(PIECE)) continue;
				const {trailer} = this.#incoming;
				this.#outcome = {tag: 'ok', val: trailer === undefined ? undefined : trailersOf(trailer)};
			}
		} catch (error) {
			// A source throws an IoError, or what is a failure of the host's own.
			this.#outcome = {
				tag: 'err',
				val: httpErrorCode(error as Parameters<typeof httpErrorCode>[0]) ?? {tag: 'internal-error', val: undefined},
			};
		}
		return this.#outcome;
	}
}

/** Where the body of a message goes. */
export interface Destination {
	readonly outgoing: Outgoing;
	/** Sends the head, once, before anything of the body goes out; `length` is known where the body is complete by then. */
	begin(length: number | undefined): void;
	/** The body will not be complete. */
	abandon(code: ErrorCode): void;
}

/** `wasi:http/types` `outgoing-body`. What is written at once and finished at once goes out in one piece, with its length. */
export class OutgoingBody {
	readonly #held: Uint8Array[] = [];
	readonly #usage: Usage;
	readonly #kind: 'request' | 'response';
	/** What the content-length says, where it says anything. */
	readonly #promised: number | undefined;
	/** Of those who wait, which few do: to follow a connection costs as much as a small response. */
	#bell: Bell | undefined;
	#to: Destination | undefined;
	#begun = false;
	#size = 0;
	#taken = false;
	#state: 'open' | 'complete' | 'abandoned' = 'open';
	#trailers: string | undefined;

	constructor(kind: 'request' | 'response', promised: number | undefined, usage: Usage) {
		this.#kind = kind;
		this.#promised = promised;
		this.#usage = usage;
	}

	write(): OutputStream {
		if (this.#taken) none();
		this.#taken = true;
		return new OutputStream({
			room: () => this.#room(),
			ready: () => this.#room() !== 0,
			watch: wake => this.#watch(wake),
			write: bytes => this.#write(bytes),
			flushed: () => !this.#begun || this.#to?.outgoing.flushed?.() !== false,
		});
	}

	static finish(body: OutgoingBody, trailers: Fields | undefined): void {
		if (body.#state !== 'open') throw body.#incomplete();
		if (body.#promised !== undefined && body.#promised !== body.#size) {
			const code = body.#sizeCode();
			body.abandon(code);
			throw code;
		}
		body.#state = 'complete';
		body.#trailers = trailers && trailerText(trailers.raw());
		if (body.#to) body.#end();
	}

	/** A guest that drops its body has not finished it. */
	[Symbol.dispose](): void {
		this.abandon(this.#incomplete());
	}

	/** From now on it is known where it goes. The head waits for the guest's next pause, in case that the body is complete by then. */
	connect(to: Destination): void {
		this.#to = to;
		if (this.#state === 'complete') this.#end();
		else if (this.#state === 'abandoned') to.abandon(this.#incomplete());
		else process.nextTick(() => this.#begin());
	}

	/** Nothing more will come of it. Does nothing once it is complete. */
	abandon(code: ErrorCode = this.#incomplete()): void {
		if (this.#state !== 'open') return;
		this.#state = 'abandoned';
		this.#to?.abandon(code);
		this.#bell?.ring();
	}

	#incomplete(): ErrorCode {
		return this.#kind === 'response'
			? {tag: 'HTTP-response-incomplete'}
			: {tag: 'internal-error', val: 'the body of the request is not complete'};
	}

	#sizeCode(): ErrorCode {
		return {tag: `HTTP-${this.#kind}-body-size`, val: BigInt(this.#size)};
	}

	#room(): number | undefined {
		if (this.#state !== 'open') return undefined;
		return this.#begun ? this.#to?.outgoing.room() : HELD - this.#held.reduce((sum, {length}) => sum + length, 0);
	}

	#watch(wake: () => void): () => void {
		if (!this.#bell) {
			this.#bell = new Bell();
			if (this.#begun) this.#follow();
		}
		return this.#bell.watch(wake);
	}

	#follow(): void {
		this.#to?.outgoing.watch(() => this.#bell?.ring());
	}

	#write(bytes: Uint8Array): void {
		this.#size += bytes.length;
		if (this.#promised !== undefined && this.#size > this.#promised) {
			const code = this.#sizeCode();
			this.abandon(code);
			throw failure(`the body has more than the ${this.#promised} bytes that its content-length says`, code);
		}
		this.#usage.written += bytes.length;
		if (this.#begun) this.#to?.outgoing.write(bytes);
		else this.#held.push(Buffer.from(bytes));
		if (this.#room() === 0) this.#begin();
	}

	#begin(length?: number): void {
		const to = this.#to;
		if (this.#begun || this.#state === 'abandoned' || !to) return;
		this.#begun = true;
		to.begin(this.#promised ?? length);
		if (this.#bell) this.#follow();
		for (const bytes of this.#held.splice(0)) to.outgoing.write(bytes);
		this.#bell?.ring();
	}

	#end(): void {
		this.#begin(this.#trailers === undefined ? this.#size : undefined);
		this.#to?.outgoing.end(this.#trailers);
	}
}
