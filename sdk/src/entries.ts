import {errors} from './errors.ts';

/** One entry of a store: the subject of the caller whose it is, its key, its value. */
export interface StoreEntry {
	readonly owner: string;
	readonly key: string;
	readonly value: Uint8Array;
}

/** Entries as one store hands them over to another, in the form that `forgeone:storage/store` describes. */
export function packEntries(entries: Iterable<StoreEntry>): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const {owner, key, value} of entries) {
		for (const part of [Buffer.from(owner), Buffer.from(key), value]) {
			const length = Buffer.alloc(4);
			length.writeUInt32LE(part.length);
			parts.push(length, part);
		}
	}
	return Buffer.concat(parts);
}

/** The entries that a store has handed over. Throws FORGE_STORE_STATE where the bytes end within one. */
export function* unpackEntries(state: Uint8Array): Generator<StoreEntry> {
	const bytes = Buffer.from(state.buffer, state.byteOffset, state.length);
	let at = 0;
	const part = () => {
		const start = at + 4;
		if (start <= bytes.length) at = start + bytes.readUInt32LE(at);
		if (start > bytes.length || at > bytes.length) throw errors.FORGE_STORE_STATE({bytes: bytes.length});
		return bytes.subarray(start, at);
	};
	while (at < bytes.length) yield {owner: part().toString(), key: part().toString(), value: Uint8Array.from(part())};
}
