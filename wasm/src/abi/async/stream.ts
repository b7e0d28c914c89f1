import {Trap} from '../../trap.ts';
import type {ElementType} from '../../types.ts';
import {type Buffer, carry, plain, remaining} from './buffer.ts';
import {type Event, Waitable} from './waitable.ts';

/** How a copy ended. */
export const results = {completed: 0, dropped: 1, cancelled: 2} as const;

/** Told that elements were copied, and how to take the buffer back, which else takes more. */
export type OnCopy = (reclaim: () => void) => void;
/** Told that the copy has ended. */
export type OnDone = (result: number) => void;

/** What the end to read from needs of what is behind it: a guest, or the host. */
export interface Readable {
	readonly type: ElementType | undefined;
	/** Takes elements into a buffer; one call at a time. */
	read(to: Buffer, onCopy: OnCopy, onDone: OnDone): void;
	/** Ends the copy that was begun and not done. */
	cancel(): void;
	/** Nobody will read on. */
	drop(): void;
}

interface Pending {
	readonly buffer: Buffer;
	readonly onCopy: OnCopy;
	readonly onDone: OnDone;
}

/** What both ends of a guest's stream or future share: whichever side comes first waits here for the other. */
abstract class Shared implements Readable {
	readonly type: ElementType | undefined;
	protected dropped = false;
	protected pending: Pending | undefined;

	constructor(type: ElementType | undefined) {
		this.type = type;
	}

	abstract read(to: Buffer, onCopy: OnCopy, onDone: OnDone): void;
	abstract write(from: Buffer, onCopy: OnCopy, onDone: OnDone): void;

	protected readonly reset = (): void => {
		this.pending = undefined;
	};

	protected notify(result: number): void {
		const {pending} = this;
		this.pending = undefined;
		pending?.onDone(result);
	}

	cancel(): void {
		this.notify(results.cancelled);
	}

	drop(): void {
		if (this.dropped) return;
		this.dropped = true;
		this.notify(results.dropped);
	}

	/** Refuses what the specification does not allow yet. */
	protected distinct(one: Buffer, other: Buffer): void {
		if (one.guest !== undefined && one.guest === other.guest && !plain(this.type)) {
			throw new Trap('cannot read from and write to intra-component stream or future of other than numbers');
		}
	}
}

/** What the ends of a guest's stream share. */
export class SharedStream extends Shared {
	read(to: Buffer, onCopy: OnCopy, onDone: OnDone): void {
		this.#meet(to, onCopy, onDone, from => carry(from, to, Math.min(remaining(from), remaining(to)), this.type), false);
	}

	write(from: Buffer, onCopy: OnCopy, onDone: OnDone): void {
		this.#meet(from, onCopy, onDone, to => carry(from, to, Math.min(remaining(from), remaining(to)), this.type), true);
	}

	/** Copies between a buffer and the one that waits, or has it wait in turn. */
	#meet(buffer: Buffer, onCopy: OnCopy, onDone: OnDone, copy: (other: Buffer) => void, writes: boolean): void {
		const {pending} = this;
		if (this.dropped) onDone(results.dropped);
		else if (pending === undefined) this.#wait(buffer, onCopy, onDone);
		else if (remaining(pending.buffer) > 0) {
			this.distinct(buffer, pending.buffer);
			if (remaining(buffer) > 0) {
				copy(pending.buffer);
				pending.onCopy(this.reset);
			}
			onDone(results.completed);
		} else if (writes && buffer.length === 0 && pending.buffer.length === 0) onDone(results.completed);
		else {
			this.distinct(buffer, pending.buffer);
			this.notify(results.completed);
			this.#wait(buffer, onCopy, onDone);
		}
	}

	#wait(buffer: Buffer, onCopy: OnCopy, onDone: OnDone): void {
		this.pending = {buffer, onCopy, onDone};
	}
}

/** What the ends of a guest's future share. */
export class SharedFuture extends Shared {
	read(to: Buffer, onCopy: OnCopy, onDone: OnDone): void {
		this.#meet(to, onCopy, onDone, from => carry(from, to, 1, this.type));
	}

	write(from: Buffer, onCopy: OnCopy, onDone: OnDone): void {
		if (this.dropped) onDone(results.dropped);
		else this.#meet(from, onCopy, onDone, to => carry(from, to, 1, this.type));
	}

	#meet(buffer: Buffer, onCopy: OnCopy, onDone: OnDone, copy: (other: Buffer) => void): void {
		const {pending} = this;
		if (pending === undefined) {
			this.pending = {buffer, onCopy, onDone};
			return;
		}
		this.distinct(buffer, pending.buffer);
		copy(pending.buffer);
		this.notify(results.completed);
		onDone(results.completed);
	}
}

/** One end of a stream or future, in a guest's handle table. */
export abstract class End extends Waitable {
	abstract readonly shared: Readable;
	state: 'idle' | 'copying' | 'cancelling' | 'done' = 'idle';

	get copying(): boolean {
		return this.state === 'copying' || this.state === 'cancelling';
	}

	/** Begins a copy; `event` makes what the guest is told of its end. */
	copy(begin: (onCopy: OnCopy, onDone: OnDone) => void, event: (result: number) => Event): void {
		this.state = 'copying';
		begin(
			reclaim =>
				this.notify(() => {
					reclaim();
					return event(results.completed);
				}),
			result => this.notify(() => event(result)),
		);
	}

	override drop(): void {
		if (this.copying) throw new Trap('cannot drop a stream or future in the middle of a copy');
		this.shared.drop();
		super.drop();
	}
}

abstract class ReadableEnd extends End {
	readonly shared: Readable;

	constructor(pump: () => void, shared: Readable) {
		super(pump);
		this.shared = shared;
	}
}

abstract class WritableEnd extends End {
	readonly shared: Shared;

	constructor(pump: () => void, shared: Shared) {
		super(pump);
		this.shared = shared;
	}
}

/** The end of a stream to read from. */
export class ReadableStreamEnd extends ReadableEnd {}

/** The end of a stream to write to. */
export class WritableStreamEnd extends WritableEnd {}

/** The end of a future to read from. */
export class ReadableFutureEnd extends ReadableEnd {}

/** The end of a future to write to: a value has to be written. */
export class WritableFutureEnd extends WritableEnd {
	override drop(): void {
		if (this.state !== 'done') throw new Trap('cannot drop future write end without first writing a value');
		super.drop();
	}
}
