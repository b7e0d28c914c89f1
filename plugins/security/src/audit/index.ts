import {audit, definePlugin, store} from '@forgeone/sdk';
import {decode, encode, keyOf} from './entry.ts';

/** At least so many entries are kept. */
const KEPT = 1_000;

/** How often older ones are dropped: once in so many entries. */
const TRIM = 100;

const ALL = 0xffff_ffff;

/**
 * Keeps decisions in the store. Entries are numbered by what is in the store and not by memory, so that two versions which run side by side
 * during a swap do not write over each other; each call is done before another can begin.
 */
export default definePlugin({
	name: 'audit',
	provides: {audit},
	uses: {store},
	setup({uses}) {
		const entries = uses.store.sync();
		let next = 0;

		function trim(): void {
			const keys = entries.keys('', '', ALL);
			for (const key of keys.slice(0, Math.max(0, keys.length - KEPT))) entries.remove(key);
		}

		const sink = {
			append(entry: Parameters<typeof encode>[0]): void {
				const last = entries.keys('', keyOf(next), ALL).at(-1);
				if (last !== undefined) next = Number(last) + 1;
				entries.set(keyOf(next), encode(entry));
				next++;
				if (next % TRIM === 0) trim();
			},
			recent(limit: number) {
				const keys = entries.keys('', '', ALL).reverse().slice(0, limit);
				return keys.flatMap(key => {
					const bytes = entries.get(key);
					return (bytes && decode(bytes)) ?? [];
				});
			},
		};
		return {audit: () => sink};
	},
});
