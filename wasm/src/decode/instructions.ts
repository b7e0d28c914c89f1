import type {Reader} from './reader.ts';

/** Passes over what follows an opcode. */
type Skip = (from: Reader) => void;

const index: Skip = from => {
	while (from.u8('an index') >= 0x80);
};
const two: Skip = from => {
	index(from);
	index(from);
};
const bytes =
	(count: number): Skip =>
	from =>
		void from.take(count);

const memory: Skip = from => {
	const align = from.u32('an alignment');
	if (align & 0x40) index(from);
	index(from);
};

const valueType: Skip = from => {
	const code = from.u8('a type');
	if (code === 0x63 || code === 0x64) index(from);
};

/** A block's type: none or a value's by its byte, else the index of a type. */
const blockType: Skip = from => {
	if (from.peek() === 0x63 || from.peek() === 0x64) valueType(from);
	else index(from);
};

const handler: Skip = from => {
	if (from.u8('a handler') < 2) index(from);
	index(from);
};

const table = new Map<number, Skip>([
	[0x02, blockType],
	[0x03, blockType],
	[0x04, blockType],
	[0x06, blockType],
	[0x0e, jumpTable],
	[0x11, two],
	[0x13, two],
	[0x1c, from => void from.vec('types', () => valueType(from))],
	[0x1f, tryTable],
	[0x43, bytes(4)],
	[0x44, bytes(8)],
	[0xfc, misc],
	[0xfd, vector],
	[0xfe, from => (from.u32() === 3 ? void from.u8() : memory(from))],
]);
const indexed = [0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x18, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2, 0xd5, 0xd6];
for (const code of indexed) table.set(code, index);
for (let code = 0x20; code <= 0x26; code++) table.set(code, index);
for (let code = 0x28; code <= 0x3e; code++) table.set(code, memory);

function jumpTable(from: Reader): void {
	from.vec('labels', () => index(from));
	index(from);
}

function tryTable(from: Reader): void {
	blockType(from);
	from.vec('handlers', () => handler(from));
}

function misc(from: Reader): void {
	const code = from.u32('an instruction');
	if (code < 8) return;
	if ([8, 10, 12, 14].includes(code)) two(from);
	else index(from);
}

function vector(from: Reader): void {
	const code = from.u32('an instruction');
	if (code <= 11 || (code >= 84 && code <= 93)) memory(from);
	if (code === 12 || code === 13) from.take(16);
	if ((code >= 21 && code <= 34) || (code >= 84 && code <= 91)) from.u8('a lane');
}

/** Whether an opcode opens a block that an `end` closes. */
export const opens = (code: number): boolean => (code >= 0x02 && code <= 0x04) || code === 0x06 || code === 0x1f;

/** Passes over one instruction; gives its opcode. Instructions of garbage collection are not known here. */
export function instruction(from: Reader): number {
	const code = from.u8('an instruction');
	if (code === 0xfb) from.unsupported('metering of garbage-collected code');
	table.get(code)?.(from);
	return code;
}
