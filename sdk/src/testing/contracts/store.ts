import assert from 'node:assert/strict';
import {store} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const MANY = 0xffff_ffff;

/** What every provider of `forgeone:storage/store` keeps, but for what is to outlive it. */
export function storeContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'store', plugin, options);

	promise('what was set is got, replaced and removed', async kernel => {
		const entries = kernel.as('one')(store);
		assert.equal(await entries.get('k'), undefined);
		assert.equal(await entries.remove('k'), false);
		await entries.set('k', bytes('a'));
		await entries.set('k', new Uint8Array([0, 255, 0]));
		assert.deepEqual([...((await entries.get('k')) ?? [])], [0, 255, 0]);
		await entries.set('empty', new Uint8Array());
		assert.equal((await entries.get('empty'))?.length, 0);
		assert.equal(await entries.remove('k'), true);
		assert.equal(await entries.get('k'), undefined);
	});

	promise('each caller has its own', async kernel => {
		const [one, two] = [kernel.as('one')(store), kernel.as('two')(store)];
		await one.set('k', bytes('one'));
		assert.equal(await two.get('k'), undefined);
		assert.deepEqual(await two.keys('', '', 10), []);
		assert.equal(await two.remove('k'), false);
		await two.set('k', bytes('two'));
		assert.equal(Buffer.from((await one.get('k')) ?? []).toString(), 'one');
		// A person and a container may have one name.
		assert.equal(await kernel.as('container:one')(store).get('k'), undefined);
	});

	promise('what was given and what was got is nobody else’s to change', async kernel => {
		const entries = kernel.as('one')(store);
		const value = bytes('a');
		await entries.set('k', value);
		value.fill(0);
		(await entries.get('k'))?.fill(1);
		assert.equal(Buffer.from((await entries.get('k')) ?? []).toString(), 'a');
	});

	promise('keys come in byte order, from a start, with a prefix, and no more than asked for', async kernel => {
		const entries = kernel.as('one')(store);
		const names = ['a', 'a/1', 'a/10', 'a/2', 'a0', 'b', '~', 'é', '\uffff', '\u{10000}', 'nul\0', 'nul\0x', '__proto__', 'constructor'];
		for (const key of names) await entries.set(key, new Uint8Array());
		const sorted = [...names].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
		assert.deepEqual(await entries.keys('', '', MANY), sorted);
		assert.deepEqual(await entries.keys('a/', '', 10), ['a/1', 'a/10', 'a/2']);
		assert.deepEqual(await entries.keys('a/', 'a/10', 1), ['a/10']);
		assert.deepEqual(await entries.keys('a/', 'a/11', 10), ['a/2']);
		assert.deepEqual(await entries.keys('a/', 'b', 10), []);
		assert.deepEqual(await entries.keys('\u{10000}', '', 10), ['\u{10000}']);
		assert.deepEqual(await entries.keys('', '', 0), []);
	});

	promise('a key has 1 to 1,024 bytes, a value 1 MiB', async kernel => {
		const entries = kernel.as('one')(store);
		const longest = 'é'.repeat(512);
		await entries.set(longest, new Uint8Array(1024 * 1024));
		assert.equal((await entries.get(longest))?.length, 1024 * 1024);
		for (const key of ['', `${longest}x`]) {
			await assert.rejects(entries.set(key, bytes('')), {code: 'FORGE_STORE_KEY'});
			await assert.rejects(entries.get(key), {code: 'FORGE_STORE_KEY'});
			await assert.rejects(entries.remove(key), {code: 'FORGE_STORE_KEY'});
		}
		await assert.rejects(entries.set('k', new Uint8Array(1024 * 1024 + 1)), {code: 'FORGE_STORE_VALUE'});
		assert.equal(await entries.get('k'), undefined);
	});
}
