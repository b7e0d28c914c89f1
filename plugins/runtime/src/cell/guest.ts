import type {Call, CellHalf, Hosted} from '@forgeone/sdk/cell';
import type {Component, Instance, InterfaceMember, Passage} from '@forgeone/wasm';
import {errors} from '../errors.ts';
import type {Ending, Pulse, Task} from '../isolation.ts';
import {endingOf} from './ending.ts';

/** A component in its cell. */
export interface Guest {
	/** Runs a command to its end. */
	command(): Promise<Ending>;
	/**
	 * Has a server answer, in an instance that answers nobody else meanwhile, or waits for one. Where an instance fails that has answered before
	 * and nothing of the call was touched yet, it is tried once more in a new one; if that succeeds, the guest is one that answers once, and from
	 * then on each call has an instance of its own.
	 */
	serve(call: Call): Promise<void>;
	/** What it has now. */
	pulse(): Pick<Pulse, 'instances' | 'memory' | 'active' | 'fuel'>;
	/** Ends all instances; there will be no more. */
	close(): void;
}

/** How many calls one instance answers before it is replaced; and after how many, where half of its memory is taken by then: it may keep something of each. */
const REUSE = 10_000;
const LOOK = 1_000;

/** What one call may carry out of a guest, in bytes: the largest that there is takes a batch of eight megabytes to a store. */
const CARRIED = 9 * 2 ** 20;

/** How many things of the host's an instance may hold: room for all the files and sockets that it may have open, and the streams of these. */
const HANDLES = 8192;

/** An instance, and what turns calls into calls of it. */
interface Seat {
	readonly instance: Instance;
	readonly answer: (call: Call) => Promise<void>;
	uses: number;
}

/** Makes the guest of a task. Instances are made when they are needed. */
export function createGuest(task: Task, component: Component, halves: readonly CellHalf[], passage: Passage): Guest {
	const limits = {
		memoryBytes: task.memory,
		hostCallBytes: CARRIED,
		handles: HANDLES,
		passage,
		...(task.fuel === undefined ? {} : {fuel: task.fuel}),
	};
	const all = new Set<Instance>();
	const idle: Seat[] = [];
	const waiting: (() => void)[] = [];
	let taken = 0;
	let once = false;
	let spent = 0;
	let closed = false;

	async function instantiate(): Promise<{instance: Instance; hosted: readonly Hosted[]}> {
		// What the halves had of the machine is closed by then, and may be somebody else's.
		if (closed) throw errors.FORGE_CONTAINER_EXITED({container: task.container});
		const hosted = halves.map(half => half.host());
		const imports = Object.assign(Object.create(null), ...hosted.map(each => each.imports));
		const instance = await component.instantiate(imports, limits);
		all.add(instance);
		if (closed) instance.dispose();
		return {instance, hosted};
	}

	function exported(instance: Instance): Readonly<Record<string, InterfaceMember>> {
		const found = instance.interface(task.entry.interface);
		if (!found) throw new Error(`the component does not export ${task.entry.interface}`);
		return found;
	}

	async function sit(): Promise<Seat> {
		const {instance, hosted} = await instantiate();
		const name = task.entry.interface.replace(/@.*/, '');
		const server = hosted.map(({servers}) => servers?.[name]).find(server => server !== undefined);
		if (!server) throw new Error(`nothing in this cell serves ${name}`);
		return {instance, answer: server(exported(instance)), uses: 0};
	}

	/** Counts what a call has taken of the fuel that it was given. */
	function burn({fuel}: Instance): void {
		if (task.fuel !== undefined) spent += task.fuel - fuel;
	}

	function drop({instance}: Seat): void {
		all.delete(instance);
		instance.dispose();
	}

	/** Settles as `work` does, or with the deadline of a request. */
	function inTime(work: Promise<void>): Promise<void> {
		return new Promise((resolve, reject) => {
			const expire = () => reject(errors.FORGE_CONTAINER_DEADLINE({container: task.container, milliseconds: task.timeout}));
			const clock = setTimeout(expire, task.timeout);
			const settle = (then: () => void) => {
				clearTimeout(clock);
				then();
			};
			work.then(
				() => settle(resolve),
				error => settle(() => reject(error)),
			);
		});
	}

	/** Whether an instance has answered enough. */
	function worn({instance, uses}: Seat): boolean {
		return uses >= REUSE || (uses % LOOK === 0 && instance.memoryBytes > task.memory / 2);
	}

	/** Answers in a seat, which is not used again where it failed, or is worn. */
	async function attempt(call: Call, seat: Seat): Promise<void> {
		let whole = false;
		if (task.fuel !== undefined) seat.instance.fuel = task.fuel;
		seat.uses++;
		try {
			await inTime(seat.answer(call));
			whole = !once && !seat.instance.dead && !worn(seat);
		} finally {
			burn(seat.instance);
			if (whole) idle.push(seat);
			else drop(seat);
		}
	}

	async function answered(call: Call): Promise<void> {
		const seat = idle.pop();
		try {
			await attempt(call, seat ?? (await sit()));
		} catch (error) {
			if (!seat || once || !call.untouched) throw error;
			await attempt(call, await sit());
			once = true;
			for (const used of idle.splice(0)) drop(used);
		}
	}

	return {
		async command() {
			try {
				const {instance} = await instantiate();
				await Promise.try(() => exported(instance).run?.()).finally(() => burn(instance));
				return {code: 0};
			} catch (error) {
				return error instanceof Error && 'payload' in error ? {code: 1} : endingOf(error);
			}
		},
		async serve(call) {
			while (taken >= task.instances) await new Promise<void>(resolve => waiting.push(resolve));
			taken++;
			try {
				await answered(call);
			} finally {
				taken--;
				waiting.shift()?.();
			}
		},
		pulse() {
			const memory = [...all].reduce((sum, {memoryBytes}) => sum + memoryBytes, 0);
			return {instances: all.size, memory, active: taken + waiting.length, fuel: spent};
		},
		close() {
			closed = true;
			for (const instance of all) instance.dispose();
			all.clear();
		},
	};
}
