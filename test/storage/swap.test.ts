import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setImmediate as turn} from 'node:timers/promises';
import type {AnyPlugin} from '@forgeone/core';
import sqlite from '@forgeone/plugin-storage/store';
import {definePlugin, handover, packEntries, type StoreEntry, store, unpackEntries} from '@forgeone/sdk';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {kernelOf, openPolicy} from '../support/plugins.ts';
import {storeOf} from '../support/stores.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => value && new TextDecoder().decode(value);

async function boot(t: ExecutionContext, first: AnyPlugin | string) {
	const state = mkdtempSync(join(tmpdir(), 'forge-'));
	const kernel = await kernelOf(t, {store: first, policy: openPolicy()}, {state});
	t.teardown(() => rmSync(state, {recursive: true}));
	const reason = () => kernel.graph().find(({name}) => name === 'store')?.reason;
	return {kernel, entries: (await kernel.link(store))(), reason};
}

test('10,000 calls a second and 100 swaps between TypeScript and WebAssembly: no call fails, no write is lost', async t => {
	await using typescript = await storeOf('plugin-ts');
	await using assemblyscript = await storeOf('plugin-assemblyscript');
	const {kernel, entries} = await boot(t, typescript.file);

	/** One who writes a number, reads it again, and goes on with the next. */
	interface Writer {
		readonly key: string;
		written: number;
		read: boolean;
	}
	const writers: Writer[] = [];
	const idle: Writer[] = [];
	const failed: unknown[] = [];
	let calls = 0;

	async function call(writer: Writer): Promise<void> {
		calls++;
		if (writer.read) {
			await entries.set(writer.key, bytes(String(writer.written + 1)));
			writer.written++;
		} else {
			const found = text(await entries.get(writer.key));
			if (found !== String(writer.written)) throw new Error(`${writer.key} is ${found}, not ${writer.written}`);
		}
		writer.read = !writer.read;
		idle.push(writer);
	}

	function another(): Writer {
		const writer = {key: `writer ${writers.length}`, written: 0, read: true};
		writers.push(writer);
		return writer;
	}

	let swaps = 0;
	const swapping = (async () => {
		for (; swaps < 100; swaps++) await kernel.swap('store', swaps % 2 === 0 ? assemblyscript.file : typescript.file);
	})();
	const under = new Set<Promise<unknown>>();
	for (const start = performance.now(); swaps < 100 || calls < 20_000; await turn()) {
		for (let due = (performance.now() - start) * 10 - calls; due > 0; due--) {
			const work = call(idle.pop() ?? another()).catch(error => failed.push(error));
			under.add(work);
			void work.finally(() => under.delete(work));
		}
	}
	await Promise.all([swapping, ...under]);

	t.deepEqual(failed, []);
	t.is(swaps, 100);
	const lost: string[] = [];
	for (const {key, written} of writers) if (text(await entries.get(key)) !== String(written)) lost.push(key);
	t.deepEqual(lost, []);
	t.is((await entries.keys('writer ', '', 0xffff_ffff)).length, writers.length);
	t.is(kernel.graph().find(({name}) => name === 'store')?.reason, undefined);
	t.log(`${calls} calls of ${writers.length} writers`);
});

for (const template of ['plugin-ts', 'plugin-assemblyscript', 'plugin-js'] as const) {
	test(`what is on disk goes to ${template} in a swap, and comes back with what was done meanwhile`, async t => {
		await using other = await storeOf(template);
		const {kernel, entries} = await boot(t, sqlite);
		const odd = ['a', 'nul\0', 'line\n', 'é', '\uffff', '\u{10000}'];
		for (const key of odd) await entries.set(key, new Uint8Array([0, 255, 0]));
		await entries.set('empty', new Uint8Array());
		await kernel.swap('store', other.file);
		t.deepEqual((await entries.keys('', '', 99)).toSorted(), [...odd, 'empty'].toSorted());
		for (const key of odd) t.deepEqual([...((await entries.get(key)) ?? [])], [0, 255, 0]);
		t.is((await entries.get('empty'))?.length, 0);
		t.true(await entries.remove('a'));
		await entries.set('new', bytes('n'));
		await kernel.swap('store', sqlite);
		t.is(text(await entries.get('new')), 'n');
		t.is(await entries.get('a'), undefined);
		t.is((await entries.keys('', '', 99)).length, odd.length + 1);
	});
}

for (const [from, most] of [
	['disk', 16],
	['plugin-assemblyscript', 16],
	['plugin-js', 4],
] as const) {
	test(`more than ${most} MiB is not handed over (${from}): the store goes on, and says why`, async t => {
		await using other = await storeOf('plugin-ts');
		await using own = from === 'disk' ? undefined : await storeOf(from);
		const {kernel, entries, reason} = await boot(t, own?.file ?? sqlite);
		for (let i = 0; i <= most; i++) await entries.set(`k${i}`, new Uint8Array(1024 * 1024).fill(i));
		const message = new RegExp(`hands over ${most} MiB at most`);
		await t.throwsAsync(kernel.swap('store', other.file), {code: 'FORGE_SWAP_HANDOVER', message});
		t.is((await entries.get(`k${most}`))?.at(-1), most);
		t.regex(reason() ?? '', message);
		for (const left of [most, 0]) await entries.remove(`k${left}`);
		await kernel.swap('store', other.file);
		t.is((await entries.keys('', '', 99)).length, most - 1);
		t.is((await entries.get('k1'))?.at(-1), 1);
	});
}

test('a state that ends within an entry is taken by nobody', async t => {
	const torn = definePlugin({
		name: 'torn',
		provides: {store, handover},
		setup() {
			const nothing = {get: () => bytes('still here'), set() {}, remove: () => false, keys: () => []};
			return {store: () => nothing, handover: () => ({save: () => new Uint8Array([5, 0, 0, 0, 1]), restore() {}})};
		},
	});
	await using typescript = await storeOf('plugin-ts');
	await using assemblyscript = await storeOf('plugin-assemblyscript');
	await using javascript = await storeOf('plugin-js');
	const {kernel, entries} = await boot(t, torn);
	for (const next of [sqlite, typescript.file, assemblyscript.file, javascript.file]) {
		await t.throwsAsync(kernel.swap('store', next), {code: 'FORGE_SWAP_HANDOVER'});
		t.is(text(await entries.get('k')), 'still here');
	}
});

test('entries are read as they were written, and what is cut off is refused', t => {
	const entry: fc.Arbitrary<StoreEntry> = fc.record({owner: fc.string(), key: fc.string({unit: 'grapheme'}), value: fc.uint8Array()});
	fc.assert(
		fc.property(fc.array(entry), fc.nat(), (entries, cut) => {
			const state = packEntries(entries);
			t.deepEqual([...unpackEntries(state)], entries);
			const end = cut % (state.length + 1);
			const ends = entries.map((_, index) => packEntries(entries.slice(0, index)).length);
			if (end < state.length && !ends.includes(end)) {
				t.throws(() => [...unpackEntries(state.subarray(0, end))], {code: 'FORGE_STORE_STATE'});
			}
		}),
	);
});
