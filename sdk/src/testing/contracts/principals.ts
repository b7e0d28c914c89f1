import assert from 'node:assert/strict';
import type {Identity} from '@forgeone/core';
import {principals} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

/** What every provider of `forgeone:security/principals` keeps. */
export function principalsContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'principals', plugin, options);

	promise('a person is known by the number, a container by its id', async kernel => {
		const who = kernel.as('one')(principals);
		const known = ({subject, kind}: Identity) => ({subject, kind});
		for (const uid of [0, 1000, 0xffff_ffff]) assert.deepEqual(known(await who.user(uid)), {subject: `user:${uid}`, kind: 'user'});
		assert.deepEqual(known(await who.container('3f2a')), {subject: 'container:3f2a', kind: 'container'});
	});

	promise('what is no number of a user, and no id of a container, is nobody', async kernel => {
		const who = kernel.as('one')(principals);
		for (const uid of [-1, 1.5, 2 ** 32, Number.NaN]) await assert.rejects(who.user(uid), {code: 'FORGE_PRINCIPAL_INVALID'});
		for (const id of ['', '../x', 'a:b', 'a\0', '__proto__']) await assert.rejects(who.container(id), {code: 'FORGE_PRINCIPAL_INVALID'});
	});
}
