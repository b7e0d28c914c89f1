import assert from 'node:assert/strict';
import {networks} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {memoryStore} from '../memory-store.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

/** What every provider of `forgeone:network/networks` keeps while no container is on one. One that needs a store is given one in memory, unless another is named. */
export function networksContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'networks', plugin, {with: [memoryStore], ...options});

	promise('one is made once, has the rules it was given last, and is removed', async kernel => {
		const all = kernel.as('one')(networks);
		const made = await all.create('front', ['example.com:443']);
		assert.deepEqual({...made, created: 0n}, {name: 'front', egress: ['example.com:443'], created: 0n, containers: []});
		const again = await all.create('front', []);
		assert.deepEqual(again, {...made, egress: []});
		assert.deepEqual(await all.inspect('front'), again);
		await all.create('back', []);
		assert.deepEqual((await all.list()).map(({name}) => name).sort(), ['back', 'front']);
		await all.remove('front');
		for (const gone of [all.inspect('front'), all.remove('front')]) await assert.rejects(gone, {code: 'FORGE_NETWORK_MISSING'});
	});

	promise('what is no name, and what is no rule, is refused and makes nothing', async kernel => {
		const all = kernel.as('one')(networks);
		for (const name of ['', '..', 'a/b', 'A', '-a', 'a.b', 'a\0', 'x'.repeat(64)]) {
			await assert.rejects(all.create(name, []), {code: 'FORGE_NETWORK_NAME'}, JSON.stringify(name));
		}
		await assert.rejects(all.create('front', ['no rule']), {code: 'FORGE_EGRESS_INVALID'});
		assert.deepEqual(await all.list(), []);
	});
}
