import {define} from '../validate/define.ts';
import {isCore} from '../validate/known.ts';
import {isLabel} from '../validate/names.ts';
import type {Def, FuncDef, Labelled, Primitive, TypeDef, ValueRef} from './ast.ts';
import {readCoreType} from './core-types.ts';
import type {Reader} from './reader.ts';
import {caps, type Gathered, Scope} from './scope.ts';
import {declared, sort} from './sorts.ts';

const primitives: Readonly<Record<number, Primitive>> = {
	100: 'error-context',
	115: 'string',
	116: 'char',
	117: 'f64',
	118: 'f32',
	119: 'u64',
	120: 's64',
	121: 'u32',
	122: 's32',
	123: 'u16',
	124: 's16',
	125: 'u8',
	126: 's8',
	127: 'bool',
};

/** Reads a value type: a primitive or an index. */
export function valueRef(from: Reader, scope: Scope): ValueRef {
	const primitive = primitives[from.peek()];
	if (primitive === undefined) return scope.index(from, 'type');
	from.pos++;
	return primitive;
}

function optional<T>(from: Reader, read: () => T): T | undefined {
	return from.pick({0: false, 1: true}, '0 or 1') ? read() : undefined;
}

function label(from: Reader): string {
	const at = from.pos;
	const text = from.name('a label');
	if (!isLabel(text)) from.fail('a label in kebab-case', JSON.stringify(text), at);
	return text;
}

/** A vector of labels, or of what they label: none twice, and not none. */
function distinct<T>(from: Reader, what: string, read: () => T, labelOf: (entry: T) => string): T[] {
	const at = from.pos;
	const seen = new Set<string>();
	const entries = from.vec(what, () => {
		const entry = read();
		const key = labelOf(entry).toLowerCase();
		if (seen.has(key)) from.fail(`${what} that differ`, `"${labelOf(entry)}" twice`, at);
		seen.add(key);
		return entry;
	});
	return entries;
}

function some<T>(from: Reader, what: string, entries: T[]): T[] {
	if (entries.length === 0) from.fail(`at least one of ${what}`, 'none');
	return entries;
}

const labelled = (from: Reader, scope: Scope, what: string): Labelled[] =>
	distinct(
		from,
		what,
		() => [label(from), valueRef(from, scope)] as const,
		([text]) => text,
	);

const labels = (from: Reader, what: string): string[] =>
	some(
		from,
		what,
		distinct(
			from,
			what,
			() => label(from),
			text => text,
		),
	);

function variantCase(from: Reader, scope: Scope): readonly [string, ValueRef | undefined] {
	const entry = [label(from), optional(from, () => valueRef(from, scope))] as const;
	from.expect(0, 'the end of a case');
	return entry;
}

function flags(from: Reader): TypeDef {
	const names = labels(from, 'flags');
	if (names.length > 32) from.fail('at most 32 flags', names.length);
	return {kind: 'flags', labels: names};
}

function fixedList(from: Reader, scope: Scope): TypeDef {
	const element = valueRef(from, scope);
	const length = from.u32('the length of a list');
	if (length === 0) from.fail('a length above 0', 0);
	return {kind: 'list', element, length};
}

function func(from: Reader, scope: Scope, async: boolean): FuncDef {
	const params = labelled(from, scope, 'parameters');
	if (from.pick({0: true, 1: false}, 'a result')) return {kind: 'func', params, result: valueRef(from, scope), async};
	from.expect(0, 'no result');
	return {kind: 'func', params, result: undefined, async};
}

function resource(from: Reader, scope: Scope): TypeDef {
	from.expect(0x7f, 'a resource represented by an i32');
	return {kind: 'resource', dtor: optional(from, () => scope.index(from, 'core func'))};
}

