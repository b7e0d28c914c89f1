import {Trap} from '../../trap.ts';

/** What a guest is told of a waitable. */
export const events = {
	none: 0,
	subtask: 1,
	'stream read': 2,
	'stream write': 3,
	'future read': 4,
	'future write': 5,
	cancelled: 6,
} as const;

/** An event as the guest gets it: code, index, payload. */
export type Event = readonly [code: number, index: number, payload: number];

/** What a sync or async call returns that could not end at once. */
export const blocked = 0xffff_ffff | 0;

/** Something in a handle table that events come from, of which the last one waits to be taken. */
export class Waitable {
	#event: (() => Event) | undefined;
	#set: WaitableSet | undefined;
	/** Whether a thread waits for it, and for nothing else. */
	waited = false;
	/** Told when an event comes. */
	readonly #pump: () => void;

	constructor(pump: () => void) {
		this.#pump = pump;
	}

	get pending(): boolean {
		return this.#event !== undefined;
	}

	get joined(): boolean {
		return this.#set !== undefined;
	}

	/** Replaces the event that was not taken yet; it is made when it is. */
	notify(event: () => Event): void {
		this.#event = event;
		this.#set?.ready.add(this);
		this.#pump();
	}

	/** Takes the event, which there must be. */
	take(): Event {
		const event = this.#event as () => Event;
		this.#event = undefined;
		this.#set?.ready.delete(this);
		return event();
	}

	/** Moves it into a set, or out of any. */
	join(set: WaitableSet | undefined): void {
		if (this.waited) throw new Trap('cannot join a waitable that a thread waits for');
		this.#set?.remove(this);
		this.#set = set;
		set?.add(this);
		this.#pump();
	}

	/** Its end. */
	drop(): void {
		this.join(undefined);
	}
}

/** Waitables that a thread can wait for together. */
export class WaitableSet {
	readonly #members = new Set<Waitable>();
	/** The members with an event. */
	readonly ready = new Set<Waitable>();
	/** How many threads wait for it. */
	waiting = 0;

	add(waitable: Waitable): void {
		this.#members.add(waitable);
		if (waitable.pending) this.ready.add(waitable);
	}

	remove(waitable: Waitable): void {
		this.#members.delete(waitable);
		this.ready.delete(waitable);
	}

	get pending(): boolean {
		return this.ready.size > 0;
	}

	/** The event that waited longest; none where there is none. */
	take(): Event {
		for (const waitable of this.ready) return waitable.take();
		return [events.none, 0, 0];
	}

	/** Its end, which comes only when nothing is in it and nobody waits for it. */
	drop(): void {
		if (this.#members.size > 0) throw new Trap('cannot drop a waitable set with waitables in it');
		if (this.waiting > 0) throw new Trap('cannot drop a waitable set that a thread waits for');
	}
}
