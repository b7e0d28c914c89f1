import {
	type CalleeValues,
	type CallerValues,
	calleeNeeds,
	callerNeeds,
	compileCallee,
	compileCaller,
	lifted,
	lowered,
} from '../abi/async/convert.ts';
import {blocking, direct} from '../abi/async/functions.ts';
import {Blocked, type Callee, type Scheduler, schedulerOf} from '../abi/async/scheduler.ts';
import {Subtask, states} from '../abi/async/subtask.ts';
import {cancelled, type Lifted, type OnCancel, type OnResolve, type OnStart, Task} from '../abi/async/thread.ts';
import {type Event, events, WaitableSet} from '../abi/async/waitable.ts';
import {entering, type Guest, type Store} from '../abi/store.ts';
import type {CanonOptions} from '../decode/ast.ts';
import {ForgeError} from '../error.ts';
import {errors} from '../errors.ts';
import {Trap} from '../trap.ts';
import type {FuncType} from '../types.ts';
import {bindings, type Code, once} from './bindings.ts';
import {callHost} from './host-calls.ts';
import {useTasks} from './threads.ts';
import type {CoreFunction, Frame, HostFunction, TaskFunction} from './values.ts';

/** `canon lift` of an async function. */
export function liftTask(store: Store, code: Code, frame: Frame, core: CoreFunction, type: FuncType, options: CanonOptions): TaskFunction {
	const {guest, spaces} = frame;
	useTasks(guest);
	const scheduler = schedulerOf(store);
	const bound = bindings(store, frame, options, calleeNeeds(type, options.async));
	const bind = once(code.functions, `callee ${type.key} ${options.async}`, () => compileCallee(type, options.async));
	const coreAt = (index: number | undefined): CoreFunction | undefined => (index === undefined ? undefined : spaces['core func'][index]);
	const lifting: Lifting = {
		// What was compiled is of this shape.
		convert: bind(...bound, undefined, undefined, [], undefined) as unknown as CalleeValues,
		callee: {core, guest, flat: lifted(type, options), promised: undefined},
		callback: callee(coreAt(options.callback), guest, {params: 'iii', results: 'i'}),
		post: coreAt(options.postReturn),
		returns: options.async,
		type,
		guest,
		async: true,
		exclusive: !options.async || options.callback !== undefined,
		encoding: options.encoding,
		memory: options.memory === undefined ? undefined : spaces['core memory'][options.memory],
	};
	return {
		from: 'task',
		type,
		call: (caller, onStart, onResolve, onRefused) => begin(scheduler, store, lifting, {caller, onStart, onResolve, onRefused}),
	};
}

const callee = (core: CoreFunction | undefined, guest: Guest, flat: Callee['flat']): Callee | undefined =>
	core === undefined ? undefined : {core, guest, flat, promised: undefined};

interface Lifting extends Lifted {
	readonly convert: CalleeValues;
	readonly callee: Callee;
	readonly callback: Callee | undefined;
	readonly post: CoreFunction | undefined;
}

interface Call {
	/** The guest that calls; undefined is the host. */
	readonly caller: Guest | undefined;
	readonly onStart: OnStart;
	readonly onResolve: OnResolve;
	/** Told of what harms nothing, where the host calls. */
	readonly onRefused: ((reason: unknown) => void) | undefined;
}

/** Begins a task, at once or when its turn comes. */
function begin(scheduler: Scheduler, store: Store, lifting: Lifting, call: Call): OnCancel {
	const gates = entering(lifting.guest, call.caller);
	const task = new Task(scheduler, lifting, call.onResolve);
	const enter = (): void => task.enter(() => start(scheduler, store, lifting, task, call));
	if (gates.every(gate => !gate.entered)) scheduler.run(task.thread, gates, enter);
	else if (call.caller !== undefined) throw new Trap('cannot enter component instance');
	else if (store.limits.overlap === 'fail') call.onRefused?.(errors.FORGE_INSTANCE_BUSY());
	else scheduler.park(task.thread, {ready: () => true, go: enter});
	return from => task.requestCancel(from);
}

/** The code of a task, from its arguments on. */
function start(scheduler: Scheduler, store: Store, lifting: Lifting, task: Task, {onStart, onRefused}: Call): void {
	const {convert, callee, callback, post, guest} = lifting;
	let args: unknown[];
	try {
		args = convert.lower(task, onStart());
	} catch (error) {
		const harmless = store.dead === undefined && error instanceof ForgeError && error.code === 'FORGE_VALUE_INVALID';
		if (!harmless || onRefused === undefined) throw error;
		guest.mayLeave = true;
		task.leave();
		onRefused(error);
		return;
	}
	scheduler.call(task.thread, callee, args, result => {
		if (callback !== undefined) return loop(scheduler, task, callback, result as number);
		if (!lifting.returns) {
			task.return(convert.lift(result));
			guest.mayLeave = false;
			post?.(...(callee.flat.results === '' ? [] : [result]));
			guest.mayLeave = true;
		}
		task.exit();
	});
}

const stopped: Event = [events.cancelled, 0, 0];
const nothing: Event = [events.none, 0, 0];

/** Does what a callback asked for: ends the task, or waits and calls it again. */
function loop(scheduler: Scheduler, task: Task, callback: Callee, packed: number): void {
	const again = (event: Event): void =>
		scheduler.call(task.thread, callback, event, result => loop(scheduler, task, callback, result as number));
	const code = packed & 15;
	if (code > 2) throw new Trap(`unsupported callback code ${code}`);
	if (code === 0) task.exit();
	else if (code === 1) task.wait(scheduler.yielded(), ended => again(ended ? stopped : nothing));
	else {
		const set = task.guest.handles.kept(packed >>> 4, WaitableSet);
		set.waiting++;
		const go = (ended: boolean): void => {
			set.waiting--;
			again(ended ? stopped : set.take());
		};
		task.wait(() => set.pending, go);
	}
}

/** `canon lower` of an async function: of a guest or of the host. */
export function lowerTask(store: Store, code: Code, frame: Frame, value: TaskFunction | HostFunction, options: CanonOptions): CoreFunction {
	const {guest} = frame;
	useTasks(guest);
	const {type} = value;
	const {async} = options;
	const scheduler = schedulerOf(store);
	const bound = bindings(store, frame, options, callerNeeds(type, async));
	const bind = once(code.functions, `caller ${type.key} ${async}`, () => compileCaller(type, async));
	// What was compiled is of this shape.
	const convert = bind(...bound, undefined, undefined, [], undefined) as unknown as CallerValues;
	const call: TaskFunction['call'] = value.from === 'host' ? (_, start, resolve) => callHost(store, value, start, resolve) : value.call;
	const body = (_: unknown, ...core: unknown[]): unknown => {
		const subtask = new Subtask(() => scheduler.pump());
		let result: unknown;
		const onStart = (): unknown[] => {
			subtask.progress(states.started);
			return convert.lift(subtask.lent ?? [], core);
		};
		const onResolve = (given: unknown): void => {
			if (given !== cancelled) result = convert.lower(given, core.at(-1));
			subtask.progress(given === cancelled ? subtask.state + 3 : states.returned);
		};
		subtask.onCancel = call(guest, onStart, onResolve, undefined);
		const finish = (): unknown => {
			subtask.deliver();
			return async ? states.returned : result;
		};
		if (subtask.resolved) return finish();
		if (!async) return new Blocked(() => subtask.resolved, finish);
		subtask.index = guest.handles.keep(subtask);
		return subtask.state | (subtask.index << 4);
	};
	return async ? direct(scheduler, guest, body) : blocking(scheduler, guest, lowered(type, async), body);
}
