import type {Client} from '@forgeone/core';
import type {Store} from '@forgeone/wasm';
import type {TestFn} from 'ava';

/** Two callers of one store, which has nothing of theirs in it. */
export interface Clients extends AsyncDisposable {
	readonly one: Client<typeof Store>;
	readonly two: Client<typeof Store>;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** What every provider of the contract `forgeone:storage/store` keeps. */
export function storeSuite(test: TestFn, title: string, open: () => Promise<Clients>): void {
	test(`${title}: what was set is got, replaced and removed`, async t => {
		await using clients = await open();
		const {one} = clients;
		t.is(await one.get('k'), undefined);
		t.false(await one.remove('k'));
		await one.set('k', bytes('a'));
		await one.set('k', new Uint8Array([0, 255, 0]));
		t.deepEqual([...((await one.get('k')) ?? [])], [0, 255, 0]);
		await one.set('empty', new Uint8Array());
		t.is((await one.get('empty'))?.length, 0);
		t.true(await one.remove('k'));
		t.is(await one.get('k'), undefined);
	});

	test(`${title}: each caller has its own`, async t => {
		await using clients = await open();
		const {one, two} = clients;
		await one.set('k', bytes('one'));
		t.is(await two.get('k'), undefined);
		t.deepEqual(await two.keys('', '', 10), []);
		t.false(await two.remove('k'));
		t.deepEqual(await one.get('k'), bytes('one') as never);
	});

	test(`${title}: keys come in byte order, from a start, with a prefix, and no more than asked for`, async t => {
		await using clients = await open();
		const {one} = clients;
		const keys = ['a', 'a/1', 'a/10', 'a/2', 'a0', 'b', '~', 'é', '\uffff', '\u{10000}', 'nul\0', 'nul\0x'];
		for (const key of keys) await one.set(key, new Uint8Array());
		const sorted = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
		t.deepEqual(await one.keys('', '', 0xffff_ffff), sorted);
		t.deepEqual(await one.keys('a/', '', 10), ['a/1', 'a/10', 'a/2']);
		t.deepEqual(await one.keys('a/', 'a/10', 1), ['a/10']);
		t.deepEqual(await one.keys('a/', 'a/11', 10), ['a/2']);
		t.deepEqual(await one.keys('a/', 'b', 10), []);
		t.deepEqual(await one.keys('\u{10000}', '', 10), ['\u{10000}']);
		t.deepEqual(await one.keys('', '', 0), []);
	});

	test(`${title}: a key has 1 to 1,024 bytes, a value 1 MiB`, async t => {
		await using clients = await open();
		const {one} = clients;
		const longest = 'é'.repeat(512);
		await one.set(longest, new Uint8Array(1024 * 1024));
		t.is((await one.get(longest))?.length, 1024 * 1024);
		for (const key of ['', `${longest}x`]) {
			await t.throwsAsync(one.set(key, bytes('')), {code: 'FORGE_STORE_KEY'});
			await t.throwsAsync(one.get(key), {code: 'FORGE_STORE_KEY'});
			await t.throwsAsync(one.remove(key), {code: 'FORGE_STORE_KEY'});
		}
		await t.throwsAsync(one.set('k', new Uint8Array(1024 * 1024 + 1)), {code: 'FORGE_STORE_VALUE'});
		t.is(await one.get('k'), undefined);
	});
}
