import type {KernelCall} from '@forgeone/sdk';
import {Bell, type Call, type Incoming, IoError, type Outgoing, until} from '@forgeone/sdk/cell';
import {Arriving, type Bytes, Leaving, readFrom, writeTo} from './bytes.ts';
import {type Frame, PIECE, short, TEXT} from './frame.ts';
import {Joint, type Through} from './joint.ts';
import {Reply} from './reply.ts';
import {Waiting, WINDOW, weight} from './waiting.ts';

/** How much is read before the writer hears of it. */
const NOTICE = WINDOW / 4;

/** The channel of an exchange. */
export interface Way {
	send(frame: Frame): void;
	/** Nothing more will be said of this call by either side; once. */
	over(call: number): void;
	/** So many bytes more, or less, of what the other side said are kept until then. It may throw. */
	keep(bytes: number): void;
}

/** One side of a call, as cell halves and as kernel halves see it. What few calls need is made when it is needed. */
export class Exchange implements Call, KernelCall, Bytes {
	readonly call: number;
	readonly #head: string;
	readonly #way: Way;
	readonly #reply = new Reply();
	readonly #waiting = new Waiting();
	#bell: Bell | undefined;
	#settled: (() => void) | undefined;
	#joint: Joint | undefined;
	#texts = 0;
	#unsaid = 0;
	#credit = WINDOW;
	#answered = false;
	#touched = false;
	#ended = false;
	#complete = false;
	#reason: string | undefined;
	#trailer: string | undefined;

	readonly incoming: Incoming = new Arriving(this);
	readonly outgoing: Outgoing = new Leaving(this);

	constructor(call: number, head: string, way: Way) {
		this.call = call;
		this.#head = head;
		this.#way = way;
	}

	get untouched(): boolean {
		return !this.#answered && !this.#touched && !this.#ended;
	}

	head(): string {
		return this.#head;
	}

	reply(): Promise<string> {
		return this.#reply.promise();
	}

	answer(head: string): void {
		if (this.#answered || this.#reason !== undefined) return;
		this.#answered = true;
		this.#way.send({kind: 'answer', call: this.call, head: short(head)});
	}

	read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
		return readFrom(this.incoming);
	}

	trailer(): string | undefined {
		return this.#trailer;
	}

	write(bytes: Uint8Array): Promise<void> {
		return writeTo(this.outgoing, bytes);
	}

	finish(trailer?: string): void {
		if (this.#ended || this.#reason !== undefined) return;
		this.#ended = true;
		this.#way.send({kind: 'end', call: this.call, trailer: trailer === undefined ? undefined : short(trailer)});
		this.#settle();
	}

	cancel(reason: string): void {
		if (this.#finished) return;
		this.#way.send({kind: 'cancel', call: this.call, reason: reason.slice(0, TEXT / 4)});
		this.#fail(reason);
	}

	async cancelled(): Promise<string | undefined> {
		if (!this.#finished) await until({ready: () => this.#finished, watch: wake => this.watch(wake)});
		return this.#reason;
	}

	onCancel(wake: (reason: string) => void): () => void {
		if (this.#reason !== undefined) wake(this.#reason);
		if (this.#finished) return () => undefined;
		const end = this.watch(() => {
			if (this.#reason === undefined) return;
			end();
			wake(this.#reason);
		});
		return end;
	}

	/** Calls `then` once nothing more will be said of it by either side; for one who asks, once. */
	onOver(then: () => void): void {
		if (this.#finished) then();
		else this.#settled = then;
	}

	async join(to: KernelCall, through: Through): Promise<boolean> {
		if (!(to instanceof Exchange)) return false;
		to.#passTo(new Joint(this, through));
		// One that has failed meanwhile takes nothing.
		if (!to.#finished) this.#passTo(new Joint(to));
		await new Promise<void>(resolve => this.onOver(resolve));
		return true;
	}

	watch(wake: () => void): () => void {
		this.#bell ??= new Bell();
		return this.#bell.watch(wake);
	}

	came(): boolean {
		return !this.#waiting.empty || this.#complete || this.#reason !== undefined;
	}

	take(most: number): Uint8Array | undefined {
		this.#touched = true;
		const {empty} = this.#waiting;
		// What came before a call was cancelled is still there to be read.
		if (empty && this.#reason !== undefined) throw new IoError(this.#reason, this.#reason);
		if (empty) return this.#complete ? undefined : new Uint8Array();
		const {bytes, weight: read} = this.#waiting.read(most);
		this.#notice(read);
		return bytes;
	}

	room(): number | undefined {
		return this.#ended || this.#reason !== undefined ? undefined : Math.min(Math.max(this.#credit, 0), PIECE);
	}

	put(bytes: Uint8Array): void {
		if (this.#ended || this.#reason !== undefined) throw new IoError('the call has ended', this.#reason);
		if (bytes.length === 0) return;
		this.#credit -= weight(bytes);
		this.#way.send({kind: 'data', call: this.call, bytes});
	}

	release(bytes: number): void {
		this.#waiting.release(bytes);
		this.#notice(bytes);
	}

	/** Hears what the other side said. Throws on what it may not say. */
	hear(frame: Frame): void {
		switch (frame.kind) {
			case 'answer':
				if (this.#answered) throw new Error('a second answer');
				this.#answered = true;
				this.keepText(frame.head);
				this.#reply.come(frame.head);
				break;
			case 'data':
				if (this.#complete) throw new Error('bytes after their end');
				this.#way.keep(this.#joint ? this.#waiting.pass(frame.bytes) : this.#waiting.push(frame.bytes));
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
				break;
			case 'cancel':
				this.#fail(frame.reason);
				return;
			case 'open':
				throw new Error('a call that is open already');
		}
		this.#joint?.pass(frame);
		if (frame.kind === 'end') this.#settle();
		this.#bell?.ring();
	}

	/** Counts a text of the other side as kept. */
	keepText(text: string): void {
		this.#texts += text.length;
		this.#way.keep(text.length);
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
		if (!this.#answered) this.#reply.fail(this.#reason ?? 'it ended without an answer');
		this.#way.keep(-this.#waiting.held - this.#texts);
		this.#way.over(this.call);
		this.#settled?.();
		this.#bell?.ring();
	}

	#fail(reason: string): void {
		this.#reason = reason;
		this.#close();
		this.#joint?.pass({kind: 'cancel', call: this.call, reason});
	}

	#notice(read: number): void {
		if (!this.#finished) this.#way.keep(-read);
		this.#unsaid += read;
		if (this.#complete || this.#reason !== undefined || this.#unsaid < NOTICE) return;
		this.#way.send({kind: 'credit', call: this.call, bytes: this.#unsaid});
		this.#unsaid = 0;
	}

	/** All that comes goes on from now on, and what has come so far. */
	#passTo(joint: Joint): void {
		const call = this.call;
		this.#joint = joint;
		if (this.#reply.head !== undefined) joint.pass({kind: 'answer', call, head: this.#reply.head});
		for (const bytes of this.#waiting.handOn()) joint.pass({kind: 'data', call, bytes});
		if (this.#complete) joint.pass({kind: 'end', call, trailer: this.#trailer});
		if (this.#reason !== undefined) joint.pass({kind: 'cancel', call, reason: this.#reason});
	}
}
