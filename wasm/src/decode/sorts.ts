import {completes, isInterface} from '../validate/names.ts';
import type {CoreSort, ExternDef, Named, Sort} from './ast.ts';
import type {Reader} from './reader.ts';
import type {Scope} from './scope.ts';

const coreSorts: Readonly<Record<number, CoreSort>> = {
	0: 'core func',
	1: 'core table',
	2: 'core memory',
	3: 'core global',
	4: 'core tag',
	16: 'core type',
	17: 'core module',
	18: 'core instance',
};

const sorts: Readonly<Record<number, Sort>> = {1: 'func', 2: 'value', 3: 'type', 4: 'component', 5: 'instance'};

/** Reads the sort of a core definition. */
export const coreSort = (from: Reader): CoreSort => from.pick(coreSorts, 'a core sort');

/** Reads a sort. */
export function sort(from: Reader): Sort {
	if (from.peek() !== 0) return from.pick(sorts, 'a sort');
	from.pos++;
	return coreSort(from);
}

/** What each kind of attribute must be, after a name; attributes say nothing to the linker. */
const attributes: readonly (readonly [what: string, valid: (name: string, value: string) => boolean])[] = [
	['the name of an interface', (_, value) => isInterface(value)],
	['a suffix that makes a version', completes],
	['an id', () => true],
];

/** Reads the name of an import or export with its attributes, then what is named. Only a plain name of an instance may say that it implements an interface. */
function attributed<T>(from: Reader, read: () => T, sortOf: (found: T) => Sort): readonly [name: string, found: T] {
	const at = from.pos;
	const form = from.pick({0: 0, 1: 1, 2: 2}, 'a name');
	const name = from.name();
	const kinds = new Set<number>();
	if (form === 2) {
		from.vec('attributes', () => {
			const kind = from.u8('an attribute');
			const [what, valid] = attributes[kind] ?? from.fail('an attribute', `0x${kind.toString(16)}`, from.pos - 1);
			const value = from.name('an attribute');
			if (!valid(name, value)) from.fail(what, JSON.stringify(value));
			if (kinds.has(kind)) from.fail('each attribute once', 'one twice');
			kinds.add(kind);
		});
	}
	const found = read();
	if (kinds.has(0) && (sortOf(found) !== 'instance' || isInterface(name))) from.fail('an instance with a plain name', name, at);
	return [name, found];
}

/** Reads a sort and an index of it. */
export function sortIndex(from: Reader, scope: Scope): readonly [sort: Sort, index: number] {
	const found = sort(from);
	if (found === 'value') from.unsupported('values');
	return [found, scope.index(from, found)];
}

/** Reads the name, the sort and the index of an export. */
export function exported(from: Reader, scope: Scope): Named {
	const [name, found] = attributed(
		from,
		() => sortIndex(from, scope),
		([of]) => of,
	);
	return [name, ...found];
}

/** Reads the name and the type of an import, or of an export that is declared. */
export function declared(from: Reader, scope: Scope): readonly [name: string, type: ExternDef] {
	return attributed(
		from,
		() => externDef(from, scope),
		type => type.sort,
	);
}

/** Reads the type of an import or export. */
export function externDef(from: Reader, scope: Scope): ExternDef {
	const code = from.u8('the type of an import or export');
	switch (code) {
		case 0:
			from.expect(0x11, 'a core module type');
			return {sort: 'core module', type: scope.index(from, 'core type')};
		case 1:
			return {sort: 'func', type: scope.index(from, 'type')};
		case 2:
			return from.unsupported('values');
		case 3:
			return {sort: 'type', eq: from.pick({0: true, 1: false}, 'a bound on a type') ? scope.index(from, 'type') : undefined};
		case 4:
			return {sort: 'component', type: scope.index(from, 'type')};
		case 5:
			return {sort: 'instance', type: scope.index(from, 'type')};
		default:
			return from.fail('the type of an import or export', `0x${code.toString(16)}`, from.pos - 1);
	}
}