const forms: Readonly<Record<number, (from: Reader, scope: Scope, all: Gathered) => TypeDef>> = {
	63: resource,
	64: (from, scope) => func(from, scope, false),
	65: (from, scope, all) => ({kind: 'component', defs: declarations(from, scope, all, 'component type')}),
	66: (from, scope, all) => ({kind: 'instance', defs: declarations(from, scope, all, 'instance type')}),
	67: (from, scope) => func(from, scope, true),
	99: (from, scope) => ({kind: 'map', key: valueRef(from, scope), value: valueRef(from, scope)}),
	101: (from, scope) => ({kind: 'future', element: optional(from, () => valueRef(from, scope))}),
	102: (from, scope) => ({kind: 'stream', element: optional(from, () => valueRef(from, scope))}),
	103: fixedList,
	104: (from, scope) => ({kind: 'borrow', resource: scope.index(from, 'type')}),
	105: (from, scope) => ({kind: 'own', resource: scope.index(from, 'type')}),
	106: (from, scope) => ({
		kind: 'result',
		ok: optional(from, () => valueRef(from, scope)),
		err: optional(from, () => valueRef(from, scope)),
	}),
	107: (from, scope) => ({kind: 'option', some: valueRef(from, scope)}),
	109: from => ({kind: 'enum', labels: labels(from, 'cases')}),
	110: flags,
	111: (from, scope) => ({
		kind: 'tuple',
		items: some(
			from,
			'items',
			from.vec('items', () => valueRef(from, scope)),
		),
	}),
	112: (from, scope) => ({kind: 'list', element: valueRef(from, scope), length: undefined}),
	113: (from, scope) => ({
		kind: 'variant',
		cases: some(
			from,
			'cases',
			distinct(
				from,
				'cases',
				() => variantCase(from, scope),
				([text]) => text,
			),
		),
	}),
	114: (from, scope) => ({kind: 'record', fields: some(from, 'fields', labelled(from, scope, 'fields'))}),
};

/** Reads one type definition. */
export function readType(from: Reader, scope: Scope, all: Gathered): TypeDef {
	const primitive = primitives[from.peek()];
	if (primitive === undefined) return from.pick(forms, 'a type')(from, scope, all);
	from.pos++;
	return {kind: 'primitive', type: primitive};
}

/** Reads an alias. */
export function readAlias(from: Reader, scope: Scope): Def {
	const found = sort(from);
	const target = from.pick({0: 'export', 1: 'core export', 2: 'outer'} as const, 'a target of an alias');
	if (target === 'export') {
		return {op: 'alias export', sort: found, instance: scope.index(from, 'instance'), name: from.name()};
	}
	if (target === 'core export') {
		if (!isCore(found)) return from.fail('a core sort', found);
		return {op: 'alias core export', sort: found, instance: scope.index(from, 'core instance'), name: from.name()};
	}
	if (!['type', 'component', 'core module', 'core type'].includes(found)) from.fail('a type, component or module', found);
	const count = from.u32('a number of levels');
	return {op: 'alias outer', sort: found, count, index: scope.outer(from, count).index(from, found)};
}

/** Reads definitions, counted so that no file can define without end; each is checked, and adds to its space. */
export function defining(from: Reader, scope: Scope, all: Gathered): (read: (from: Reader, scope: Scope, all: Gathered) => Def) => Def {
	let at = from.pos;
	const fail = (expected: string, found?: string | number): never => from.fail(expected, found, at);
	const here = {scope, all, fail};
	return read => {
		if (++all.definitions > caps.definitions) from.fail(`at most ${caps.definitions} definitions`, 'more');
		const start = from.pos;
		const def = read(from, scope, all);
		at = start;
		scope.add(define(here, def));
		return def;
	};
}

/** A scope within `parent`, unless that is too deep. */
export function inner(from: Reader, parent: Scope, all: Gathered, kind: Scope['kind']): Scope {
	const scope = new Scope(all, parent, kind);
	if (scope.depth > caps.depth) from.fail(`at most ${caps.depth} nested scopes`, 'more');
	return scope;
}

function declaration(from: Reader, scope: Scope, all: Gathered): Def {
	const code = from.u8('a declaration');
	switch (code) {
		case 0:
			return {op: 'core type', type: readCoreType(from, scope)};
		case 1:
			return {op: 'type', type: readType(from, scope, all)};
		case 2:
			return readAlias(from, scope);
		case 3:
		case 4: {
			if (code === 3 && scope.kind === 'instance type') from.fail('a declaration of an instance', 'an import', from.pos - 1);
			const [name, type] = declared(from, scope);
			return {op: code === 3 ? 'import' : 'declare', name, type};
		}
		default:
			return from.fail('a declaration', `0x${code.toString(16)}`, from.pos - 1);
	}
}

function declarations(from: Reader, parent: Scope, all: Gathered, kind: 'component type' | 'instance type'): Def[] {
	const scope = inner(from, parent, all, kind);
	const define = defining(from, scope, all);
	const defs = from.vec('declarations', () => define(declaration));
	all.scopes.set(defs, scope);
	return defs;
}
