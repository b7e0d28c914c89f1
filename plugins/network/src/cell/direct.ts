import type {IncomingMessage, ServerResponse} from 'node:http';
import {Bell, type Call, type Incoming, IoError, type Outgoing} from '@forgeone/sdk/cell';
import {errors} from '../errors.ts';
import {type RequestHead, type ResponseHead, trailerText} from '../http/heads.ts';
import {bodied} from '../http/requests.ts';
import {end, ended, fail, SMALL, STALL, writeHead} from '../http/responses.ts';

// Classes, for a getter in an object that is made for each request would have V8 make a hidden class for each, which only a full collection frees.

/** How much of a response may wait for its client before the guest waits, in bytes. */
const WINDOW = 256 * 1024;

const GONE = 'the client has left';

/** What holds for the requests to a container. */
export interface Bounds {
	readonly container: string;
	/** The largest body of a request, in bytes. */
	readonly limit: number;
}

/** The body of a request, as the guest reads it. */
class RequestBody implements Incoming {
	readonly #incoming: IncomingMessage;
	readonly #limit: number;
	/** A request without a body costs no listener. */
	readonly #empty: boolean;
	#bell: Bell | undefined;
	#size = 0;

	constructor(incoming: IncomingMessage, limit: number) {
		this.#incoming = incoming;
		this.#limit = limit;
		this.#empty = !bodied(incoming);
	}

	ready(): boolean {
		if (!this.#empty) this.#listen();
		return this.#empty || this.#incoming.readableLength > 0 || this.#over;
	}

	watch(wake: () => void): () => void {
		return this.#empty ? () => undefined : this.#listen().watch(wake);
	}

	read(most: number): Uint8Array | undefined {
		if (this.#empty) return undefined;
		this.#listen();
		const {readableLength} = this.#incoming;
		const bytes: Buffer | null = this.#incoming.read(Math.min(most, readableLength) || undefined);
		if (!bytes) return this.#nothing();
		this.#size += bytes.length;
		const limit = this.#limit;
		if (this.#size > limit) throw new IoError(`a body of more than ${limit} bytes`, errors.FORGE_REQUEST_SIZE({limit}));
		return bytes;
	}

	get trailer(): string | undefined {
		return this.#incoming.complete ? trailerText(this.#incoming.rawTrailers) : undefined;
	}

	/** The end of a stream that nobody flows is not told by itself. */
	get #over(): boolean {
		return (this.#incoming.complete && this.#incoming.readableLength === 0) || this.#incoming.destroyed;
	}

	#nothing(): Uint8Array | undefined {
		if (!this.#over) return new Uint8Array();
		if (!this.#incoming.complete) throw new IoError(GONE, GONE);
		return undefined;
	}

	#listen(): Bell {
		if (this.#bell) return this.#bell;
		const bell = new Bell();
		const ring = () => bell.ring();
		this.#incoming.on('readable', ring).on('close', ring).on('error', ring);
		this.#bell = bell;
		return bell;
	}
}

/** The body of a response, whose head goes with its first bytes. */
class ResponseBody implements Outgoing {
	readonly #outgoing: ServerResponse;
	readonly #begin: () => boolean;
	/** What was written last, where nothing has gone out yet: it may be all. */
	#held: Buffer | undefined;
	#bell: Bell | undefined;

	constructor(outgoing: ServerResponse, begin: () => boolean) {
		this.#outgoing = outgoing;
		this.#begin = begin;
	}

	room(): number | undefined {
		if (this.#outgoing.destroyed || ended(this.#outgoing)) return undefined;
		return Math.max(0, WINDOW - this.#outgoing.writableLength);
	}

	ready(): boolean {
		return this.room() !== 0;
	}

	watch(wake: () => void): () => void {
		return this.#listen().watch(wake);
	}

	write(bytes: Uint8Array): void {
		const kept = Buffer.from(bytes);
		if (this.#outgoing.headersSent || this.#held || bytes.length > SMALL) {
			this.#flush();
			this.#send(kept);
			return;
		}
		this.#held = kept;
		process.nextTick(() => this.#flush());
	}

	end(trailer?: string): void {
		const held = this.#held;
		this.#held = undefined;
		const bodied = this.#begin();
		const whole = trailer === undefined ? held : undefined;
		if (held && bodied && !whole) this.#outgoing.write(held);
		end(this.#outgoing, bodied ? trailer : undefined, bodied ? whole : undefined);
	}

	#flush(): void {
		const held = this.#held;
		this.#held = undefined;
		if (held) this.#send(held);
	}

	#send(bytes: Buffer): void {
		if (!this.#begin() || this.#outgoing.write(bytes)) return;
		// What follows is told when there is room again.
		this.#listen();
		this.#outgoing.setTimeout(STALL);
	}

	#listen(): Bell {
		if (this.#bell) return this.#bell;
		const bell = new Bell();
		this.#outgoing
			.on('close', () => bell.ring())
			.on('drain', () => {
				this.#outgoing.setTimeout(0);
				bell.ring();
			});
		this.#bell = bell;
		return bell;
	}
}

/** A call that is the exchange itself, for a cell which listens at the port of its container. Its heads need not be text. */
export class DirectCall implements Call {
	readonly request: RequestHead;
	readonly incoming: Incoming;
	readonly outgoing: Outgoing;
	readonly #incoming: IncomingMessage;
	readonly #outgoing: ServerResponse;
	readonly #container: string;
	#answered: ResponseHead | undefined;
	#bodied: boolean | undefined;

	constructor(incoming: IncomingMessage, outgoing: ServerResponse, request: RequestHead, {container, limit}: Bounds) {
		this.request = request;
		this.#incoming = incoming;
		this.#outgoing = outgoing;
		this.#container = container;
		this.incoming = new RequestBody(incoming, limit);
		this.outgoing = new ResponseBody(outgoing, () => this.#begin());
	}

	get untouched(): boolean {
		return !this.#answered && !this.#incoming.readableDidRead;
	}

	head(): string {
		return JSON.stringify(this.request);
	}

	reply(): Promise<string> {
		return Promise.reject(new Error('a request is answered, and gets no answer'));
	}

	answer(head: string): void {
		this.respond(JSON.parse(head));
	}

	/** `answer` with what the text would say. */
	respond(head: ResponseHead): void {
		this.#answered ??= head;
	}

	cancel(reason: string): void {
		if (!ended(this.#outgoing)) fail(this.#outgoing, reason);
	}

	onCancel(wake: (reason: string) => void): () => void {
		const outgoing = this.#outgoing;
		const gone = () => void (ended(outgoing) || wake(GONE));
		if (outgoing.destroyed) gone();
		outgoing.on('close', gone);
		return () => void outgoing.off('close', gone);
	}

	/** Writes the head, once; whether a body may follow. */
	#begin(): boolean {
		if (this.#bodied !== undefined) return this.#bodied;
		this.#bodied = false;
		try {
			if (this.#answered) this.#bodied = writeHead(this.#outgoing, this.#answered, this.#container).bodied;
		} catch (error) {
			fail(this.#outgoing, error);
		}
		return this.#bodied;
	}
}
