/** One decision as bytes, as `src/audit/entry.ts` describes them: the two read and write the same. */
import {Entry} from './bindings/exports/audit';

const LAYOUT: u8 = 1;
const LONGEST = 4096;
const HEAD = 10;

/** The key under which entries are kept: the number of the last. */
export function keyOf(sequence: u64): string {
	return sequence.toString().padStart(16, '0');
}

const utf8 = (text: string): ArrayBuffer => String.UTF8.encode(text.slice(0, LONGEST), false, String.UTF8.ErrorMode.REPLACE);

/** An entry as bytes. */
export function encode(entry: Entry): Uint8Array {
	const parts = [utf8(entry.subject), utf8(entry.action), utf8(entry.object), utf8(entry.reason)];
	let length = HEAD;
	for (let i = 0; i < parts.length; i++) length += 4 + parts[i].byteLength;
	const bytes = new ArrayBuffer(length);
	let at = changetype<usize>(bytes);
	store<u8>(at, LAYOUT);
	store<u8>(at, entry.allowed, 1);
	store<u64>(at, entry.time, 2);
	at += HEAD;
	for (let i = 0; i < parts.length; i++) {
		const part = parts[i];
		store<u32>(at, part.byteLength);
		memory.copy(at + 4, changetype<usize>(part), part.byteLength);
		at += 4 + part.byteLength;
	}
	return Uint8Array.wrap(bytes);
}

/** The entries in these bytes, one after the other, up to what is of a layout that is not known. */
export function decode(bytes: Uint8Array): Entry[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const entries: Entry[] = [];
	let at = 0;
	while (at + HEAD <= bytes.length && view.getUint8(at) == LAYOUT) {
		const head = at;
		const texts: string[] = [];
		at += HEAD;
		for (let i = 0; i < 4; i++) {
			const length = view.getUint32(at, true);
			const start = at + 4;
			at = start + length;
			assert(at <= bytes.length);
			texts.push(String.UTF8.decodeUnsafe(bytes.dataStart + start, length));
		}
		entries.push(new Entry(view.getUint64(head + 2, true), texts[0], texts[1], texts[2], view.getUint8(head + 1) == 1, texts[3]));
	}
	return entries;
}
