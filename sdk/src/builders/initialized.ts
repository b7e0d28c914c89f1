import {leb} from '../bindgen/bare.ts';

/** A section of a module: its id, and what is in it. */
interface Section {
	readonly id: number;
	readonly body: Uint8Array;
}

const ids = {memory: 5, globals: 6, exports: 7, data: 11, count: 12};

/** A number in seven bits each, with a sign, as constants have it. */
function signed(value: number): number[] {
	const bytes: number[] = [];
	for (let left = value | 0; ; left >>= 7) {
		if (left >= -64 && left < 64) return [...bytes, left & 0x7f];
		bytes.push((left & 0x7f) | 0x80);
	}
}

/** Reads a module's numbers, one after the other. */
class Cursor {
	readonly bytes: Uint8Array;
	at: number;

	constructor(bytes: Uint8Array, at = 0) {
		this.bytes = bytes;
		this.at = at;
	}

	number(): number {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = this.bytes[this.at++] as number;
			value |= (byte & 0x7f) << shift;
			if (byte < 0x80) return value >>> 0;
		}
	}

	take(length: number): Uint8Array {
		this.at += length;
		return this.bytes.subarray(this.at - length, this.at);
	}
}

function sectionsOf(module: Uint8Array): Section[] {
	const found: Section[] = [];
	for (const cursor = new Cursor(module, 8); cursor.at < module.length; ) {
		const [id = 0] = cursor.take(1);
		found.push({id, body: cursor.take(cursor.number())});
	}
	return found;
}

/** The exports but for those of these names. */
function without(body: Uint8Array, names: readonly string[]): Uint8Array {
	const cursor = new Cursor(body);
	const kept: Uint8Array[] = [];
	for (let left = cursor.number(); left > 0; left--) {
		const start = cursor.at;
		const name = Buffer.from(cursor.take(cursor.number())).toString();
		cursor.take(1);
		cursor.number();
		if (!names.includes(name)) kept.push(body.subarray(start, cursor.at));
	}
	return Buffer.concat([Uint8Array.from(leb(kept.length)), ...kept]);
}

/** More zeros than these are left out; fewer cost less than a segment's head. */
const GAP = 16;

/** What is not zero in a memory: where it begins, and where it ends. */
function* pieces(memory: Uint8Array): Generator<[start: number, end: number], void> {
	for (let start = 0; start < memory.length; ) {
		while (start < memory.length && memory[start] === 0) start++;
		if (start === memory.length) return;
		let end = start;
		for (let at = start; at < memory.length && at - end < GAP; at++) if (memory[at] !== 0) end = at + 1;
		yield [start, end];
		start = end + GAP;
	}
}

/** A memory as segments that are there from the start: `i32.const` where, `end`, the bytes. */
function dataOf(memory: Uint8Array): {count: number; body: Uint8Array} {
	const parts: Uint8Array[] = [];
	let count = 0;
	for (const [start, end] of pieces(memory)) {
		parts.push(Uint8Array.from([0, 0x41, ...signed(start), 0x0b, ...leb(end - start)]), memory.subarray(start, end));
		count++;
	}
	return {count, body: Buffer.concat([Uint8Array.from(leb(count)), ...parts])};
}

/**
 * A module that begins with this memory, and without the exports of these names, which led there. It has one memory of its own, its segments are
 * active, and its only global is the stack's: that is what engines are built like. Throws where it has more globals.
 */
export function initialized(module: Uint8Array, memory: Uint8Array, names: readonly string[]): Uint8Array {
	const {count, body} = dataOf(memory);
	const parts: Uint8Array[] = [module.subarray(0, 8)];
	for (const section of sectionsOf(module)) {
		let made = section.body;
		// One is the stack's, which is where it was once all calls have returned; what others hold would be lost.
		if (section.id === ids.globals && made[0] !== 1) throw new Error('the module keeps state in globals, beside its memory');
		if (section.id === ids.memory) made = Uint8Array.from([1, 0, ...leb(memory.length / 65_536)]);
		if (section.id === ids.exports) made = without(made, names);
		if (section.id === ids.count) made = Uint8Array.from(leb(count));
		if (section.id === ids.data) made = body;
		parts.push(Uint8Array.from([section.id, ...leb(made.length)]), made);
	}
	return Buffer.concat(parts);
}
