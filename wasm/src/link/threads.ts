import {lowered} from '../abi/async/convert.ts';
import {blocking} from '../abi/async/functions.ts';
import {Blocked, type Callee, schedulerOf} from '../abi/async/scheduler.ts';
import {Task, Thread} from '../abi/async/thread.ts';
import type {Guest, Store} from '../abi/store.ts';
import type {Def} from '../decode/ast.ts';
import {errors} from '../errors.ts';
import type {FuncType} from '../types.ts';
import type {CoreFunction} from './values.ts';

/** Whether a component's own definitions use the async ABI, which makes all of its functions tasks. */
export function usesTasks({defs}: {readonly defs: readonly Def[]}): boolean {
	return defs.some(def => {
		if (def.op === 'builtin') return true;
		if (def.op === 'lift' || def.op === 'lower') return def.options.async;
		if (def.op !== 'type') return false;
		return def.type.kind === 'func' ? def.type.async : def.type.kind === 'instance' && usesTasks(def.type);
	});
}

/** Has a guest's functions be tasks from now on, of which only types from elsewhere told. */
export function useTasks(guest: Guest): void {
	if (!guest.tasks && guest.suspends) {
		throw errors.FORGE_COMPONENT_UNSUPPORTED({feature: 'host functions that suspend beside async functions of an outer type', where: ''});
	}
	guest.tasks = true;
}

const synchronous = (guest: Guest): Task['lifted'] => ({
	type: {params: [], result: undefined, async: false, key: ''},
	guest,
	async: false,
	returns: false,
	exclusive: false,
	encoding: '',
	memory: undefined,
});

/** Runs a part of a guest with a task of its own that may not wait. */
export function within<T>(store: Store, guest: Guest, body: () => T): T {
	const scheduler = schedulerOf(store);
	const {thread} = new Task(scheduler, synchronous(guest), () => {});
	return scheduler.run(thread, [], body);
}

/** The core functions of one lifted function. */
interface Lifted {
	readonly core: CoreFunction;
	readonly post: CoreFunction | undefined;
}

/** The same core functions, called as a task which may not wait, but for host functions that suspend it. */
export function synchronously(store: Store, guest: Guest, {core, post}: Lifted, flat: Callee['flat'], waits: boolean): Lifted {
	const scheduler = schedulerOf(store);
	const callee: Callee = {core, guest, flat, promised: undefined};
	let {thread} = new Task(scheduler, synchronous(guest), () => {});
	const run = <T>(body: () => T): T => scheduler.run(thread, [], body);
	const called = (args: readonly unknown[]): Promise<unknown> =>
		new Promise((resolve, reject) => {
			store.hopes.add(reject);
			const done = (result: unknown): void => {
				store.hopes.delete(reject);
				resolve(result);
			};
			run(() => scheduler.call(thread, callee, args, done));
		});
	return {
		core(...args) {
			thread = new Thread(thread.task);
			return waits ? called(args) : run(() => core(...args));
		},
		// What frees the result is part of the same task.
		post: post === undefined ? undefined : result => run(() => post(result)),
	};
}

/** A lowered function of the host that may suspend the guest though it is not async: nothing of the instance runs meanwhile. */
export function holding(store: Store, guest: Guest, type: FuncType, core: CoreFunction): CoreFunction {
	const scheduler = schedulerOf(store);
	return blocking(scheduler, guest, lowered(type, false), (_: unknown, ...args: unknown[]) => {
		const returned = core(...args);
		if (!(returned instanceof Promise)) return returned;
		let settled = false;
		let result: unknown;
		returned.then(
			value => {
				settled = true;
				result = value;
				scheduler.pump();
			},
			error => store.kill(error),
		);
		return new Blocked(
			() => settled,
			() => result,
			true,
		);
	});
}
