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

/** Reads the name of an import or export: a name with its attributes, which are passed over. */
export function externName(from: Reader): string {
	const form = from.u8('a name');
	if (form > 2) from.fail('a name', `0x${form.toString(16)}`, from.pos - 1);
	const name = from.name();
	if (form === 2) {
		from.vec('attributes', () => {
			const kind = from.u8('an attribute');
			if (kind > 2) from.fail('an attribute', `0x${kind.toString(16)}`, from.pos - 1);
			from.name('an attribute');
		});
	}
	return name;
}

/** Reads a sort and an index of it. */
export function sortIndex(from: Reader, scope: Scope): readonly [sort: Sort, index: number] {
	const found = sort(from);
	if (found === 'value') from.unsupported('values');
	return [found, scope.index(from, found)];
}

/** Reads a name, a sort and an index. */
export function named(from: Reader, scope: Scope, name: (from: Reader) => string): Named {
	const text = name(from);
	return [text, ...sortIndex(from, scope)];
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
