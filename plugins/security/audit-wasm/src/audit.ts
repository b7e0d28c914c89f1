/** What the component exports: `forgeone:security/audit`, kept in whichever store there is. */
import {Entry} from './bindings/exports/audit';
import {get, keys, remove, set} from './bindings/imports/store';
import {decode, encode, keyOf} from './entry';

/** At least so many entries are kept. */
const KEPT: u64 = 1000;

/** How often older ones are dropped: once in so many entries. */
const TRIM = 64;

let next: u64 = 0;

/** Numbers an entry by what is in the store and not by memory: during a swap another version may have written meanwhile. */
export function append(entry: Entry): void {
	const later = all(keyOf(next));
	if (later.length) next = U64.parseInt(later[later.length - 1]) + 1;
	// The contract has no word for a store that fails: the call must not seem to have gone well.
	assert(set(keyOf(next), encode(entry)).isOk);
	next++;
	if (next % TRIM == 0) trim();
}

export function appendAll(entries: Entry[]): void {
	for (let i = 0; i < entries.length; i++) append(entries[i]);
}

/** All keys that are not below `start`, in order. */
function all(start: string): string[] {
	return keys('', start, u32.MAX_VALUE).value;
}

function trim(): void {
	const end = keyOf(next > KEPT ? next - KEPT : 0);
	const kept = all('');
	for (let i = 0; i < kept.length && kept[i] < end; i++) assert(remove(kept[i]).isOk);
}

/** The newest entries. */
export function recent(limit: u32): Entry[] {
	const kept = all('');
	const entries: Entry[] = [];
	for (let i = kept.length - 1; i >= 0 && <u32>entries.length < limit; i--) {
		const bytes = get(kept[i]).value;
		const found: Entry[] = bytes ? decode(bytes) : [];
		for (let j = found.length - 1; j >= 0 && <u32>entries.length < limit; j--) entries.push(found[j]);
	}
	return entries;
}
