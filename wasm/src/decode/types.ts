import type {Def, FuncDef, Labelled, Primitive, TypeDef, ValueRef} from './ast.ts';
import {readCoreType} from './core-types.ts';
import type {Reader} from './reader.ts';
import {caps, type Gathered, Scope} from './scope.ts';
import {externDef, externName, sort} from './sorts.ts';

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

function valueRef(from: Reader, scope: Scope): ValueRef {
	const primitive = primitives[from.peek()];
	if (primitive === undefined) return scope.index(from, 'type');
	from.pos++;
	return primitive;
}

function optional<T>(from: Reader, read: () => T): T | undefined {
	return from.pick({0: false, 1: true}, '0 or 1') ? read() : undefined;
}

const kebab = /^(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[a-z0-9]+|[A-Z0-9]+))*$/;

function label(from: Reader): string {
	const at = from.pos;
	const text = from.name('a label');
	if (!kebab.test(text)) from.fail('a label in kebab-case', JSON.stringify(text), at);
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
	65: (from, scope, all) => ({kind: 'component', defs: declarations(from, scope, all, true)}),
	66: (from, scope, all) => ({kind: 'instance', defs: declarations(from, scope, all, false)}),
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

/** Reads an alias and adds to the space of its sort. */
export function readAlias(from: Reader, scope: Scope): Def {
	const found = sort(from);
	const target = from.pick({0: 'export', 1: 'core export', 2: 'outer'} as const, 'a target of an alias');
	let def: Def;
	if (target === 'export') {
		def = {op: 'alias export', sort: found, instance: scope.index(from, 'instance'), name: from.name()};
	} else if (target === 'core export') {
		if (!found.startsWith('core ')) from.fail('a core sort', found);
		// The prefix was just checked.
		def = {op: 'alias core export', sort: found as never, instance: scope.index(from, 'core instance'), name: from.name()};
	} else {
		if (!['type', 'component', 'core module', 'core type'].includes(found)) from.fail('a type, component or module', found);
		const count = from.u32('a number of levels');
		def = {op: 'alias outer', sort: found, count, index: scope.outer(from, count).index(from, found)};
	}
	scope.add(found);
	return def;
}

/** Counts a definition, so that no file can define without end. */
export function counted(from: Reader, all: Gathered): void {
	if (++all.definitions > caps.definitions) from.fail(`at most ${caps.definitions} definitions`, 'more');
}

/** A scope within `parent`, unless that is too deep. */
export function inner(from: Reader, parent: Scope): Scope {
	const scope = new Scope(parent);
	if (scope.depth > caps.depth) from.fail(`at most ${caps.depth} nested scopes`, 'more');
	return scope;
}

function declarations(from: Reader, parent: Scope, all: Gathered, imports: boolean): Def[] {
	const scope = inner(from, parent);
	return from.vec('declarations', (): Def => {
		counted(from, all);
		const code = from.u8('a declaration');
		switch (code) {
			case 0:
				readCoreType(from, scope);
				scope.add('core type');
				return {op: 'core type'};
			case 1: {
				const type = readType(from, scope, all);
				if (type.kind === 'resource') from.fail('a type that can be declared', 'a resource');
				scope.add('type');
				return {op: 'type', type};
			}
			case 2:
				return readAlias(from, scope);
			case 3:
			case 4: {
				if (code === 3 && !imports) from.fail('a declaration of an instance', 'an import', from.pos - 1);
				const name = externName(from);
				const type = externDef(from, scope);
				scope.add(type.sort);
				return {op: code === 3 ? 'import' : 'declare', name, type};
			}
			default:
				return from.fail('a declaration', `0x${code.toString(16)}`, from.pos - 1);
		}
	});
}
