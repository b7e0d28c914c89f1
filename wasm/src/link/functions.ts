import {lifted, lowered} from '../abi/async/convert.ts';
import {exit, next} from '../abi/async/shims.ts';
import {compileLift, compileLower, liftNeeds, lowerNeeds, price} from '../abi/functions.ts';
import type {GuestResource, Resource} from '../abi/handles.ts';
import {entering, type Guest, type Store} from '../abi/store.ts';
import type {CanonOptions} from '../decode/ast.ts';
import {noOptions} from '../decode/canon.ts';
import {Trap} from '../trap.ts';
import {type FuncType, types} from '../types.ts';
import {bindings, type Code, once} from './bindings.ts';
import {lowerTask} from './tasks.ts';
import {holding, synchronously} from './threads.ts';
import {mismatch} from './types.ts';
import type {CoreFunction, Frame, FunctionValue, GuestFunction, HostFunction, TaskFunction} from './values.ts';

/** `canon lift`: a component function over a core one. */
export function lift(store: Store, code: Code, frame: Frame, core: CoreFunction, type: FuncType, options: CanonOptions): GuestFunction {
	if (options.async) mismatch('the async option requires an async function type');
	const needs = once(code.needs, `lift ${type.key}`, () => liftNeeds(type));
	const bound = bindings(store, frame, options, needs);
	const post = options.postReturn === undefined ? undefined : frame.spaces['core func'][options.postReturn];
	const promising = promise(core);
	return {
		from: 'guest',
		type,
		get suspends() {
			return promising !== undefined && frame.guest.suspends;
		},
		for(caller) {
			const gates = entering(frame.guest, caller);
			const waits = this.suspends;
			const lifting = {gates: gates.length, throws: caller === undefined, waits, frees: post !== undefined};
			const key = `lift ${type.key} ${Object.values(lifting)}`;
			const bind = once(code.functions, key, () => compileLift(type, lifting));
			if (!frame.guest.tasks) return bind(...bound, waits ? promising : core, post, gates) as CoreFunction;
			const task = synchronously(store, frame.guest, {core, post}, lifted(type, options), waits);
			return bind(...bound, task.core, task.post, gates) as CoreFunction;
		},
	};
}

/** The function that may be suspended; only what WebAssembly exports can be. */
function promise(core: CoreFunction): CoreFunction | undefined {
	try {
		return WebAssembly.promising(core);
	} catch {
		return undefined;
	}
}

/** `canon lower`: a core function over a component one. */
export function lower(store: Store, code: Code, frame: Frame, value: FunctionValue, options: CanonOptions): CoreFunction {
	if (value.from === 'task' || value.type.async) return lowerTask(store, code, frame, task(value), options);
	if (options.async) mismatch('the async option requires an async function type');
	const {type, suspends} = value;
	const views = value.from === 'host' && value.views;
	const needs = once(code.needs, `lower ${type.key}`, () => lowerNeeds(type));
	const bound = bindings(store, frame, options, needs);
	const calling = value.from === 'host' ? value.calling : 'guest';
	const target = value.from === 'host' ? value.target : value.for(frame.guest);
	const self = value.from === 'host' ? value.self : undefined;
	const key = `lower ${type.key} ${calling} ${suspends} ${views}`;
	const bind = once(code.functions, key, () => compileLower(type, calling, {suspends, views}));
	const core = bind(...bound, target, undefined, [], self) as CoreFunction;
	if (!suspends) return core;
	frame.guest.suspends = true;
	return frame.guest.tasks ? holding(store, frame.guest, type, core) : patient(store, type, core);
}

/** A core function that suspends its guest where it returns a promise, and only there: each that is suspended at a time has a stack of its own. */
function patient(store: Store, type: FuncType, core: CoreFunction): CoreFunction {
	// A guest waits in one function at a time, so that nothing comes between the steps.
	let outcome: unknown;
	return exit(lowered(type, false), {
		start(...args) {
			outcome = core(...args);
			return outcome instanceof Promise;
		},
		// The end of the store is the end of the wait: for V8 a stack that nobody resumes is a root, with all that it leads to.
		suspend: () =>
			new Promise((resolve, reject) => {
				const lose = () => resolve(0);
				store.hopes.add(lose);
				const settle = (then: () => void) => {
					store.hopes.delete(lose);
					then();
				};
				(outcome as Promise<unknown>).then(
					value => {
						outcome = value;
						settle(lose);
					},
					error => settle(() => reject(error)),
				);
			}),
		again: () => (store.dead === undefined ? next.go : next.end),
		finish: () => outcome,
	}) as CoreFunction;
}

/** An async function, which a guest's is only as a task. */
const task = (value: FunctionValue): TaskFunction | HostFunction =>
	value.from === 'guest' ? mismatch('an async function was lifted as another') : value;

/** The core functions over a resource type that a component asks for. */
export function resourceFunction(
	op: 'resource.new' | 'resource.drop' | 'resource.rep',
	store: Store,
	guest: Guest,
	resource: Resource,
): CoreFunction {
	const run = {
		'resource.new': (rep: unknown) => guest.handles.addOwn(resource, rep),
		'resource.drop': (index: unknown) => guest.handles.drop(index as number, resource, guest),
		'resource.rep': (index: unknown) => guest.handles.get(index as number, resource).rep,
	}[op];
	return value => {
		try {
			store.pay(price.call);
			if (!guest.mayLeave && op !== 'resource.rep') throw new Trap('cannot leave component instance');
			return run(value);
		} catch (error) {
			throw store.kill(error);
		}
	};
}

/** What dropping an own handle of a guest's resource does: its destructor runs as a call into the guest that defined it. */
export function destructor(store: Store, code: Code, frame: Frame, dtor: CoreFunction | undefined): GuestResource['drop'] {
	const type = types.func(code, [['rep', types.primitive('s32')]], undefined);
	const lifted = dtor === undefined ? undefined : lift(store, code, frame, dtor, type, noOptions);
	const callers = new Map<unknown, CoreFunction>();
	return (rep, caller) => {
		if (lifted === undefined) return;
		const known = callers.get(caller) ?? lifted.for(caller as Guest | undefined);
		callers.set(caller, known);
		known(rep);
	};
}
