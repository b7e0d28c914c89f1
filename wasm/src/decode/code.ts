import {leb, type Section} from './bytes.ts';
import {Reader} from './reader.ts';

/** Bytes to put in place of what lies from `start` to `end`. */
export interface Edit {
	readonly start: number;
	readonly end: number;
	readonly bytes: Uint8Array;
}

/** What lies from `start` to `end`, with the edits made; they are in order and do not overlap. */
export function edited(bytes: Uint8Array, start: number, end: number, edits: readonly Edit[]): Uint8Array {
	const parts: Uint8Array[] = [];
	let at = start;
	for (const edit of edits) {
		parts.push(bytes.subarray(at, edit.start), edit.bytes);
		at = edit.end;
	}
	return Buffer.concat([...parts, bytes.subarray(at, end)]);
}

/** A signed LEB128 of a number that is not negative. */
export function signed(value: number): number[] {
	const bytes = leb(value);
	const last = bytes.at(-1) as number;
	return last & 0x40 ? [...bytes.slice(0, -1), last | 0x80, 0] : bytes;
}

/** One function's code, with the edits that `find` gives when it is at the first instruction. */
function body(from: Reader, find: (from: Reader) => readonly Edit[]): Uint8Array {
	const end = from.u32('the size of a function') + from.pos;
	const start = from.pos;
	from.vec('locals', () => {
		from.u32();
		if ([0x63, 0x64].includes(from.u8('a type'))) from.u32();
	});
	const code = edited(from.bytes, start, end, find(from));
	from.pos = end;
	return Buffer.concat([Uint8Array.from(leb(code.length)), code]);
}

/** A section of a core module with this content. */
export const section = (id: number, content: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(id, ...leb(content.length)), content]);

/** The section of code, with edits in each function. */
export function rewritten(bytes: Uint8Array, {id, body: start, end}: Section, find: (from: Reader) => readonly Edit[]): Uint8Array {
	const from = new Reader(bytes, start, end);
	const count = from.count('functions');
	return section(id, Buffer.concat([Uint8Array.from(leb(count)), ...Array.from({length: count}, () => body(from, find))]));
}
