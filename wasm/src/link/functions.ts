import {compileLift, compileLower, liftNeeds, lowerNeeds, type Needs} from '../abi/functions.ts';
import type {GuestResource, Resource} from '../abi/handles.ts';
import {Views} from '../abi/memory.ts';
import {entering, type Guest, type Store} from '../abi/store.ts';
import {encodings} from '../abi/strings.ts';
import type {CanonOptions} from '../decode/ast.ts';
import {Trap} from '../trap.ts';
import {carriedBy, type FuncType, type Interned, mentioned, types} from '../types.ts';
import {mismatch} from './types.ts';
import {absent, unsupported} from './unsupported.ts';
import type {CoreFunction, Frame, FunctionValue, GuestFunction} from './values.ts';

type Bind = ReturnType<typeof compileLift>;

/** What all instances of a component share: compiled functions and their needs by signature, and the numbers of shapes. */
export interface Code extends Interned {
	readonly functions: Map<string, Bind>;
	readonly needs: Map<string, Needs>;
}

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
	const found = known.get(key);
	if (found !== undefined) return found;
	const made = make();
	known.set(key, made);
	return made;
}

const viewsOf = new WeakMap<WebAssembly.Memory, Views>();

/** The views of a memory, the same for all functions over it. */
function views(memory: WebAssembly.Memory): Views {
	const known = viewsOf.get(memory);
	if (known !== undefined) return known;
	const made = new Views(memory);
	viewsOf.set(memory, made);
	return made;
}

/** The arguments that bind a compiled function to an instance, up to what it calls. */
function bindings(store: Store, {guest, spaces}: Frame, options: CanonOptions, needs: Needs): unknown[] {
	const memory = options.memory === undefined ? undefined : spaces['core memory'][options.memory];
	const realloc = options.realloc === undefined ? undefined : spaces['core func'][options.realloc];
	if (needs.memory && memory === undefined) mismatch('a function with strings, lists or many values has no memory');
	if (needs.realloc && realloc === undefined) mismatch('a function with strings or lists has no realloc');
	const strings = encodings[options.encoding];
	return [store, guest, memory === undefined ? undefined : views(memory), realloc, strings.lift, strings.lower, store.resources];
}

function supported(type: FuncType): FuncType {
	const found = mentioned(carriedBy(type)).find(({kind}) => absent.includes(kind));
	if (found !== undefined) throw unsupported(`${found.kind} values`);
	return type;
}

/** `canon lift`: a component function over a core one. */
export function lift(store: Store, code: Code, frame: Frame, core: CoreFunction, type: FuncType, options: CanonOptions): GuestFunction {
	const needs = once(code.needs, `lift ${type.key}`, () => liftNeeds(supported(type)));
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
			return bind(...bound, waits ? promising : core, post, gates) as CoreFunction;
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
	const {type, suspends} = value;
	const views = value.from === 'host' && value.views;
	const needs = once(code.needs, `lower ${type.key}`, () => lowerNeeds(supported(type)));
	const bound = bindings(store, frame, options, needs);
	const calling = value.from === 'host' ? value.calling : 'guest';
	const target = value.from === 'host' ? value.target : value.for(frame.guest);
	const self = value.from === 'host' ? value.self : undefined;
	const key = `lower ${type.key} ${calling} ${suspends} ${views}`;
	const bind = once(code.functions, key, () => compileLower(type, calling, {suspends, views}));
	const core = bind(...bound, target, undefined, [], self) as CoreFunction;
	if (!suspends) return core;
	frame.guest.suspends = true;
	// Core modules take it for a function, and nothing else is done with it.
	return new WebAssembly.Suspending(core) as unknown as CoreFunction;
}

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
			if (!guest.mayLeave && op !== 'resource.rep') throw new Trap('cannot leave component instance');
			return run(value);
		} catch (error) {
			throw store.kill(error);
		}
	};
}

const noOptions: CanonOptions = {encoding: 'utf8', memory: undefined, realloc: undefined, postReturn: undefined};

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
