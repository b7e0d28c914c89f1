import {errors} from '../../errors.ts';
import {Trap} from '../../trap.ts';
import type {Guest, Store} from '../store.ts';
import {entry, type Flat} from './shims.ts';
import type {Thread, Wait} from './thread.ts';

/** Told by a function that may have to wait: until when, and what it then gives. */
export class Blocked {
	readonly ready: () => boolean;
	readonly finish: () => unknown;
	/** Whether the instance stays entered meanwhile. */
	readonly holds: boolean;

	constructor(ready: () => boolean, finish: () => unknown, holds = false) {
		this.ready = ready;
		this.finish = finish;
		this.holds = holds;
	}
}

/** A core function and how to call it so that it can be suspended, where it can. */
export interface Callee {
	readonly core: (...args: unknown[]) => unknown;
	readonly flat: Flat;
	readonly guest: Guest;
	/** Made when it is first called. */
	promised: ((...args: unknown[]) => Promise<unknown>) | undefined;
}

/** How many turns there are before other work of the process is seen to. */
const inRow = 256;

/** Lets the threads of one store take turns: one runs until it waits or ends, and none is entered where another runs. */
export class Scheduler {
	/** The thread whose turn it is. */
	current: Thread | undefined;
	readonly #store: Store;
	/** In the order in which they began to wait. */
	readonly #waiting = new Map<Thread, Wait>();
	readonly #suspended = new Map<number, Suspended>();
	#numbers = 0;
	#planned = false;
	#turns = 0;

	constructor(store: Store) {
		this.#store = store;
		// Stacks that are not run to their end are never freed by V8.
		store.hopes.add(() => {
			for (const wait of this.#waiting.values()) if (wait.later) wait.go(true);
			this.#waiting.clear();
		});
	}

	/** Whether its store is dead. */
	get ended(): boolean {
		return this.#store.dead !== undefined;
	}

	/** The running thread, which must be one of the guest that asks. */
	running(guest: Guest): Thread {
		if (this.#store.dead !== undefined) throw this.#store.dead;
		if (this.current?.task.guest !== guest) throw new Trap('no task is running');
		return this.current;
	}

	/** Runs a part of a thread within the present turn, with these instances entered. */
	run<T>(thread: Thread, gates: readonly Guest[], body: () => T): T {
		const before = this.current;
		this.#enter(thread, gates);
		try {
			return body();
		} finally {
			this.current = before;
			this.#leave(thread);
		}
	}

	#enter(thread: Thread, gates: readonly Guest[]): void {
		for (const gate of gates) gate.entered = true;
		thread.gates = gates;
		this.current = thread;
	}

	#leave(thread: Thread): void {
		if (thread.holds) return;
		for (const gate of thread.gates) gate.entered = false;
		thread.gates = [];
		if (this.#store.waiting.length > 0) this.#store.next();
		this.pump();
	}

	/** Ends the turn of a thread that was suspended before: nothing of this package is below it on the stack. */
	#over(thread: Thread): void {
		if (!thread.resumed) return;
		thread.resumed = false;
		this.current = undefined;
		this.#leave(thread);
	}

	/** Has a thread wait, which then goes on by a call of `go`. */
	park(thread: Thread, wait: Wait): void {
		this.#waiting.set(thread, wait);
		this.pump();
	}

	/** Has the thread wait until the events that are already due have been seen to. */
	yielded(): () => boolean {
		let due = false;
		setImmediate(() => {
			due = true;
			this.pump();
		});
		return () => due;
	}

	/** Whether a thread waits in a way that a cancellation ends. */
	cancellable(thread: Thread): boolean {
		return this.#waiting.get(thread)?.cancellable === true;
	}

	/** Ends the wait of a thread: it goes on, cancelled, within the present turn. */
	cancel(thread: Thread, gates: readonly Guest[]): void {
		const wait = this.#waiting.get(thread);
		this.#waiting.delete(thread);
		this.run(thread, gates, () => wait?.go(true));
	}

