import {GuestHandle, type GuestResource, Handles, type Resource} from '../abi/handles.ts';
import type {Guest, Store} from '../abi/store.ts';
import type {Bounds, ComponentNode, Def, ExternDef, ModuleNode, Named, Sort} from '../decode/ast.ts';
import {errors} from '../errors.ts';
import {type Code, destructor, lift, lower, resourceFunction} from './functions.ts';
import {hostFunction, hostResource} from './host.ts';
import {funcTypeAt, mismatch, resolveType, resourceAt, scopeAt} from './types.ts';
import {type ComponentValue, type Frame, frame, type InstanceValue, type Item, type Spaces} from './values.ts';

/** What one instantiation needs. */
export interface Linking {
	readonly store: Store;
	readonly code: Code;
	readonly modules: readonly {readonly node: ModuleNode; readonly module: WebAssembly.Module}[];
	/** The most pages for the next memory. */
	readonly pages: (memory: Bounds) => number;
	/** The host's object for an import of the root: an interface's, or what holds the world's own functions. */
	readonly host: (name: string, sort: Sort) => unknown;
}

function put(to: Frame, sort: Sort, value: unknown): void {
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

/** Instantiates a component: runs its definitions in order. `args` are its imports; the root's come from the host. */
export function instantiate(
	linking: Linking,
	{node, frame: parent}: ComponentValue,
	args: InstanceValue | undefined,
	owner?: Guest,
): Map<string, Item> {
	const {store} = linking;
	const guest: Guest = {
		parent: owner,
		handles: new Handles(store.limits.handles),
		entered: false,
		mayLeave: true,
	};
	const here = frame(parent, guest);
	const exports = new Map<string, Item>();
	for (const def of node.defs) define(linking, here, def, args, exports);
	return exports;
}

function define(linking: Linking, here: Frame, def: Def, args: InstanceValue | undefined, exports: Map<string, Item>): void {
	const {store, code} = linking;
	const {guest} = here;
	switch (def.op) {
		case 'core module':
			return put(here, 'core module', def.module);
		case 'core instantiate':
			return put(here, 'core instance', instantiateCore(linking, here, def));
		case 'core bundle':
			return put(here, 'core instance', bundle(here, def.exports));
		case 'core type':
			return put(here, 'core type', undefined);
		case 'component':
			return put(here, 'component', {node: def.component, frame: here});
		case 'instantiate': {
			const component = get(here, 'component', def.component);
			return put(here, 'instance', instantiate(linking, component, items(here, def.args), guest));
		}
		case 'bundle':
			return put(here, 'instance', items(here, def.exports));
		case 'alias export': {
			const item = get(here, 'instance', def.instance).get(def.name);
			if (item?.sort !== def.sort) mismatch(`an instance has no ${def.sort} "${def.name}"`);
			return put(here, def.sort, item?.value);
		}
		case 'alias core export':
			return put(here, def.sort, coreExport(get(here, 'core instance', def.instance), def.sort, def.name));
		case 'alias outer':
			return put(here, def.sort, get(outer(here, def.count), def.sort, def.index));
		case 'type':
			return put(
				here,
				'type',
				def.type.kind === 'resource'
					? {kind: 'resource', resource: defineResource(linking, here, def.type.dtor)}
					: resolveType(here, code, def.type),
			);
		case 'lift':
			return put(here, 'func', lift(store, code, here, get(here, 'core func', def.func), funcTypeAt(here, def.type), def.options));
		case 'lower':
			return put(here, 'core func', lower(store, code, here, get(here, 'func', def.func), def.options));
		case 'resource.new':
		case 'resource.drop':
		case 'resource.rep':
			return put(here, 'core func', resourceFunction(def.op, store, guest, resourceAt(here, def.resource)));
		case 'import': {
			const item =
				args === undefined ? hosted(linking, here, def.name, def.type, linking.host(def.name, def.type.sort)) : args.get(def.name);
			if (item?.sort !== def.type.sort) mismatch(`a component is instantiated without its ${def.type.sort} "${def.name}"`);
			return put(here, def.type.sort, item?.value);
		}
		case 'export': {
			const value = get(here, def.sort, def.index);
			exports.set(def.name, {sort: def.sort, value});
			return put(here, def.sort, value);
		}
		case 'declare':
			return mismatch('a declaration outside of a type');
	}
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
	if (type.sort === 'instance') return {sort: 'instance', value: hostedInstance(linking, here, type.type, host)};
	throw errors.FORGE_COMPONENT_UNSUPPORTED({feature: `${type.sort} imports`, offset: '?'});
}

function hostedInstance(linking: Linking, here: Frame, type: number, host: unknown): InstanceValue {
	const declared = scopeAt(here, type, 'instance');
	const inner = frame(declared.frame, here.guest);
	const exports = new Map<string, Item>();
	for (const def of declared.defs) {
		if (def.op !== 'declare') {
			define(linking, inner, def, new Map(), exports);
			continue;
		}
		const item = hosted(linking, inner, def.name, def.type, host);
		exports.set(def.name, item);
		put(inner, item.sort, item.value);
	}
	return exports;
}

function defineResource({store, code}: Linking, here: Frame, dtor: number | undefined): Resource {
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
	return resource;
}

function instantiateCore(linking: Linking, here: Frame, def: Def & {op: 'core instantiate'}): WebAssembly.ModuleImports {
	const {store} = linking;
	store.count('instances', store.instances++);
	const imports: WebAssembly.Imports = Object.create(null);
	for (const [name, instance] of def.args) imports[name] = get(here, 'core instance', instance);
	const {node, module} = linking.modules[get(here, 'core module', def.module)] as Linking['modules'][number];
	imports[node.host] = resourcesFor(linking, node);
	try {
		return new WebAssembly.Instance(module, imports).exports;
	} catch (error) {
		if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return mismatch(error.message);
		throw store.kill(error);
	}
}

/** The memories and tables that a module would have made itself, with the maxima of the limits. */
function resourcesFor({store, pages}: Linking, node: ModuleNode): WebAssembly.ModuleImports {
	const made: WebAssembly.ModuleImports = Object.create(null);
	node.memories.forEach((bounds, i) => {
		store.count('memories', store.memories.length);
		const memory = new WebAssembly.Memory({initial: bounds.min, maximum: pages(bounds)});
		store.memories.push(memory);
		made[`memory${i}`] = memory;
	});
	node.tables.forEach(({element, min, max}, i) => {
		store.count('tables', store.tables++);
		const limit = store.limits.tableElements;
		if (min > limit) throw errors.FORGE_LIMIT_COUNT({limit, what: 'elements in a table'});
		made[`table${i}`] = new WebAssembly.Table({element, initial: min, maximum: Math.min(max ?? limit, limit)});
	});
	return made;
}

function bundle(here: Frame, exports: readonly Named[]): WebAssembly.ModuleImports {
	const made: WebAssembly.ModuleImports = Object.create(null);
	for (const [name, sort, index] of exports) made[name] = get(here, sort, index) as WebAssembly.ImportValue;
	return made;
}

const coreKinds: Partial<Record<Sort, (value: unknown) => boolean>> = {
	'core func': value => typeof value === 'function',
	'core table': value => value instanceof WebAssembly.Table,
	'core memory': value => value instanceof WebAssembly.Memory,
	'core global': value => value instanceof WebAssembly.Global,
	'core tag': value => value instanceof WebAssembly.Tag,
};

function coreExport(exports: WebAssembly.ModuleImports, sort: Sort, name: string): unknown {
	const found = Object.hasOwn(exports, name) ? exports[name] : undefined;
	if (!coreKinds[sort]?.(found)) mismatch(`a core instance has no ${sort.slice(5)} "${name}"`);
	return found;
}

/** A component that was never defined inside another. */
export const root = (node: ComponentNode): ComponentValue => ({node, frame: undefined});
