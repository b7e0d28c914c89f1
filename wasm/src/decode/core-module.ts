import type {Bounds, ModuleNode} from './ast.ts';
import {Reader} from './reader.ts';
import type {Gathered} from './scope.ts';

type Table = ModuleNode['tables'][number];

/** A section of the module: where it begins and ends, and where its content begins. */
interface Section {
	readonly id: number;
	readonly start: number;
	readonly body: number;
	readonly end: number;
}

/** The most pages that a 32-bit memory can have, and the most elements that V8 gives a table. */
export const most = {pages: 65_536, elements: 10_000_000} as const;

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

/** Passes over one import; gives the name of the module it is from. */
function importedFrom(from: Reader): string {
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
	return module;
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

function sectionsOf(from: Reader): Section[] {
	const sections: Section[] = [];
	while (!from.done) {
		const start = from.pos;
		const id = from.u8('a section');
		const size = from.u32('the size of a section');
		sections.push({id, start, body: from.pos, end: from.pos + size});
		from.take(size);
	}
	return sections;
}

const within = (from: Reader, section: Section | undefined, base: number): Reader =>
	section === undefined ? new Reader(from.bytes, 0, 0) : new Reader(from.bytes, section.body, section.end, base);

function leb(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	do {
		const low = rest % 128;
		rest = Math.floor(rest / 128);
		bytes.push(rest > 0 ? low | 0x80 : low);
	} while (rest > 0);
	return bytes;
}

const text = (name: string): number[] => [...leb(name.length), ...new TextEncoder().encode(name)];

const limits = ({min, max}: Bounds): number[] => (max === undefined ? [0, ...leb(min)] : [1, ...leb(min), ...leb(max)]);

function importsFor({host, memories, tables}: ModuleNode): number[] {
	return [
		...memories.flatMap((memory, i) => [...text(host), ...text(`memory${i}`), 2, ...limits(memory)]),
		...tables.flatMap((entry, i) => [...text(host), ...text(`table${i}`), 1, entry.element === 'anyfunc' ? 0x70 : 0x6f, ...limits(entry)]),
	];
}

/** The same module with its memories and tables imported. Imports come first in each index space, and keep their order: no index changes. */
function importing(from: Reader, header: number, sections: readonly Section[], node: ModuleNode): Uint8Array {
	const {bytes} = from;
	const old = sections.find(section => section.id === 2);
	const before = within(from, old, 0);
	const count = (before.done ? 0 : before.u32()) + node.memories.length + node.tables.length;
	const added = importsFor(node);
	const kept = before.bytes.subarray(before.pos, before.end);
	const head = leb(count);
	const size = head.length + kept.length + added.length;
	const imports = [Uint8Array.of(2, ...leb(size), ...head), kept, Uint8Array.from(added)];
	const parts: Uint8Array[] = [bytes.subarray(header, header + 8)];
	let placed = false;
	for (const {id, start, end} of sections) {
		if (!placed && id > 1) {
			parts.push(...imports);
			placed = true;
		}
		const moved = id === 2 || (id === 4 && node.tables.length > 0) || (id === 5 && node.memories.length > 0);
		if (!moved) parts.push(bytes.subarray(start, end));
	}
	if (!placed) parts.push(...imports);
	return Buffer.concat(parts);
}

/** Reads what the linker needs of a core module, to the reader's end. V8 validates the rest when it compiles the bytes given. */
export function readModule(from: Reader): Gathered['modules'][number] {
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
	const names = new Set(read(2, 'imports', importedFrom));
	let host = 'host';
	while (names.has(host)) host += '_';
	const node = {host, memories: read(5, 'memories', bounds), tables: read(4, 'tables', table)};
	const changed = node.memories.length + node.tables.length > 0;
	return {node, bytes: changed ? importing(from, header, sections, node) : from.bytes.subarray(header, from.end)};
}
