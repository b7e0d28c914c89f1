import type {Bounds, ModuleNode} from './ast.ts';
import {extended, leb, replaced, type Section, sectionsOf, text} from './bytes.ts';
import {readModuleType} from './core-types.ts';
import {metered} from './meter.ts';
import {typeOfModule} from './module-type.ts';
import {Reader} from './reader.ts';
import type {Gathered} from './scope.ts';
import {sparing} from './spare.ts';

type Table = ModuleNode['tables'][number];

function bounds(from: Reader): Bounds {
	const flags = from.u8('limits');
	if (flags & 2) from.unsupported('shared memory');
	if (flags & 4) from.unsupported('memory64');
	if (flags & 8) from.unsupported('custom page sizes');
	const min = from.u32('a minimum');
	return {min, max: flags & 1 ? from.u32('a maximum') : undefined};
}

function table(from: Reader): Table {
	const type = from.u8('a type of table');
	if (type !== 0x70 && type !== 0x6f) from.unsupported('tables of typed references');
	return {element: type === 0x70 ? 'anyfunc' : 'externref', ...bounds(from)};
}

/** Passes over one import; gives the name of the module it is from, and its kind. */
function imported(from: Reader): {module: string; kind: number} {
	const module = from.name();
	from.name();
	const kind = from.u8('a kind of import');
	if (kind === 0) from.u32();
	else if (kind === 1) skipTable(from);
	else if (kind === 2) bounds(from);
	else if (kind === 3) {
		skipValueType(from);
		from.u8('mutability');
	} else if (kind === 4) {
		from.u8('an attribute');
		from.u32();
	} else from.fail('a kind of import', kind, from.pos - 1);
	return {module, kind};
}

function exported(from: Reader): {name: string; kind: number; index: number} {
	return {name: from.name(), kind: from.u8('a kind of export'), index: from.u32()};
}

function skipTable(from: Reader): void {
	skipValueType(from);
	bounds(from);
}

function skipValueType(from: Reader): void {
	const code = from.u8('a value type');
	if (code !== 0x63 && code !== 0x64) return;
	while (from.u8('a heap type') >= 0x80);
}

const within = (from: Reader, section: Section | undefined, base: number): Reader =>
	section === undefined ? new Reader(from.bytes, 0, 0, base) : new Reader(from.bytes, section.body, section.end, base);

const counted = (vector: Reader): number => (vector.end === 0 ? 0 : vector.count('entries'));

const larger = ({min, max}: Bounds, pages: number): Bounds => ({min: min + pages, max: max === undefined ? max : max + pages, whole: true});

const limits = ({min, max}: Bounds): number[] => (max === undefined ? [0, ...leb(min)] : [1, ...leb(min), ...leb(max)]);

const importsFor = ({host, memories, tables}: ModuleNode): number[][] => [
	...memories.map((memory, i) => [...text(host), ...text(`memory${i}`), 2, ...limits(memory)]),
	...tables.map((entry, i) => {
		const element = entry.element === 'anyfunc' ? 0x70 : 0x6f;
		return [...text(host), ...text(`table${i}`), 1, element, ...limits(entry)];
	}),
];

/** The same module with its memories and tables imported. Imports come first in each index space, and keep their order: no index changes. */
function importing({bytes}: Reader, header: number, sections: readonly Section[], node: ModuleNode): Uint8Array {
	const old = sections.find(({id}) => id === 2);
	const none = new Uint8Array();
	const by = new Map([[2, extended(bytes, 2, old, importsFor(node))]]);
	if (node.tables.length > 0) by.set(4, none);
	if (node.memories.length > 0) by.set(5, none);
	return replaced(bytes, header, sections, by);
}

/** How a module is changed as it is read. */
interface Changes {
	/** Whether it takes fuel. */
	readonly meter: boolean;
	/** How many pages its exported memory `memory` gets at its end that it does not see; that memory is then as large as it can get from the beginning. */
	readonly spare?: number;
}

/** Reads what the linker needs of a core module, to the reader's end. V8 validates the rest when it compiles the bytes given. */
export function readModule(from: Reader, {meter, spare = 0}: Changes): Gathered['modules'][number] {
	const header = from.pos;
	for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) from.expect(byte, 'a core module (\\0asm, version 1)');
	const base = from.offset - from.pos;
	const sections = sectionsOf(from);
	const of = (id: number) =>
		within(
			from,
			sections.find(section => section.id === id),
			base,
		);
	const read = <T>(id: number, what: string, entry: (part: Reader) => T): T[] => {
		const part = of(id);
		return part.end === 0 ? [] : part.vec(what, () => entry(part));
	};
	const types = read(1, 'types', readModuleType).flat();
	const imports = read(2, 'imports', imported);
	const names = new Set(imports.map(({module}) => module));
	let host = 'host';
	while (names.has(host)) host += '_';
	const memories: Bounds[] = read(5, 'memories', bounds);
	const memory = spare > 0 ? read(7, 'exports', exported).find(({name, kind}) => name === 'memory' && kind === 2)?.index : undefined;
	const seen = memory === undefined ? undefined : memories[memory];
	if (seen) memories[memories.indexOf(seen)] = larger(seen, spare);
	const node = {host, memories, tables: read(4, 'tables', table), metered: meter};
	const changed = node.memories.length + node.tables.length > 0;
	let bytes = changed ? importing(from, header, sections, node) : from.bytes.subarray(header, from.end);
	from.pos = from.end;
	const globals = imports.filter(({kind}) => kind === 3).length;
	if (memory !== undefined && seen) {
		bytes = sparing(bytes, spare, {memory, min: seen.min, globals: globals + counted(of(6))});
	}
	if (meter) bytes = metered(bytes, host, globals);
	return {node, type: () => typeOfModule(of, types), bytes};
}
