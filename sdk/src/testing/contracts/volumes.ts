import assert from 'node:assert/strict';
import {existsSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {volumes} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

/** What every provider of `forgeone:storage/volumes` keeps while no container has one mounted. */
export function volumesContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'volumes', plugin, options);

	promise('one is made once, listed by name, counted, and removed with what is in it', async kernel => {
		const all = kernel.as('one')(volumes);
		const made = await all.create('data', undefined);
		writeFileSync(join(made.path, 'f'), 'x');
		assert.equal(statSync(made.path).mode & 0o077, 0);
		assert.equal((await all.create('data', undefined)).path, made.path);
		await all.create('a.b_c-1', undefined);
		assert.deepEqual(
			(await all.list()).map(({name}) => name),
			['a.b_c-1', 'data'],
		);
		assert.deepEqual((await all.inspect('data')).used, {bytes: 1n, inodes: 1n});
		await all.remove('data');
		assert.equal(existsSync(made.path), false);
		for (const gone of [all.inspect('data'), all.remove('data')]) await assert.rejects(gone, {code: 'FORGE_VOLUME_MISSING'});
		assert.equal(existsSync(join((await all.create('data', undefined)).path, 'f')), false);
	});

	promise('a quota takes the place of the one before', async kernel => {
		const all = kernel.as('one')(volumes);
		assert.equal((await all.create('data', {bytes: 1024n})).quota.bytes, 1024n);
		await all.create('data', {inodes: 7n});
		const {quota} = await all.inspect('data');
		assert.deepEqual([quota.bytes, quota.inodes], [undefined, 7n]);
	});

	promise('what is no name is refused, and makes nothing', async kernel => {
		const all = kernel.as('one')(volumes);
		for (const name of ['', '.', '..', '../x', 'a/b', 'A', '-a', 'a\n', 'a\0', 'ä', 'x'.repeat(64)]) {
			await assert.rejects(all.create(name, undefined), {code: 'FORGE_VOLUME_NAME'}, JSON.stringify(name));
			await assert.rejects(all.remove(name), {code: 'FORGE_VOLUME_MISSING'}, JSON.stringify(name));
		}
		assert.deepEqual(await all.list(), []);
	});
}
