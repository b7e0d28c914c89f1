import {type ComponentNode, type Def, definitions, type ExternDef, functionName, type TypeDef, type ValueRef} from '@forgeone/wasm';
import {errors} from '../errors.ts';
import type {Declaration, Func, Resource, Scope, Type, World} from './model.ts';
import {refusal, type Wit, worldName} from './source.ts';
import {wasmTools} from './tools.ts';

type Entry =
	| Type
	| Resource
	| {readonly kind: 'func'; readonly func: Omit<Func, 'name' | 'docs'>}
	| {readonly kind: 'block'; readonly defs: readonly Def[]};

/** The index spaces of the world, or of one interface while it is read. */
interface Space {
	readonly types: Entry[];
	readonly instances: Scope[];
	readonly parent: Space | undefined;
}

const unsupported = (feature: string): never => {
	throw errors.FORGE_BINDGEN_UNSUPPORTED({feature});
};

function value(ref: ValueRef, {types}: Space): Type {
	if (ref === 'error-context') return unsupported(ref);
	// A binary that was just made and checked: the index is that of a type of values.
	return typeof ref === 'string' ? {kind: 'primitive', name: ref} : (types[ref] as Type);
}

function define(type: TypeDef, space: Space): Entry {
	const of = (ref: ValueRef): Type => value(ref, space);
	const maybe = (ref: ValueRef | undefined): Type | undefined => (ref === undefined ? undefined : of(ref));
	switch (type.kind) {
		case 'primitive':
			return of(type.type);
		case 'record':
			return {kind: 'record', fields: type.fields.map(([label, ref]) => ({label, type: of(ref)})), home: undefined};
		case 'variant':
			return {kind: 'variant', cases: type.cases.map(([label, ref]) => ({label, type: maybe(ref)})), home: undefined};
		case 'enum':
		case 'flags':
			return {kind: type.kind, labels: type.labels, home: undefined};
		case 'list':
			return type.length === undefined ? {kind: 'list', of: of(type.element)} : unsupported('a list of a fixed length');
		case 'tuple':
			return {kind: 'tuple', items: type.items.map(of)};
		case 'option':
			return {kind: 'option', of: of(type.some)};
		case 'result':
			return {kind: 'result', ok: maybe(type.ok), err: maybe(type.err)};
		case 'own':
		case 'borrow':
			return {kind: type.kind, resource: space.types[type.resource] as Resource};
		case 'func': {
			if (type.async) unsupported('an async function');
			const params = type.params.map(([label, ref]) => ({label, type: of(ref)}));
			return {kind: 'func', func: {params, result: maybe(type.result)}};
		}
		case 'component':
		case 'instance':
			return {kind: 'block', defs: type.defs};
		default:
			return unsupported(`a ${type.kind}`);
	}
}

/** The path of a member's prose: resources keep that of their functions below their own name. */
function pathOf(name: string): string[] {
	const {role, resource, label} = functionName(name);
	if (role === 'function') return [label];
	return role === 'constructor' ? [resource, '[constructor]'] : [resource, label];
}

function typeOf(name: string, {eq}: {readonly eq: number | undefined}, space: Space, scope: Scope): Type | Resource {
	const type: Type | Resource = eq === undefined ? {kind: 'resource', home: undefined} : (space.types[eq] as Type | Resource);
	if ('home' in type) type.home ??= {scope, label: name};
	return type;
}

/** Where a reader puts what it finds. */
interface Sink {
	readonly scope: Scope;
	func(func: Func, exported: boolean): void;
	instance(name: string, defs: readonly Def[], space: Space, exported: boolean): Scope;
}

