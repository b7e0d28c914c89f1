import {definePlugin, errorTable, handover, packEntries, store, unpackEntries} from '@forgeone/sdk';

const LONGEST_KEY = 1024;
const LONGEST_VALUE = 1024 * 1024;

/** What the contract says of keys and values that are too long: a kind, a message, what to do about it. */
const errors = errorTable({
	FORGE_STORE_KEY: ['limit', 'a key has 1 to 1,024 bytes, not {bytes}', 'use a shorter key'],
	FORGE_STORE_VALUE: ['limit', 'a value has 1,048,576 bytes at most, not {bytes}', 'use a smaller value'],
});

function checkKey(key: string): void {
	const bytes = Buffer.byteLength(key);
	if (bytes < 1 || bytes > LONGEST_KEY) throw errors.FORGE_STORE_KEY({bytes});
}

/** In byte order, as the contract has it; JavaScript's own order differs beyond U+FFFF. */
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Keys and values in memory: gone when the plugin stops, but not when another store takes its place. */
export default definePlugin({
	name: 'plugin-ts',
	provides: {store, handover},
	setup({scope}) {
		const owners = new Map<string, Map<string, Uint8Array>>();
		scope.defer(() => owners.clear());
		const entriesOf = (owner: string) => owners.getOrInsertComputed(owner, () => new Map());
		return {
			// Made once for each caller, so that nobody can reach what is another's.
			store({subject}) {
				const entries = entriesOf(subject);
				return {
					get(key) {
						checkKey(key);
						return entries.get(key)?.slice();
					},
					set(key, value) {
						checkKey(key);
						if (value.length > LONGEST_VALUE) throw errors.FORGE_STORE_VALUE({bytes: value.length});
						entries.set(key, value.slice());
					},
					remove(key) {
						checkKey(key);
						return entries.delete(key);
					},
					keys(prefix, start, limit) {
						const found = [...entries.keys()].filter(key => key.startsWith(prefix) && byBytes(key, start) >= 0);
						return found.sort(byBytes).slice(0, limit);
					},
				};
			},
			// In a swap the next version, or another store, is given all that this one has.
			handover: () => ({
				save() {
					const all = [...owners].flatMap(([owner, entries]) => [...entries].map(([key, value]) => ({owner, key, value})));
					return packEntries(all);
				},
				restore(state) {
					for (const entries of owners.values()) entries.clear();
					for (const {owner, key, value} of unpackEntries(state)) entriesOf(owner).set(key, value);
				},
			}),
		};
	},
});
