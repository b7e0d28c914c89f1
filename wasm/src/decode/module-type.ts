import type {CoreItem, CoreSignature, CoreType, ModuleType} from './core-ast.ts';
import {addCore, coreExtern, coreLimits, coreValue, importsOf, signature} from './core-types.ts';
import {instruction} from './instructions.ts';
import type {Reader} from './reader.ts';
import {most} from './scope.ts';

/** Passes over a constant expression. */
function constant(from: Reader): void {
	while (instruction(from) !== 0x0b);
}

function table(from: Reader): CoreItem {
	const initial = from.peek() === 0x40;
	if (initial) from.take(2);
	const value = {element: coreValue(from), ...coreLimits(from, most.elements)};
	if (initial) constant(from);
	return {sort: 'core table', value};
}

function global(from: Reader): CoreItem {
	const value = {type: coreValue(from), mutable: from.u8('mutability') === 1};
	constant(from);
	return {sort: 'core global', value};
}

function tag(from: Reader, types: readonly CoreType[]): CoreSignature {
	from.expect(0, 'an exception');
	return signature(from, types);
}

type Define = (from: Reader, types: readonly CoreType[]) => CoreItem;

/** What can be exported, by the code of its sort: the section that defines it, and how an entry there is read. */
const sorts: readonly (readonly [sort: CoreItem['sort'], section: number, read: Define])[] = [
	['core func', 3, (from, types) => ({sort: 'core func', value: signature(from, types)})],
	['core table', 4, table],
	['core memory', 5, from => ({sort: 'core memory', value: coreLimits(from, most.pages)})],
	['core global', 6, global],
	['core tag', 13, (from, types) => ({sort: 'core tag', value: tag(from, types)})],
];

/** What a core module imports and exports; `of` gives its sections by id, empty ones where it has none. */
export function typeOfModule(of: (id: number) => Reader, types: readonly CoreType[]): ModuleType {
	const each = (section: number, what: string, read: (from: Reader) => void): void => {
		const from = of(section);
		if (!from.done) from.vec(what, () => read(from));
	};
	const imports = new Map<string, Map<string, CoreItem>>();
	const spaces = sorts.map((): CoreItem[] => []);
	const add = (item: CoreItem): void => void spaces[sorts.findIndex(([sort]) => sort === item.sort)]?.push(item);
	each(2, 'imports', from => {
		const module = importsOf(imports, from.name());
		const name = from.name();
		const item = coreExtern(from, types);
		addCore(from, module, name, item);
		add(item);
	});
	for (const [i, [, section, read]] of sorts.entries()) each(section, 'definitions', from => void spaces[i]?.push(read(from, types)));
	const exports = new Map<string, CoreItem>();
	each(7, 'exports', from => {
		const name = from.name();
		const code = from.u8('a kind of export');
		const item = spaces[code]?.[from.u32('an index')];
		addCore(from, exports, name, item ?? from.fail('an export that is defined', `kind ${code}`));
	});
	return {kind: 'module', imports, exports};
}
