import {errors} from '../errors.ts';
import {Trap} from '../trap.ts';
import type {ResourceType} from '../types.ts';

/** A resource of the host: the class that was given for it, if any. Its representation is the host's object. */
export interface HostResource extends ResourceType {
	readonly owner: undefined;
	readonly drop: (rep: unknown) => void;
}

/** A resource of a guest: the component instance that defined it. Its representation is an i32. */
export interface GuestResource extends ResourceType {
	readonly owner: object;
	/** The class of its handles in JavaScript. */
	readonly handle: new (
		held: Held,
	) => GuestHandle;
	/** Calls the destructor as if from `caller`, the component instance that drops; undefined is the host. */
	readonly drop: (rep: unknown, caller: object | undefined) => void;
}

/** Either kind of resource. */
export type Resource = HostResource | GuestResource;

/** What a guest's resource is in JavaScript: its type and number, and whether it may still be used. */
export interface Held {
	readonly resource: GuestResource;
	readonly rep: number;
	/** Whether to drop it is up to the holder. */
	readonly own: boolean;
	live: boolean;
}

/** A call that lowered borrows into an instance, each of which the callee must drop before it returns. */
export interface Task {
	borrows: number;
}

interface Entry {
	/** Undefined where the handle is of no resource but of the async ABI. */
	readonly resource: Resource | undefined;
	readonly rep: unknown;
	/** The call that a borrow belongs to; undefined in an own handle. */
	readonly task: Task | undefined;
	lends: number;
}

/** The handle of one component instance lent for a call. */
export type Lent = Entry;

/** The base of every class that stands for a guest's resource in JavaScript. */
export class GuestHandle {
	readonly #held: Held;

	constructor(held: Held) {
		this.#held = held;
	}

	/** What a live handle object stands for; refuses any other value. */
	static held(value: unknown, resource: Resource): Held {
		const found = typeof value === 'object' && value !== null && #held in value ? value.#held : undefined;
		if (found === undefined || found.resource !== resource) {
			throw errors.FORGE_VALUE_INVALID({expected: `a handle of resource "${resource.name}"`, found: typeof value});
		}
		if (found.live) return found;
		throw errors.FORGE_VALUE_INVALID({expected: `a live handle of "${resource.name}"`, found: 'one dropped or moved'});
	}

	/** Drops the resource, unless it was dropped or moved before, or is only borrowed. */
	[Symbol.dispose](): void {
		if (!this.#held.live) return;
		this.#held.live = false;
		if (this.#held.own) this.#held.resource.drop(this.#held.rep, undefined);
	}
}

const most = 2 ** 28 - 1;

/** The handle table of one component instance, as the canonical ABI has it: index 0 stays empty, the last freed index is used first. */
export class Handles {
	readonly #entries: (Entry | undefined)[] = [undefined];
	readonly #free: number[] = [];
	readonly #limit: number;

	constructor(limit = most) {
		this.#limit = Math.min(limit, most);
	}

	#add(entry: Entry): number {
		const free = this.#free.pop();
		if (free !== undefined) {
			this.#entries[free] = entry;
			return free;
		}
		if (this.#entries.length > this.#limit) throw errors.FORGE_LIMIT_COUNT({limit: this.#limit, what: 'handles'});
		return this.#entries.push(entry) - 1;
	}

	/** The entry of a handle of this type; traps otherwise. */
	get(index: number, resource: Resource): Entry {
		const entry = this.#entries[index >>> 0];
		if (entry === undefined) throw new Trap(`unknown handle index ${index >>> 0}`);
		if (entry.resource !== resource) throw new Trap(`handle ${index} is not of resource "${resource.name}"`);
		return entry;
	}

	#remove(index: number, resource: Resource): Entry {
		const entry = this.get(index, resource);
		if (entry.lends !== 0) throw new Trap(`handle ${index} is lent`);
		this.#empty(index >>> 0);
		return entry;
	}

	#empty(index: number): void {
		this.#entries[index] = undefined;
		this.#free.push(index);
	}

	/** Puts in what is no resource: of the async ABI. */
	keep(value: object): number {
		return this.#add({resource: undefined, rep: value, task: undefined, lends: 0});
	}

	/** What was put in by `keep`, of this class; traps otherwise. */
	kept<T>(index: number, type: abstract new (...args: never[]) => T): T {
		const entry = this.#entries[index >>> 0];
		if (entry?.rep instanceof type && entry.resource === undefined) return entry.rep;
		throw new Trap(entry === undefined ? `unknown handle index ${index >>> 0}` : `handle ${index} is of another kind`);
	}

	/** Takes out what `kept` gives. */
	release<T>(index: number, type: abstract new (...args: never[]) => T): T {
		const value = this.kept(index, type);
		this.#empty(index >>> 0);
		return value;
	}

	addOwn(resource: Resource, rep: unknown): number {
		return this.#add({resource, rep, task: undefined, lends: 0});
	}

	/** Removes and drops: the own handle's resource ends, the borrow's call has one less. */
	drop(index: number, resource: Resource, caller: object): void {
		const {task, rep} = this.#remove(index, resource);
		if (task === undefined) resource.drop(rep, caller);
		else task.borrows--;
	}

	/** Drops what is held of the host's, the latest first, for the instance has ended. What guests defined is not dropped: none of them runs any more. */
	end(): void {
		for (const entry of this.#entries.splice(1).reverse()) {
			if (entry?.resource?.owner === undefined && entry?.task === undefined) entry?.resource?.drop(entry.rep);
		}
	}

	/** Takes an own handle out as a value of JavaScript. */
	liftOwn(index: number, resource: Resource): unknown {
		if (this.get(index, resource).task !== undefined) throw new Trap(`handle ${index} is a borrow, an own one is needed`);
		return toValue(resource, this.#remove(index, resource).rep, true);
	}

	/** Lends a handle as a value of JavaScript, until the call ends that `lent` belongs to. */
	liftBorrow(index: number, resource: Resource, lent: Lent[]): unknown {
		const entry = this.get(index, resource);
		entry.lends++;
		lent.push(entry);
		return toValue(resource, entry.rep, false);
	}

	/** Puts in an own handle for a value of JavaScript, which is spent thereby. */
	lowerOwn(resource: Resource, value: unknown): number {
		if (resource.owner === undefined) return this.addOwn(resource, object(value, resource));
		const what = GuestHandle.held(value, resource);
		if (!what.own) throw errors.FORGE_VALUE_INVALID({expected: `an own handle of "${resource.name}"`, found: 'a borrowed one'});
		what.live = false;
		return this.addOwn(resource, what.rep);
	}

	/** Puts in a borrow for a call; the instance that defined the resource gets the representation itself. */
	lowerBorrow(resource: Resource, value: unknown, task: Task, instance: object): number {
		const rep = resource.owner === undefined ? object(value, resource) : GuestHandle.held(value, resource).rep;
		if (resource.owner === instance) return rep as number;
		task.borrows++;
		return this.#add({resource, rep, task, lends: 0});
	}
}

function object(value: unknown, resource: Resource): unknown {
	if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
	throw errors.FORGE_VALUE_INVALID({expected: `an object for resource "${resource.name}"`, found: typeof value});
}

function toValue(resource: Resource, rep: unknown, own: boolean): unknown {
	if (resource.owner === undefined) return rep;
	return new resource.handle({resource, rep: rep as number, own, live: true});
}

/** Ends the lending of handles when a call is over. */
export function unlend(lent: readonly Lent[]): void {
	for (const entry of lent) entry.lends--;
}
