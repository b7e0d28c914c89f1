import type {Audit} from '@forgeone/wasm';

/** The layout that this code reads and writes, in the first byte of an entry. */
const LAYOUT = 1;

/** The most characters that are kept of one text. */
const LONGEST = 4096;

const texts = ['subject', 'action', 'object', 'reason'] as const;

/** The key under which entries are kept together: the number of the last, so that keys in byte order are entries in the order in which they came. */
export const keyOf = (sequence: number): string => String(sequence).padStart(16, '0');

/**
 * An entry as bytes: the layout, whether it was allowed, the time (64 bits), then subject, action, object and reason, each with its length in
 * bytes (32 bits) before it, in UTF-8. Numbers are little-endian. `audit-wasm/entry.ts` reads and writes the same.
 */
export function encode(entry: Audit.Entry): Uint8Array {
	const parts = texts.map(name => Buffer.from(entry[name].slice(0, LONGEST)));
	const head = Buffer.from([LAYOUT, entry.allowed ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0]);
	head.writeBigUInt64LE(entry.time, 2);
	const lengths = parts.map(part => {
		const length = Buffer.alloc(4);
		length.writeUInt32LE(part.length);
		return length;
	});
	return Buffer.concat([head, ...parts.flatMap((part, index) => [lengths[index] ?? part, part])]);
}

/** The entries in these bytes, one after the other, up to what is of a layout that is not known. */
export function decode(bytes: Uint8Array): Audit.Entry[] {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	const entries: Audit.Entry[] = [];
	let at = 0;
	const text = () => {
		const start = at + 4;
		at = start + buffer.readUInt32LE(at);
		return buffer.toString('utf8', start, at);
	};
	while (buffer[at] === LAYOUT) {
		const [allowed, time] = [buffer[at + 1] === 1, buffer.readBigUInt64LE(at + 2)];
		at += 10;
		entries.push({time, subject: text(), action: text(), object: text(), allowed, reason: text()});
	}
	return entries;
}
