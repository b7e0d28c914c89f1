import {ForgeError} from '../error.ts';
import {errors} from '../errors.ts';
import {fatal} from '../trap.ts';
import {Fuel} from './fuel.ts';
import type {Handles, Resource} from './handles.ts';

/** Counts what goes between guests and the host; several instances may share one. */
export interface Passage {
	/** How many bytes may go before somebody looks. */
	left: number;
	/** Called before the byte goes after which there are fewer than none left. What it throws ends the instance. */
	look(): void;
}

/** What an instance may use; what is left out has the default. */
export interface Limits {
	/** All memories together; each gets its initial size and an equal share of the rest. Without it, each has its own maximum. */
	readonly memoryBytes?: number;
	/** Elements of each table. */
	readonly tableElements?: number;
	/** Core module instances. */
	readonly instances?: number;
	readonly memories?: number;
	readonly tables?: number;
	/** Live handles of each component instance. */
	readonly handles?: number;
	/** Tasks that are suspended at once, each with a stack of its own. */
	readonly tasks?: number;
	/** Bytes that one call may carry out of the guest, checked before they are allocated; what it only shows counts nothing. */
	readonly hostCallBytes?: number;
	/** What counts the bytes of all calls, those that are only shown as well. */
	readonly passage?: Passage;
	/**
	 * Instructions, about, that it may run in all, start functions included, and what the host does for it in their stead; for a component that was
	 * loaded as `metered`. Runs out at the same place each time.
	 */
	readonly fuel?: number;
	/** What becomes of a call into an instance that is suspended: it waits for its turn, or fails with `FORGE_INSTANCE_BUSY`. */
	readonly overlap?: 'queue' | 'fail';
}

/** The limits where none are given. */
const defaults: Required<Limits> = {
	memoryBytes: Number.POSITIVE_INFINITY,
	tableElements: 1_000_000,
	instances: 256,
	memories: 16,
	tables: 64,
	handles: 100_000,
	tasks: 1_000,
	hostCallBytes: 128 * 2 ** 20,
	passage: {left: Number.POSITIVE_INFINITY, look: () => undefined},
	fuel: Number.MAX_SAFE_INTEGER,
	overlap: 'queue',
};

/** One component instance: its handles, and whether it runs or may call out. */
export interface Guest {
	readonly parent: Guest | undefined;
	readonly handles: Handles;
	entered: boolean;
	mayLeave: boolean;
	/** Whether it can call what suspends it, so that calls of it return promises. */
	suspends: boolean;
	/** Whether it uses the async ABI, so that its calls are tasks. */
	tasks: boolean;
	/** Whether it can call what has a task wait. */
	blocks: boolean;
	/** Made for its first task. */
	queue: Queue | undefined;
}

/** What of a component instance only the async ABI uses. */
export interface Queue {
	/** How many have asked that no new task begins. */
	backpressure: number;
	/** The tasks that wait to begin. */
	entering: number;
	/** The thread that alone may run, of those which cannot run beside others. */
	exclusive: object | undefined;
}

/** A component instance in which nothing has happened yet. */
export const newGuest = (parent: Guest | undefined, handles: Handles): Guest => ({
	parent,
	handles,
	entered: false,
	mayLeave: true,
	suspends: false,
	tasks: false,
	blocks: false,
	queue: undefined,
});

/** What the instances made from one component share: their life, their limits, their resources. */
export class Store {
	/** What ended it; a dead store is never entered again. */
	dead: Error | undefined;
	/** Bytes that the current call may still carry out. */
	left: number;
	/** What a call may carry out of the guest, and from one of its components to another. */
	readonly budget: number;
	readonly between: number;
	readonly limits: Required<Limits>;
	readonly passage: Passage;
	readonly resources: Resource[] = [];
	readonly memories: WebAssembly.Memory[] = [];
	/** One table for each component instance. */
	readonly handles: Handles[] = [];
	tables = 0;
	instances = 0;
	readonly fuel: Fuel;
	readonly #metered: boolean;
	/** The calls that wait for another to end. */
	readonly waiting: (() => void)[] = [];
	/** Told when it ends: what of the host waits for a guest. */
	readonly hopes = new Set<(reason: Error) => void>();
	/** Whether the reason is yet to come. */
	doomed = false;