	/** Sees to it that a thread goes on which now may. */
	pump(): void {
		if (this.#planned || this.#waiting.size === 0) return;
		this.#planned = true;
		const tick = (): void => {
			this.#planned = false;
			if (this.#store.dead === undefined) this.#tick();
		};
		// Guests that keep each other busy may not keep the host from its own work.
		if (++this.#turns % inRow === 0) setImmediate(tick);
		else queueMicrotask(tick);
	}

	#tick(): void {
		for (const [thread, wait] of this.#waiting) {
			if (!wait.ready() || !this.#enterable(thread)) continue;
			this.#waiting.delete(thread);
			this.pump();
			if (wait.later) wait.go(false);
			else this.#turn(thread, wait);
			return;
		}
	}

	/** A turn, from which no error goes further: it ends the store. */
	#turn(thread: Thread, wait: Wait): void {
		try {
			this.run(thread, thread.entering(), () => wait.go(false));
		} catch (error) {
			this.#store.kill(error);
		}
	}

	#enterable(thread: Thread): boolean {
		if (thread.holds || thread.entering().every(gate => !gate.entered)) return true;
		// A call that is no thread's is in the way: when it ends, it calls whoever waits for that.
		if (!this.#store.waiting.includes(this.#retry)) this.#store.waiting.push(this.#retry);
		return false;
	}

	readonly #retry = (): void => {
		this.pump();
		this.#store.next();
	};

	/** Calls a core function as the running thread; `done` gets its result, now or in a later turn. */
	call(thread: Thread, callee: Callee, args: readonly unknown[], done: (result: unknown) => void): void {
		if (!callee.guest.blocks && !callee.guest.suspends) {
			done(callee.core(...args));
			return;
		}
		callee.promised ??= entry(callee.flat, callee.core, result => this.#returned(result));
		thread.done = done;
		const ended = callee.promised(...args);
		ended.catch(error => this.#store.kill(error));
		if (thread.done !== undefined && !this.#waiting.has(thread)) throw this.#store.doom();
	}

	#returned(result: unknown): void {
		const thread = this.current as Thread;
		const {done} = thread;
		thread.done = undefined;
		try {
			done?.(result);
		} catch (error) {
			throw this.#store.kill(error);
		}
		this.#over(thread);
	}

	/** Runs what a guest called: what it throws ends the store. */
	fatally<T>(body: () => T): T {
		try {
			return body();
		} catch (error) {
			throw this.#store.kill(error);
		}
	}

	/** Takes note of what the running thread waits for: a number to `suspend` it by. */
	block(thread: Thread, blocked: Blocked): number {
		if (!thread.task.async && !blocked.holds) throw new Trap('cannot block a synchronous task before returning');
		const limit = this.#store.limits.tasks;
		if (this.#suspended.size >= limit) throw errors.FORGE_LIMIT_COUNT({limit, what: 'suspended tasks'});
		thread.holds = blocked.holds;
		this.#suspended.set(++this.#numbers, {thread, blocked});
		return this.#numbers;
	}

	#blocked(number: number): Suspended {
		// Only numbers that `block` gave come back.
		return this.#suspended.get(number) as Suspended;
	}

	/** The promise for which a thread is suspended; its turn is over. */
	suspend(number: number): Promise<number> {
		const {thread, blocked} = this.#blocked(number);
		return new Promise(resolve => {
			this.park(thread, {ready: blocked.ready, later: true, go: () => resolve(number)});
			this.#over(thread);
		});
	}

	/** Begins the turn of a thread that was suspended, and gives what it waited for; undefined where it has to wait again. */
	resume(number: number): (() => unknown) | undefined {
		const {thread, blocked} = this.#blocked(number);
		if (!blocked.ready() || !this.#enterable(thread)) return undefined;
		this.#suspended.delete(number);
		thread.resumed = true;
		this.#enter(thread, thread.holds ? thread.gates : thread.entering());
		thread.holds = false;
		return blocked.finish;
	}
}

interface Suspended {
	readonly thread: Thread;
	readonly blocked: Blocked;
}

const schedulers = new WeakMap<Store, Scheduler>();

/** The scheduler of a store, made when something first asks for it. */
export function schedulerOf(store: Store): Scheduler {
	const known = schedulers.get(store);
	if (known !== undefined) return known;
	const made = new Scheduler(store);
	schedulers.set(store, made);
	return made;
}
