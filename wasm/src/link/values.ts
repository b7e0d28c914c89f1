import type {OnCancel, OnResolve, OnStart} from '../abi/async/thread.ts';
import type {Calling} from '../abi/functions.ts';
import type {Resource} from '../abi/handles.ts';
import type {Guest} from '../abi/store.ts';
import type {ComponentNode, Def, Sort} from '../decode/ast.ts';
import type {Marks} from '../marks.ts';
import type {FuncType, ValueType} from '../types.ts';

// A function of core WebAssembly or one that stands for it: V8 converts what it is given.
export type CoreFunction = (...args: unknown[]) => unknown;

/** A component function that a host implements. */
export interface HostFunction extends Marks {
	readonly from: 'host';
	readonly type: FuncType;
	readonly calling: Calling;
	/** The function, the class, or the name of the method. */
	readonly target: unknown;
	/** What `this` is in it. */
	readonly self: unknown;
}

/** A component function that a guest implements; made anew for each caller, since what it enters depends on that. */
export interface GuestFunction {
	readonly from: 'guest';
	readonly type: FuncType;
	/** The function for a caller: another guest, or the host. A `result` comes as a value, not thrown. */
	readonly for: (caller: Guest | undefined) => CoreFunction;
	/** Whether calls of it return promises. */
	readonly suspends: boolean;
}

/** An async function that a guest implements. */
export interface TaskFunction {
	readonly from: 'task';
	readonly type: FuncType;
	/** Begins a call by a guest, or by the host, which is told where it was refused and harmed nothing. */
	readonly call: (
		caller: Guest | undefined,
		onStart: OnStart,
		onResolve: OnResolve,
		onRefused: ((reason: unknown) => void) | undefined,
	) => OnCancel;
}

/** A component function. */
export type FunctionValue = HostFunction | GuestFunction | TaskFunction;

/** What an index of a type stands for. */
export type TypeValue =
	| {readonly kind: 'value'; readonly type: ValueType}
	| {readonly kind: 'func'; readonly type: FuncType}
	| {readonly kind: 'resource'; readonly resource: Resource}
	| {readonly kind: 'instance' | 'component'; readonly defs: readonly Def[]; readonly frame: Frame};

/** A component together with the scope that it was defined in. */
export interface ComponentValue {
	readonly node: ComponentNode;
	readonly frame: Frame | undefined;
}

/** Anything with a name. */
export interface Item {
	readonly sort: Sort;
	readonly value: unknown;
}

/** An instance of a component: its exports by name. */
export type InstanceValue = ReadonlyMap<string, Item>;

/** What each index space holds. */
export interface Spaces {
	readonly 'core func': CoreFunction[];
	readonly 'core table': WebAssembly.Table[];
	readonly 'core memory': WebAssembly.Memory[];
	readonly 'core global': WebAssembly.Global[];
	readonly 'core tag': WebAssembly.Tag[];
	readonly 'core type': undefined[];
	readonly 'core module': number[];
	readonly 'core instance': WebAssembly.ModuleImports[];
	readonly func: FunctionValue[];
	readonly value: never[];
	readonly type: TypeValue[];
	readonly component: ComponentValue[];
	readonly instance: InstanceValue[];
}

/** The index spaces of one component instance, or of the type of one, while it is linked. */
export interface Frame {
	readonly parent: Frame | undefined;
	readonly guest: Guest;
	readonly spaces: Spaces;
}

/** A frame with nothing in it. */
export const frame = (parent: Frame | undefined, guest: Guest): Frame => ({
	parent,
	guest,
	spaces: {
		'core func': [],
		'core table': [],
		'core memory': [],
		'core global': [],
		'core tag': [],
		'core type': [],
		'core module': [],
		'core instance': [],
		func: [],
		value: [],
		type: [],
		component: [],
		instance: [],
	},
});
