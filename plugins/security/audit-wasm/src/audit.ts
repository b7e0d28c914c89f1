/** What the component exports: `forgeone:security/audit`, kept in whichever store there is. */
import {Entry} from './bindings/exports/audit';
import {get, keys, remove, set} from './bindings/imports/store';
import {decode, encode, keyOf} from './entry';

/** At least so many entries are kept. */
const KEPT = 1000;

/** How often older ones are dropped: once in so many entries. */
const TRIM = 100;

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

/** All keys that are not below `start`, in order. */
function all(start: string): string[] {
	return keys('', start, u32.MAX_VALUE).value;
}

function trim(): void {
	const kept = all('');
	for (let i = 0; i < kept.length - KEPT; i++) assert(remove(kept[i]).isOk);
}

/** The newest entries. */
export function recent(limit: u32): Entry[] {
	const kept = all('');
	const entries: Entry[] = [];
	for (let i = kept.length - 1; i >= 0 && <u32>entries.length < limit; i--) {
		const bytes = get(kept[i]).value;
		const entry = bytes ? decode(bytes) : null;
		if (entry) entries.push(entry);
	}
	return entries;
}
