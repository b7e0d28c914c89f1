import {GuestHandle, type GuestResource, Handles} from '../abi/handles.ts';
import {type Guest, newGuest, type Store} from '../abi/store.ts';
import type {Bounds, ComponentNode, Def, ExternDef, Named, Sort} from '../decode/ast.ts';
import {errors} from '../errors.ts';
import {camelCase} from '../names.ts';
import type {Code} from './bindings.ts';
import {builtin} from './builtins.ts';
import {type CompiledModule, coreExport, instantiateCore} from './core.ts';
import {destructor, lift, lower, resourceFunction} from './functions.ts';
import {hostFunction, hostResource, property} from './host.ts';
import {liftTask} from './tasks.ts';
import {usesTasks, within} from './threads.ts';
import {funcTypeAt, mismatch, resolveType, resourceAt, scopeAt} from './types.ts';
import {type ComponentValue, type Frame, frame, type InstanceValue, type Item, type Spaces, type TypeValue} from './values.ts';

/** What one instantiation needs. */
export interface Linking {
	readonly store: Store;
	readonly code: Code;
	readonly modules: readonly CompiledModule[];
	/** The most pages for the next memory. */
	readonly pages: (memory: Bounds) => number;
	/** The host's object for an import of the root: an interface's, or what holds the world's own functions. */
	readonly host: (name: string, sort: Sort) => unknown;
}

function put(to: Frame, {sort, value}: Item): void {
	// Each sort's space takes what its definitions make, by construction.
	(to.spaces[sort] as unknown[]).push(value);
}

function get<S extends Sort>(from: Frame, sort: S, index: number): Spaces[S][number] {
	const found = from.spaces[sort][index];
	if (found === undefined && sort !== 'core type') return mismatch(`${sort} ${index} is not defined yet`);
	return found as Spaces[S][number];
}

const items = (from: Frame, all: readonly Named[]): Map<string, Item> =>
	new Map(all.map(([name, sort, index]) => [name, {sort, value: get(from, sort, index)}]));

function outer(from: Frame, count: number): Frame {
	let found = from;
	for (let i = 0; i < count; i++) found = found.parent ?? mismatch('alias reaches outside of the component');
	return found;
}

/** Instantiates a component: evaluates its definitions in order. `args` are its imports; the root's come from the host. */
export function instantiate(
	linking: Linking,
	{node, frame: parent}: ComponentValue,
	args: InstanceValue | undefined,
	owner?: Guest,
): Map<string, Item> {
	const handles = new Handles(linking.store.limits.handles);
	linking.store.handles.push(handles);
	const here = frame(parent, newGuest(owner, handles));
	here.guest.tasks = usesTasks(node);
	const exports = new Map<string, Item>();
	for (const def of node.defs) {
		const item = evaluate(linking, here, def, args);
		put(here, item);
		if (def.op === 'export') exports.set(def.name, item);
	}
	return exports;
}

type Evaluators = {
	readonly [Op in Def['op']]: (
		linking: Linking,
		here: Frame,
		def: Extract<Def, {readonly op: Op}>,
		args: InstanceValue | undefined,
	) => Item;
};

const resources = ({store}: Linking, here: Frame, def: Extract<Def, {readonly resource: number}>): Item => {
	const resource = resourceAt(here, def.resource);
	return {sort: 'core func', value: resourceFunction(def.op, store, here.guest, resource)};
};