	constructor(limits: Limits, metered: boolean) {
		this.#metered = metered;
		// A limit that is given as undefined is one that is not given.
		const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
		this.limits = {...defaults, ...Object.fromEntries(given)};
		this.budget = this.limits.hostCallBytes;
		this.between = Math.max(this.budget, defaults.hostCallBytes);
		this.left = this.budget;
		this.passage = this.limits.passage;
		this.fuel = new Fuel(this.limits.fuel);
	}

	/** Counts one more of what is limited. */
	count(what: 'instances' | 'tables' | 'memories', before: number): void {
		const limit = this.limits[what];
		if (before >= limit) throw errors.FORGE_LIMIT_COUNT({limit, what});
	}

	/** Takes fuel for what the host does, where the guest has any. */
	pay(units: number): void {
		if (this.#metered) this.fuel.left -= units;
	}

	overBudget(limit = this.budget): never {
		throw errors.FORGE_LIMIT_COUNT({limit, what: 'bytes in one call'});
	}

	/** Says why a call cannot begin. */
	refuse(): never {
		if (this.dead !== undefined) throw errors.FORGE_INSTANCE_DEAD({reason: this.dead.message}, {cause: this.dead});
		throw errors.FORGE_INSTANCE_BUSY();
	}

	/** Ends the store for a reason, unless it had ended; the error that callers get. */
	kill(reason: unknown): Error {
		if (this.dead !== undefined && (!this.doomed || reason === this.dead)) return this.dead;
		this.doomed = false;
		this.dead = this.#burnt(reason) ? errors.FORGE_FUEL_EXHAUSTED({cause: reason}) : fatal(reason);
		for (const resume of this.waiting.splice(0)) resume();
		for (const lose of this.hopes) lose(this.dead);
		this.hopes.clear();
		return this.dead;
	}

	/** Ends the store where V8 will tell the reason in a moment. */
	doom(): Error {
		if (this.dead === undefined) this.doomed = true;
		this.dead ??= fatal(new Error('a task trapped'));
		return this.dead;
	}

	#burnt(reason: unknown): boolean {
		return reason instanceof WebAssembly.RuntimeError && this.fuel.left < 0;
	}

	/** Resolves when a call has ended that was in the way. Calls of the host may fail instead; those between guests were let in already. */
	turn(host: boolean): Promise<void> {
		if (host && this.limits.overlap === 'fail') throw errors.FORGE_INSTANCE_BUSY();
		return new Promise(resume => this.waiting.push(resume));
	}

	/** Lets the call that waits longest try again. */
	next(): void {
		this.waiting.shift()?.();
	}

	/** A call that failed: a wrong argument leaves the guest as it was, all else ends it. */
	failed(reason: unknown, guest: Guest, entered: readonly Guest[]): unknown {
		const harmless = this.dead === undefined && reason instanceof ForgeError && reason.code === 'FORGE_VALUE_INVALID';
		if (!harmless) return this.kill(reason);
		for (const gate of entered) gate.entered = false;
		guest.mayLeave = true;
		this.next();
		return reason;
	}
}

/** The component instances that a call enters: the callee and those around it, but for the caller and those around that. */
export function entering(callee: Guest, caller: Guest | undefined): Guest[] {
	const around = new Set<Guest>();
	for (let guest = caller; guest !== undefined; guest = guest.parent) around.add(guest);
	const entered: Guest[] = [];
	for (let guest: Guest | undefined = callee; guest !== undefined; guest = guest.parent) {
		if (!around.has(guest)) entered.push(guest);
	}
	return entered;
}
