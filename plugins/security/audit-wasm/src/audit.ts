/** What the component exports: `forgeone:security/audit`. `build.ts` gives the functions their canonical names. */
import {free, get, keys, remove, set, takeString} from './abi';
import {decode, Entry, encode, keyOf} from './entry';

export {cabi_realloc} from './abi';

/** At least so many entries are kept. */
const KEPT = 1000;

/** How often older ones are dropped: once in so many entries. */
const TRIM = 100;

/** The size of an entry in memory: the time, three strings, whether it was allowed, a string. */
const SIZE = 48;

let next: u64 = 0;

/** Numbers an entry by what is in the store and not by memory: during a swap another version may have written meanwhile. */
export function append(
	time: u64,
	subject: usize,
	subjectLength: usize,
	action: usize,
	actionLength: usize,
	object: usize,
	objectLength: usize,
	allowed: bool,
	reason: usize,
	reasonLength: usize,
): void {
	const entry = new Entry(
		time,
		takeString(subject, subjectLength),
		takeString(action, actionLength),
		takeString(object, objectLength),
		allowed,
		takeString(reason, reasonLength),
	);
	const later = keys(keyOf(next));
	if (later.length) next = U64.parseInt(later[later.length - 1]) + 1;
	set(keyOf(next), encode(entry));
	next++;
	if (next % TRIM == 0) trim();
}

function trim(): void {
	const all = keys('');
	for (let i = 0; i < all.length - KEPT; i++) remove(all[i]);
}

/** The newest entries as a list in memory, which `recentDone` frees. */
export function recent(limit: u32): usize {
	const all = keys('');
	const entries: Entry[] = [];
	for (let i = all.length - 1; i >= 0 && <u32>entries.length < limit; i--) {
		const bytes = get(all[i]);
		const entry = bytes ? decode(bytes) : null;
		if (entry) entries.push(entry);
	}
	const list = entries.length ? heap.alloc(entries.length * SIZE) : 0;
	for (let i = 0; i < entries.length; i++) {
		const entry = entries[i];
		const at = list + i * SIZE;
		store<u64>(at, entry.time);
		give(at + 8, entry.subject);
		give(at + 16, entry.action);
		give(at + 24, entry.object);
		store<u8>(at + 32, entry.allowed);
		give(at + 36, entry.reason);
	}
	const result = heap.alloc(8);
	store<usize>(result, list);
	store<i32>(result, entries.length, 4);
	return result;
}

/** Writes the address and the length of a copy of `text` that stays where it is. */
function give(at: usize, text: string): void {
	const size = text.length << 1;
	const data = size ? heap.alloc(size) : 2;
	memory.copy(data, changetype<usize>(text), size);
	store<usize>(at, data);
	store<i32>(at, text.length, 4);
}

/** Frees what `recent` gave, once the host has read it. */
export function recentDone(result: usize): void {
	const list = load<usize>(result);
	const length = load<i32>(result, 4);
	for (let i = 0; i < length; i++) {
		for (let field = 8; field <= 36; field += field == 24 ? 12 : 8) {
			const at = list + i * SIZE + field;
			free(load<usize>(at), load<usize>(at, 4));
		}
	}
	free(list, length);
	heap.free(result);
}