function external(name: string, type: ExternDef, space: Space, {scope, ...sink}: Sink, exported: boolean): void {
	if (type.sort === 'type') {
		const found = typeOf(name, type, space, scope);
		space.types.push(found);
		const declaration: Declaration = {label: name, type: found, docs: scope.doc(name)};
		scope.declarations.push(declaration);
	} else if (type.sort === 'func') {
		const {func} = space.types[type.type] as Extract<Entry, {kind: 'func'}>;
		if (name.startsWith('[async')) unsupported('an async function');
		sink.func({...func, name, docs: scope.doc(...pathOf(name))}, exported);
	} else if (type.sort === 'instance') {
		const {defs} = space.types[type.type] as Extract<Entry, {kind: 'block'}>;
		space.instances.push(sink.instance(name, defs, space, exported));
	}
}

function read(defs: readonly Def[], space: Space, sink: Sink): void {
	for (const def of defs) {
		if (def.op === 'type') space.types.push(define(def.type, space));
		else if (def.op === 'import' || def.op === 'declare') external(def.name, def.type, space, sink, def.op === 'declare');
		else if (def.op === 'alias export') {
			const from = space.instances[def.instance] as Scope;
			space.types.push((from.declarations.find(({label}) => label === def.name) as Declaration).type);
		} else if (def.op === 'alias outer') {
			let outer: Space = space;
			for (let i = 0; i < def.count; i++) outer = outer.parent as Space;
			space.types.push(outer.types[def.index] as Entry);
		}
	}
}

/** A scope whose prose stands below `head`. */
function newScope(id: string, side: Scope['side'], {docs}: Wit, head: readonly string[]): Scope {
	const doc = (...path: readonly string[]): string => docs.get([...head, ...path].join(' ')) ?? '';
	return {id, side, declarations: [], functions: [], docs: doc(), doc};
}

/** The path of the prose of an interface or a world: its package with the version, and its name. */
function headOf(id: string): string[] {
	const [, path, name = '', version = ''] = /^(.*)\/([^@]*)(@.*)?$/s.exec(id) ?? [];
	return [path + version, name];
}

/** Reads the types of a world out of the section that the tools make for it. */
function readWorld(node: ComponentNode, wit: Wit): World {
	const block = (defs: readonly Def[]): readonly Def[] => (defs[0] as {type: {defs: readonly Def[]}}).type.defs;
	const [, named] = block(node.defs) as [Def, Extract<Def, {op: 'declare'}>];
	const id = named.name;
	const imports: Scope[] = [];
	const exports: Scope[] = [];
	const functions: Func[] = [];
	const root = newScope('$root', 'world', wit, headOf(id));
	read(
		block(block(node.defs)),
		{types: [], instances: [], parent: undefined},
		{
			scope: root,
			func: (func, exported) => void (exported ? functions : root.functions).push(func),
			instance(name, defs, parent, exported) {
				const head = name.includes('/') ? headOf(name) : [...headOf(id), name];
				const scope = newScope(name, exported ? 'export' : 'import', wit, head);
				(exported ? exports : imports).push(scope);
				const refuse = (): never => unsupported('an interface within an interface');
				read(defs, {types: [], instances: [], parent}, {scope, func: func => void scope.functions.push(func), instance: refuse});
				return scope;
			},
		},
	);
	return {id, docs: root.docs, imports, exports, root, functions};
}

/**
 * Resolves a world of a WIT by the reference implementation: it encodes the world, and that is read here. Throws
 * `FORGE_BINDGEN_WORLD`, `FORGE_BINDGEN_SYNTAX` with the place where it is known, `FORGE_BINDGEN_WIT`, `FORGE_BINDGEN_UNSUPPORTED`.
 */
export async function resolveWorld(wit: Wit, asked?: string): Promise<World> {
	const world = worldName(wit, asked);
	const {componentEmbed} = await wasmTools();
	const embedded = await componentEmbed({dummy: true, witSource: wit.text, world}).catch(cause => {
		throw refusal(wit, cause);
	});
	const [section] = WebAssembly.Module.customSections(await WebAssembly.compile(new Uint8Array(embedded)), 'component-type');
	return readWorld(definitions(new Uint8Array(section as ArrayBuffer)), wit);
}
