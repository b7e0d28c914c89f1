import {type AnyPlugin, createKernel, type Identity, identities, link} from '@forgeone/core';
import test from 'ava';
import {counter, counting, kernelOf, openPolicy, using} from '../support/plugins.ts';

/** A policy that answers every link so. */
function policyOf(decide: () => unknown): AnyPlugin {
	return {
		name: 'policy',
		taps: [link],
		setup({hooks}) {
			hooks.tap(link, {decide: decide as never});
			return {};
		},
	};
}

test('every link is asked of policy, those of the root of trust too', async t => {
	const asked: string[] = [];
	const policy = {...openPolicy(asked), uses: {counter}};
	const kernel = await kernelOf(t, {user: using('user', {counter}), counting: counting(), policy});
	await kernel.link(counter);
	t.deepEqual(
		asked,
		['policy', 'user', 'host'].map(consumer => `${consumer} -> counting (test:demo/counter@0.1.0)`),
	);
});

for (const [title, decide, reason] of [
	['a refusal', () => ({tag: 'refused', val: 'too curious'}), 'too curious'],
	['no verdict', () => ({tag: 'undecided'}), 'no policy answered'],
	['nonsense', () => 17, 'no policy answered'],
	['a policy that throws', () => JSON.parse('{'), 'plugin "policy" failed'],
] as const) {
	test(`${title} means no`, async t => {
		const error = await t.throwsAsync(kernelOf(t, {user: using('user', {counter}), counting: counting(), policy: policyOf(decide)}), {
			code: 'FORGE_LINK_REFUSED',
		});
		t.true(error?.message.includes(reason), error?.message);
	});
}

test('without any policy nobody is linked', async t => {
	await t.throwsAsync(kernelOf(t, {user: using('user', {counter}), counting: counting()}), {code: 'FORGE_LINK_REFUSED'});
});

test('a policy that does not answer in time means no', async t => {
	const plugins = {user: using('user', {counter}), counting: counting(), policy: policyOf(() => new Promise(() => undefined))};
	await t.throwsAsync(kernelOf(t, plugins, {patience: 50}), {code: 'FORGE_LINK_REFUSED', message: /did not answer within 50 ms/});
});

/** A plugin that tells who called it, as its provider sees it. */
function telling(seen: Identity[]): AnyPlugin {
	const provider = (caller: Identity) => ({
		add: () => {
			seen.push(caller);
			return 0;
		},
		boom() {},
	});
	return {name: 'telling', provides: {counter}, setup: () => ({counter: provider})};
}

test('a call goes out in the name of the one who was called, extended by each plugin on its way', async t => {
	const seen: Identity[] = [];
	const kernel = await kernelOf(t, {telling: telling(seen), policy: openPolicy()});
	const use = await kernel.link(counter);
	const ada = (await kernel.link(identities))().mint('user', 'ada');
	await use(await ada).add(1);
	await use().add(1);
	const [first, second] = seen;
	t.deepEqual(first, {subject: 'user:ada', kind: 'user', via: ['host']});
	t.deepEqual(second, {subject: 'plugin:host', kind: 'plugin', via: []});
	t.true(Object.isFrozen(first) && Object.isFrozen(first?.via));
});

test('an identity made by hand is refused, and so is one of another kernel', async t => {
	const [kernel, other] = await Promise.all([0, 1].map(() => kernelOf(t, {counting: counting(), policy: openPolicy()})));
	const use = await kernel?.link(counter);
	const stranger = await (await other?.link(identities))?.().mint('user', 'ada');
	const forged = {subject: 'user:ada', kind: 'user', via: []} as unknown as Identity;
	for (const identity of [forged, stranger, structuredClone(stranger)]) {
		t.throws(() => use?.(identity), {code: 'FORGE_IDENTITY_FORGED'});
	}
});

test('a kernel that never booted links nobody', async t => {
	await t.throwsAsync(createKernel().link(counter), {code: 'FORGE_GRAPH_MISSING'});
});
