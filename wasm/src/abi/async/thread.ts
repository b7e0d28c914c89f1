import {Trap} from '../../trap.ts';
import type {FuncType} from '../../types.ts';
import type {Task as Borrowing} from '../handles.ts';
import {entering, type Guest, type Queue} from '../store.ts';

/** What a thread waits for. */
export interface Wait {
	/** Whether the thread could go on. */
	readonly ready: () => boolean;
	/** Goes on: to the end of the thread's turn, or, where `later`, from a later microtask on. */
	readonly go: (cancelled: boolean) => void;
	readonly later?: boolean;
	readonly cancellable?: boolean;
}

/** Who lets threads take turns. */
interface Turns {
	/** Has a thread wait. */
	park(thread: Thread, wait: Wait): void;
	/** Whether a thread waits in a way that a cancellation ends. */
	cancellable(thread: Thread): boolean;
	/** Ends the wait of a thread: it goes on, cancelled, within the present turn. */
	cancel(thread: Thread, gates: readonly Guest[]): void;
}

/** A thread of execution within a task: it runs, waits, or has ended. */
export class Thread {
	readonly task: Task;
	/** What the guest keeps for it. */
	readonly context: number[] = [0, 0];
	/** The instances that its turn entered. */
	gates: readonly Guest[] = [];
	/** Whether it keeps them entered while it waits, as a host function does that is not async. */
	holds = false;
	/** Whether its turn began when it was resumed, and not within another's. */
	resumed = false;
	/** Takes the result of the core function that it runs. */
	done: ((result: unknown) => void) | undefined;
	readonly #entering: readonly Guest[];

	constructor(task: Task) {
		this.task = task;
		this.#entering = entering(task.guest, undefined);
	}

	/** The instances that have to be entered for it to go on. */
	entering(): readonly Guest[] {
		return this.#entering;
	}
}

/** What gives a task its arguments when it begins. */
export type OnStart = () => unknown[];
/** What takes a task's result; `cancelled` where it has none. */
export type OnResolve = (result: unknown) => void;
/** Asks a task to end early, as if from the guest that called it. */
export type OnCancel = (caller: Guest) => void;

/** In place of a result. */
export const cancelled = Symbol('cancelled');

/** How a task was lifted. */
export interface Lifted {
	readonly type: FuncType;
	readonly guest: Guest;
	/** Whether the type is one of an async function. */
	readonly async: boolean;
	/** Whether it returns by `task.return`. */
	readonly returns: boolean;
	/** Whether only one such task may run at a time. */
	readonly exclusive: boolean;
	readonly encoding: string;
	readonly memory: unknown;
}

/** A call into a component instance. */
export class Task implements Borrowing {
	readonly lifted: Lifted;
	readonly queue: Queue;
	readonly thread: Thread;
	borrows = 0;
	state: 'initial' | 'started' | 'pending cancel' | 'cancel delivered' | 'resolved' = 'initial';
	readonly #turns: Turns;
	readonly #onResolve: OnResolve;

	constructor(turns: Turns, lifted: Lifted, onResolve: OnResolve) {
		this.lifted = lifted;
		this.queue = queueOf(lifted.guest);
		this.thread = new Thread(this);
		this.#turns = turns;
		this.#onResolve = onResolve;
	}

	get guest(): Guest {
		return this.lifted.guest;
	}

	get async(): boolean {
		return this.lifted.async;
	}

	/** Calls `begin` when the instance lets a new task in; not at all if the task is cancelled before. */
	enter(begin: () => void): void {
		const {queue, thread, lifted} = this;
		const full = (): boolean => queue.backpressure > 0 || (lifted.exclusive && queue.exclusive !== undefined);
		const enter = (): void => {
			if (lifted.exclusive) queue.exclusive = thread;
			this.state = 'started';
			begin();
		};
		if (!full() && queue.entering === 0) {
			enter();
			return;
		}
		queue.entering++;
		this.#turns.park(thread, {
			ready: () => !full(),
			cancellable: true,
			go: stopped => {
				queue.entering--;
				if (stopped) this.cancel();
				else enter();
			},
		});
	}

	/** Lets others run until `ready`, then goes on, as the only one of its kind. */
	wait(ready: () => boolean, go: (cancelled: boolean) => void): void {
		const {queue, thread} = this;
		queue.exclusive = undefined;
		this.#turns.park(thread, {
			ready: () => queue.exclusive === undefined && (this.state === 'pending cancel' || ready()),
			cancellable: true,
			go: stopped => {
				queue.exclusive = thread;
				const pending = this.state === 'pending cancel';
				if (pending) this.state = 'cancel delivered';
				go(stopped || pending);
			},
		});
	}

	/** Asks it to end early: at once where it waits and can be told, else when it next waits. */
	requestCancel(caller: Guest): void {
		const {thread, queue} = this;
		if (this.state === 'initial') {
			this.state = 'cancel delivered';
			this.#turns.cancel(thread, []);
			return;
		}
		const gates = entering(this.guest, caller);
		const free = queue.exclusive === undefined && this.#turns.cancellable(thread) && gates.every(gate => !gate.entered);
		this.state = free ? 'cancel delivered' : 'pending cancel';
		if (free) this.#turns.cancel(thread, gates);
	}

	/** Hands over the result. */
	return(result: unknown): void {
		if (this.state === 'resolved') throw new Trap('task has returned already');
		this.#resolve(result);
	}

	/** Ends without a result, which is only for a task that was asked to. */
	cancel(): void {
		if (this.state !== 'cancel delivered') throw new Trap('task was not asked to cancel');
		this.#resolve(cancelled);
	}

	#resolve(result: unknown): void {
		if (this.borrows !== 0) throw new Trap('borrow handles still remain at the end of the call');
		this.#onResolve(result);
		this.state = 'resolved';
	}

	/** The end of its code. */
	exit(): void {
		if (this.state !== 'resolved') throw new Trap('task ended without a result');
		this.leave();
	}

	/** Lets the next one in. */
	leave(): void {
		if (this.queue.exclusive === this.thread) this.queue.exclusive = undefined;
	}
}

/** What a guest keeps for its tasks. */
export function queueOf(guest: Guest): Queue {
	guest.queue ??= {backpressure: 0, entering: 0, exclusive: undefined};
	return guest.queue;
}