/** What each definition makes. */
const evaluators: Evaluators = {
	'core module': (_, __, def) => ({sort: 'core module', value: def.module}),
	'core instantiate': ({store, modules, pages}, here, def) => {
		const module = modules[get(here, 'core module', def.module)] as CompiledModule;
		const args = new Map(def.args.map(([name, instance]) => [name, get(here, 'core instance', instance)]));
		const make = (): WebAssembly.ModuleImports => instantiateCore(store, module, args, pages);
		return {sort: 'core instance', value: here.guest.tasks ? within(store, here.guest, make) : make()};
	},
	'core bundle': (_, here, def) => {
		const value: WebAssembly.ModuleImports = Object.create(null);
		for (const [name, sort, index] of def.exports) value[name] = get(here, sort, index);
		return {sort: 'core instance', value};
	},
	'core type': () => ({sort: 'core type', value: undefined}),
	component: (_, here, def) => ({sort: 'component', value: {node: def.component, frame: here}}),
	instantiate: (linking, here, def) => {
		const component = get(here, 'component', def.component);
		return {sort: 'instance', value: instantiate(linking, component, items(here, def.args), here.guest)};
	},
	bundle: (_, here, def) => ({sort: 'instance', value: items(here, def.exports)}),
	'alias export': (_, here, def) => {
		const item = get(here, 'instance', def.instance).get(def.name);
		return item?.sort === def.sort ? item : mismatch(`an instance has no ${def.sort} "${def.name}"`);
	},
	'alias core export': (_, here, def) => ({
		sort: def.sort,
		value: coreExport(get(here, 'core instance', def.instance), def.sort, def.name),
	}),
	'alias outer': (_, here, def) => ({sort: def.sort, value: get(outer(here, def.count), def.sort, def.index)}),
	type: (linking, here, {type}) => ({
		sort: 'type',
		value: type.kind === 'resource' ? defineResource(linking, here, type.dtor) : resolveType(here, linking.code, type),
	}),
	lift: ({store, code}, here, def) => {
		const core = get(here, 'core func', def.func);
		const type = funcTypeAt(here, def.type);
		return {sort: 'func', value: (type.async ? liftTask : lift)(store, code, here, core, type, def.options)};
	},
	lower: ({store, code}, here, def) => ({
		sort: 'core func',
		value: lower(store, code, here, get(here, 'func', def.func), def.options),
	}),
	builtin: ({store, code}, here, def) => ({sort: 'core func', value: builtin(store, code, here, def)}),
	'resource.new': resources,
	'resource.drop': resources,
	'resource.rep': resources,
	import: (linking, here, def, args) => {
		const {sort} = def.type;
		if (args === undefined) return hosted(linking, here, def.name, def.type, linking.host(def.name, sort));
		return args.get(def.name) ?? mismatch(`a component is instantiated without its ${sort} "${def.name}"`);
	},
	export: (_, here, def) => ({sort: def.sort, value: get(here, def.sort, def.index)}),
	declare: () => mismatch('a declaration outside of a type'),
};

type Evaluate = (linking: Linking, here: Frame, def: never, args: InstanceValue | undefined) => Item;

function evaluate(linking: Linking, here: Frame, def: Def, args: InstanceValue | undefined): Item {
	// The table maps each op to the evaluator of that very op.
	const table: Readonly<Record<Def['op'], Evaluate>> = evaluators;
	return table[def.op](linking, here, def as never, args);
}

/** What the host gives for an import of the root, or for an export of an imported instance. */
function hosted(linking: Linking, here: Frame, name: string, type: ExternDef, host: unknown): Item {
	const {store} = linking;
	if (type.sort === 'type') {
		if (type.eq !== undefined) return {sort: 'type', value: get(here, 'type', type.eq)};
		const resource = hostResource(name, store.resources.length);
		store.resources.push(resource);
		return {sort: 'type', value: {kind: 'resource', resource}};
	}
	if (type.sort === 'func') {
		const found = hostFunction(host, name);
		if (found === undefined) throw errors.FORGE_IMPORT_MISSING({names: name});
		return {sort: 'func', value: {...found, type: funcTypeAt(here, type.type)}};
	}
	if (type.sort === 'instance') {
		const each = (inner: Frame, key: string, of: ExternDef): Item => hosted(linking, inner, key, of, inside(host, key, of));
		return {sort: 'instance', value: declarations(linking, here, type.type, each)};
	}
	return mismatch(`the host gives no ${type.sort}`);
}

/** An instance within an instance is an object within the host's; all else is found in the host's itself. */
const inside = (host: unknown, name: string, {sort}: ExternDef): unknown => (sort === 'instance' ? property(host, camelCase(name)) : host);

/** Evaluates an instance type, whose declarations stand for what `each` gives. */
function declarations(
	linking: Linking,
	here: Frame,
	type: number,
	each: (inner: Frame, name: string, type: ExternDef) => Item,
): Map<string, Item> {
	const declared = scopeAt(here, type, 'instance');
	const inner = frame(declared.frame, here.guest);
	const exports = new Map<string, Item>();
	for (const def of declared.defs) {
		const item = def.op === 'declare' ? each(inner, def.name, def.type) : evaluate(linking, inner, def, new Map());
		put(inner, item);
		if (def.op === 'declare') exports.set(def.name, item);
	}
	return exports;
}

function defineResource({store, code}: Linking, here: Frame, dtor: number | undefined): TypeValue {
	const core = dtor === undefined ? undefined : get(here, 'core func', dtor);
	const id = store.resources.length;
	const resource: GuestResource = {
		name: `resource ${id}`,
		id,
		owner: here.guest,
		handle: class extends GuestHandle {},
		drop: destructor(store, code, here, core),
	};
	store.resources.push(resource);
	return {kind: 'resource', resource};
}

/** A component that was never defined inside another. */
export const root = (node: ComponentNode): ComponentValue => ({node, frame: undefined});
