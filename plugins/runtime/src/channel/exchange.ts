import type {KernelCall} from '@forgeone/sdk';
import {Bell, type Call, CallCancelled, type Incoming, IoError, type Outgoing, until} from '@forgeone/sdk/cell';
import {Arriving} from './arriving.ts';
import {type Frame, PIECE, short, TEXT} from './frame.ts';
import {Waiting, WINDOW, weight} from './waiting.ts';

/** How much is read before the writer hears of it. */
const NOTICE = WINDOW / 4;

/** The most that the kernel reads of a call at once. */
const READ = 1024 * 1024;

/** One side of a call, as cell halves and as kernel halves see it. */
export class Exchange implements Call, KernelCall {
	readonly #call: number;
	readonly #head: string;
	readonly #send: (frame: Frame) => void;
	readonly #over: () => void;
	readonly #keep: (bytes: number) => void;
	readonly #bell = new Bell();
	readonly #reply = Promise.withResolvers<string>();
	readonly #waiting = new Waiting();
	#texts = 0;
	#unsaid = 0;
	#credit = WINDOW;
	#answered = false;
	#touched = false;
	#ended = false;
	#complete = false;
	#reason: string | undefined;
	#trailer: string | undefined;

	readonly incoming: Incoming;
	readonly outgoing: Outgoing;

	/**
	 * `over` is called once, when nothing more will be said of it by either side; `keep`, with how many bytes more, or less, of what the other
	 * side said are kept until then. It may throw.
	 */
	constructor(call: number, head: string, send: (frame: Frame) => void, over: () => void, keep: (bytes: number) => void) {
		this.#call = call;
		this.#head = head;
		this.#send = send;
		this.#over = over;
		this.#keep = keep;
		this.#reply.promise.catch(() => undefined);
		this.incoming = new Arriving(
			{
				ready: () => !this.#waiting.empty || this.#complete || this.#reason !== undefined,
				watch: this.#bell.watch,
				read: most => this.#read(most),
			},
			() => this.#trailer,
		);
		this.outgoing = {
			ready: () => this.#credit > 0 || this.#ended || this.#reason !== undefined,
			watch: this.#bell.watch,
			room: () => (this.#ended || this.#reason !== undefined ? undefined : Math.min(Math.max(this.#credit, 0), PIECE)),
			write: bytes => this.#write(bytes),
			end: trailer => this.finish(trailer),
		};
	}

	get untouched(): boolean {
		return !this.#answered && !this.#touched && !this.#ended;
	}

	head(): string {
		return this.#head;
	}

	reply(): Promise<string> {
		return this.#reply.promise;
	}

	answer(head: string): void {
		if (this.#answered || this.#reason !== undefined) return;
		this.#answered = true;
		this.#send({kind: 'answer', call: this.#call, head: short(head)});
	}

	/** Answers at once what has come. */
	read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
		const read = () => {
			try {
				return this.incoming.read(READ);
			} catch (error) {
				throw error instanceof IoError ? new CallCancelled(String(error.cause)) : error;
			}
		};
		return this.incoming.ready() ? read() : until(this.incoming).then(read);
	}

	trailer(): string | undefined {
		return this.#trailer;
	}

	/** Settles when the bytes are on their way, which may change then. */
	async write(bytes: Uint8Array): Promise<void> {
		for (let at = 0; at < bytes.length; ) {
			if (!this.outgoing.ready()) await until(this.outgoing);
			const room = this.outgoing.room();
			if (room === undefined) throw new CallCancelled(this.#reason ?? 'it has ended');
			const piece = bytes.subarray(at, at + room);
			this.#write(piece);
			at += piece.length;
		}
	}

	finish(trailer?: string): void {
		if (this.#ended || this.#reason !== undefined) return;
		this.#ended = true;
		this.#send({kind: 'end', call: this.#call, trailer: trailer === undefined ? undefined : short(trailer)});
		this.#settle();
	}

	cancel(reason: string): void {
		if (this.#finished) return;
		this.#send({kind: 'cancel', call: this.#call, reason: reason.slice(0, TEXT / 4)});
		this.#fail(reason);
	}

	async cancelled(): Promise<string | undefined> {
		if (!this.#finished) await until({ready: () => this.#finished, watch: this.#bell.watch});
		return this.#reason;
	}

	onCancel(wake: (reason: string) => void): () => void {
		if (this.#reason !== undefined) wake(this.#reason);
		if (this.#finished) return () => undefined;
		const end = this.#bell.watch(() => {
			if (this.#reason === undefined) return;
			end();
			wake(this.#reason);
		});
		return end;
	}

	/** Takes what the other side said. Throws on what it may not say. */
	take(frame: Frame): void {
		switch (frame.kind) {
			case 'answer':
				if (this.#answered) throw new Error('a second answer');
				this.#answered = true;
				this.keepText(frame.head);
				this.#reply.resolve(frame.head);
				break;
			case 'data':
				if (this.#complete) throw new Error('bytes after their end');
				this.#keep(this.#waiting.push(frame.bytes));
				break;
			case 'credit':
				if (frame.bytes === 0) throw new Error('room for nothing');
				this.#credit += frame.bytes;
				if (this.#credit > WINDOW) throw new Error('more room than there is');
				break;
			case 'end':
				if (this.#complete) throw new Error('a second end');
				this.#complete = true;
				this.#trailer = frame.trailer;
				this.keepText(frame.trailer ?? '');
				this.#settle();
				break;
			case 'cancel':
				this.#fail(frame.reason);
				break;
			case 'open':
				throw new Error('a call that is open already');
		}
		this.#bell.ring();
	}

	/** Counts a text of the other side as kept. */
	keepText(text: string): void {
		this.#texts += text.length;
		this.#keep(text.length);
	}

	/** The other side is gone. */
	lose(reason: string): void {
		if (!this.#finished) this.#fail(reason);
	}

	get #finished(): boolean {
		return this.#reason !== undefined || (this.#ended && this.#complete);
	}

	#settle(): void {
		if (this.#ended && this.#complete) this.#close();
	}

	#close(): void {
		// An error costs more than all else about a small call.
		if (!this.#answered) this.#reply.reject(new CallCancelled(this.#reason ?? 'it ended without an answer'));
		this.#keep(-this.#waiting.held - this.#texts);
		this.#over();
		this.#bell.ring();
	}

	#fail(reason: string): void {
		this.#reason = reason;
		this.#close();
	}

	#write(bytes: Uint8Array): void {
		if (this.#ended || this.#reason !== undefined) throw new IoError('the call has ended', this.#reason);
		if (bytes.length === 0) return;
		this.#credit -= weight(bytes);
		this.#send({kind: 'data', call: this.#call, bytes});
	}

	#read(most: number): Uint8Array | undefined {
		this.#touched = true;
		const {empty} = this.#waiting;
		// What came before a call was cancelled is still there to be read.
		if (empty && this.#reason !== undefined) throw new IoError(this.#reason, this.#reason);
		if (empty) return this.#complete ? undefined : new Uint8Array();
		const {bytes, weight: read} = this.#waiting.read(most);
		this.#notice(read);
		return bytes;
	}

	#notice(read: number): void {
		if (!this.#finished) this.#keep(-read);
		this.#unsaid += read;
		if (this.#complete || this.#reason !== undefined || this.#unsaid < NOTICE) return;
		this.#send({kind: 'credit', call: this.#call, bytes: this.#unsaid});
		this.#unsaid = 0;
	}
}
