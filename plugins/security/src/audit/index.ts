import {audit, definePlugin, store} from '@forgeone/sdk';
import type {Audit} from '@forgeone/wasm';
import {decode, encode, keyOf} from './entry.ts';

type Entry = Audit.Entry;

/** At least so many entries are kept. */
const KEPT = 1_000;

/** How often older ones are dropped: once in so many entries, about. */
const TRIM = 64;

/** How many are kept under one key, at most: as large as they may be, a store takes them. */
const TOGETHER = 16;

const ALL = 0xffff_ffff;

/**
 * Keeps decisions in the store, those that come together under one key, for each key that is set waits for the disk. Entries are numbered by what is in the store and not by memory, so that two versions which run side by side
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
			const end = keyOf(Math.max(0, next - KEPT));
			for (const key of entries.keys('', '', ALL).filter(key => key < end)) entries.remove(key);
		}

		function keep(some: readonly Entry[]): void {
			const last = entries.keys('', keyOf(next), ALL).at(-1);
			if (last !== undefined) next = Number(last) + 1;
			entries.set(keyOf(next + some.length - 1), Buffer.concat(some.map(encode)));
			next += some.length;
			if (next % TRIM < some.length) trim();
		}

		const sink = {
			append: (entry: Entry) => keep([entry]),
			appendAll(some: readonly Entry[]): void {
				for (let at = 0; at < some.length; at += TOGETHER) keep(some.slice(at, at + TOGETHER));
			},
			recent(limit: number) {
				const found: Entry[] = [];
				for (const key of entries.keys('', '', ALL).reverse()) {
					if (found.length >= limit) break;
					found.push(...decode(entries.get(key) ?? new Uint8Array()).reverse());
				}
				return found.slice(0, limit);
			},
		};
		return {audit: () => sink};
	},
});
