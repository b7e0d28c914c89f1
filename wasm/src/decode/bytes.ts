import {Reader} from './reader.ts';

/** A section of a core module: where it begins and ends, and where its content begins. */
export interface Section {
	readonly id: number;
	readonly start: number;
	readonly body: number;
	readonly end: number;
}

/** The sections from here to the reader's end. */
export function sectionsOf(from: Reader): Section[] {
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

/** A number as an unsigned LEB128. */
export function leb(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	do {
		const low = rest % 128;
		rest = Math.floor(rest / 128);
		bytes.push(rest > 0 ? low | 0x80 : low);
	} while (rest > 0);
	return bytes;
}

/** A name with its length. */
export function text(name: string): number[] {
	const bytes = new TextEncoder().encode(name);
	return [...leb(bytes.length), ...bytes];
}

/** A section that is a vector: what it had, with entries added. */
export function extended(bytes: Uint8Array, id: number, old: Section | undefined, entries: readonly (readonly number[])[]): Uint8Array {
	const before = old === undefined ? new Reader(bytes, 0, 0) : new Reader(bytes, old.body, old.end);
	const count = leb((before.done ? 0 : before.u32()) + entries.length);
	const kept = bytes.subarray(before.pos, before.end);
	const added = entries.flat();
	return Buffer.concat([Uint8Array.of(id, ...leb(count.length + kept.length + added.length), ...count), kept, Uint8Array.from(added)]);
}

/** The sections of a core module in the order that they must have. */
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** The module with some sections replaced, by id; one that it did not have is placed where the order of sections wants it, an empty one is left out. */
export function replaced(bytes: Uint8Array, header: number, sections: readonly Section[], by: ReadonlyMap<number, Uint8Array>): Uint8Array {
	const parts = [bytes.subarray(header, header + 8)];
	const left = new Map([...by].sort(([one], [two]) => order.indexOf(one) - order.indexOf(two)));
	for (const {id, start, end} of sections) {
		for (const [before, added] of left) {
			if (id === 0 || order.indexOf(before) >= order.indexOf(id)) break;
			parts.push(added);
			left.delete(before);
		}
		parts.push(by.get(id) ?? bytes.subarray(start, end));
		left.delete(id);
	}
	return Buffer.concat([...parts, ...left.values()]);
}
