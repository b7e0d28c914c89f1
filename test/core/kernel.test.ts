import {hash} from 'node:crypto';
import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type AnyPlugin, createKernel, plugins} from '@forgeone/core';
import test from 'ava';
import {counter, counting, countingComponent, kernelOf, openPolicy, using} from '../support/plugins.ts';

const plain = (name: string, setup: AnyPlugin['setup']): AnyPlugin => ({name, setup});

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
	const path = join(await mkdtemp(join(tmpdir(), 'forge-')), name);
	await writeFile(path, content);
	return path;
}

test('a plugin that throws at its start is named, and those before it are stopped again', async t => {
	const ended: string[] = [];
	const first = plain('first', ({scope}) => {
		scope.defer(() => ended.push('first'));
		return {};
	});
	const bad = plain('bad', ({scope}) => {
		scope.defer(() => ended.push('bad'));
		throw new Error('no luck');
	});
	await t.throwsAsync(createKernel().boot({plugins: {first, bad}}), {
		code: 'FORGE_PLUGIN_SETUP',
		message: 'plugin "bad" failed to start: no luck',
	});
	t.deepEqual(ended, ['bad', 'first']);
});

test('a plugin that hangs at its start is given up and named', async t => {
	const plugins = {slow: plain('slow', () => new Promise(() => undefined))};
	await t.throwsAsync(createKernel({patience: 50}).boot({plugins}), {
		code: 'FORGE_TIMEOUT',
		message: '"slow#setup" did not answer within 50 ms',
	});
});

test('a plugin that provides less than it declares is refused, with what is missing', async t => {
	const nothing = {name: 'n', provides: {counter}, setup: () => ({})};
	await t.throwsAsync(kernelOf(t, {nothing}), {code: 'FORGE_PLUGIN_INCOMPLETE', message: /does not provide "counter"/});
	const half = {name: 'h', provides: {counter}, setup: () => ({counter: () => ({add: () => 1})})};
	await t.throwsAsync(kernelOf(t, {half}), {code: 'FORGE_PLUGIN_INCOMPLETE', message: /"half" .* does not provide "boom"/});
});

test('what is no plugin is refused by name', async t => {
	await t.throwsAsync(kernelOf(t, {x: await fileOf('x.mjs', 'export const a = 1;')}), {code: 'FORGE_PLUGIN_INVALID', message: /x\.mjs/});
	await t.throwsAsync(kernelOf(t, {x: await fileOf('x.mjs', 'export default {name: "x"}')}), {code: 'FORGE_PLUGIN_INVALID'});
	await t.throwsAsync(kernelOf(t, {x: './not-there.js'}), {code: 'FORGE_PLUGIN_UNREADABLE'});
	await t.throwsAsync(kernelOf(t, {x: 'no-such-package'}), {code: 'FORGE_PLUGIN_UNREADABLE'});
	await t.throwsAsync(kernelOf(t, {x: await fileOf('x.wasm', 'nonsense')}), {code: 'FORGE_COMPONENT_INVALID'});
});

test('two plugins can not have one name', async t => {
	await t.throwsAsync(kernelOf(t, {kernel: counting()}), {code: 'FORGE_PLUGIN_TWICE'});
});

test('plugins stop in the opposite order, after what they were swapped for too', async t => {
	const ended: string[] = [];
	const ending = (name: string, more: Partial<AnyPlugin>) => ({
		...more,
		name,
		setup(context: Parameters<AnyPlugin['setup']>[0]) {
			context.scope.defer(() => ended.push(name));
			return counting().setup(context);
		},
	});
	const kernel = await kernelOf(t, {
		user: ending('user', {uses: {counter}}),
		counting: ending('counting', {provides: {counter}}),
		policy: openPolicy(),
	});
	await kernel.swap('counting', ending('other', {provides: {counter}}));
	await (await kernel.link(counter))().add(1);
	await new Promise(setImmediate);
	await kernel.stop();
	t.deepEqual(ended, ['counting', 'user', 'other']);
});

test('what waits for all to be ready runs after the last has started', async t => {
	const order: string[] = [];
	const early = plain('early', ({ready}) => {
		ready(() => order.push('ready'));
		order.push('early');
		return {};
	});
	const late = plain('late', () => {
		order.push('late');
		return {};
	});
	await kernelOf(t, {early, late});
	t.deepEqual(order, ['early', 'late', 'ready']);
});

test('a provider that throws costs its caller one named error, and goes on', async t => {
	const kernel = await kernelOf(t, {counting: counting(), policy: openPolicy()});
	const client = (await kernel.link(counter))();
	await t.throwsAsync(client.boom(), {code: 'FORGE_PLUGIN_FAILED', message: 'plugin "counting" failed in "test:demo/counter#boom": boom'});
	t.is(await client.add(2), 2);
});

test('the sync way answers at once, and says so where the provider can not', async t => {
	const later = {name: 'l', provides: {counter}, setup: () => ({counter: () => ({add: async () => 1, boom() {}})})};
	const kernel = await kernelOf(t, {counting: counting(), policy: openPolicy()});
	const use = await kernel.link(counter);
	t.is(use.sync().add(3), 3);
	await kernel.swap('counting', later);
	t.throws(() => use.sync().add(3), {code: 'FORGE_CONTRACT_ASYNC'});
});

test('a swap moves callers over without a failed call', async t => {
	const kernel = await kernelOf(t, {counting: counting(), policy: openPolicy()});
	const client = (await kernel.link(counter))();
	let going = true;
	const calls = (async () => {
		let count = 0;
		for (; going; count++) await client.add(1);
		return count;
	})();
	for (let i = 1; i <= 20; i++) await kernel.swap('counting', counting(i * 1000));
	going = false;
	t.true((await calls) > 0);
	t.true((await client.add(0)) >= 20_000);
});

test('the old version finishes the calls that are inside before it ends', async t => {
	const {promise, resolve} = Promise.withResolvers<number>();
	let ended = false;
	const slow = {
		name: 'slow',
		provides: {counter},
		setup({scope}: Parameters<AnyPlugin['setup']>[0]) {
			scope.defer(() => {
				ended = true;
			});
			return {counter: () => ({add: () => promise, boom() {}})};
		},
	};
	const kernel = await kernelOf(t, {counting: slow, policy: openPolicy()});
	const client = (await kernel.link(counter))();
	const inside = client.add(1);
	await kernel.swap('counting', counting());
	t.is(await client.add(1), 1);
	t.false(ended);
	resolve(7);
	t.is(await inside, 7);
	await new Promise(setImmediate);
	t.true(ended);
});

test('a new version that does not start leaves the old one in place', async t => {
	const kernel = await kernelOf(t, {counting: counting(), policy: openPolicy()});
	const client = (await kernel.link(counter))();
	const bad = {...counting(), setup: () => Promise.reject(new Error('not today'))};
	await t.throwsAsync(kernel.swap('counting', bad), {code: 'FORGE_PLUGIN_SETUP'});
	await t.throwsAsync(kernel.swap('counting', using('none', {})), {code: 'FORGE_SWAP_CONTRACT'});
	await t.throwsAsync(kernel.swap('nobody', counting()), {code: 'FORGE_PLUGIN_UNKNOWN'});
	t.is(await client.add(1), 1);
});

test('a new version that fails its first call is rolled back, and the call is answered by the old one', async t => {
	const kernel = await kernelOf(t, {counting: counting(), policy: openPolicy()});
	const client = (await kernel.link(counter))();
	const broken = () => {
		throw new TypeError('broken');
	};
	await kernel.swap('counting', {...counting(), setup: () => ({counter: () => ({add: broken, boom: broken})})});
	t.is(await client.add(5), 5);
	t.is(kernel.graph().find(({name}) => name === 'counting')?.reason, 'rolled back: broken');
});

test('a component takes the place of a TypeScript plugin, and nobody who calls it can tell', async t => {
	const file = await fileOf('counter.wasm', await countingComponent());
	const kernel = await kernelOf(t, {counting: counting(), policy: openPolicy()});
	const client = (await kernel.link(counter))();
	t.is(await client.add(2), 2);
	await kernel.swap('counting', file);
	t.is(await client.add(3), 3);
	t.is(await client.add(3), 6);
	const {implementation, provides} = kernel.graph().find(({name}) => name === 'counting') ?? {};
	t.deepEqual([implementation, provides], ['component', ['test:demo/counter@0.1.0']]);
});

test('a component that traps is started again, until its budget is spent', async t => {
	const file = await fileOf('counter.wasm', await countingComponent());
	const kernel = await kernelOf(t, {counting: file, policy: openPolicy()}, {restarts: 2});
	const client = (await kernel.link(counter))();
	for (let i = 0; i < 2; i++) {
		await client.add(4);
		await t.throwsAsync(client.boom(), {code: 'FORGE_PLUGIN_FAILED', message: /boom/});
		t.is(await client.add(1), 1);
	}
	await t.throwsAsync(client.boom(), {code: 'FORGE_PLUGIN_FAILED'});
	await t.throwsAsync(client.add(1), {code: 'FORGE_PLUGIN_DOWN'});
});

test('a component that does not end is stopped when its fuel is spent, and started again', async t => {
	const file = await fileOf('counter.wasm', await countingComponent('(loop $for_ever (br $for_ever))'));
	const kernel = await kernelOf(t, {counting: file, policy: openPolicy()});
	const client = (await kernel.link(counter))();
	await t.throwsAsync(client.boom(), {code: 'FORGE_PLUGIN_FAILED', message: /fuel exhausted/});
	t.is(await client.add(1), 1);
});

test('a component has the limits of its entry, also after a swap that names none, and the kernel tells them', async t => {
	const turns = await countingComponent(
		'(local $n i32) (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000))))',
	);
	const use = await fileOf('counter.wasm', turns);
	const kernel = await kernelOf(t, {counting: {use, limits: {fuel: 100, memoryBytes: 65_536}}, policy: openPolicy()});
	const client = (await kernel.link(counter))();
	const artefact = () => kernel.graph().find(({name}) => name === 'counting')?.artefact;
	t.deepEqual(artefact(), {digest: `sha256:${hash('sha256', turns)}`, memory: 65_536n, fuel: 100n});
	await t.throwsAsync(client.boom(), {message: /fuel exhausted/});
	await kernel.swap('counting', counting());
	t.is(artefact(), undefined);
	await kernel.swap('counting', use);
	t.is(artefact()?.fuel, 100n);
	// The old version stands by until the new one has answered once.
	await client.add(1);
	await t.throwsAsync(client.boom(), {message: /fuel exhausted/});
	await kernel.swap('counting', {use, limits: {fuel: 100_000}});
	await client.boom();
	const grown = await fileOf('grown.wasm', await countingComponent('', '(memory 2)'));
	await t.throwsAsync(kernel.swap('counting', {use: grown, limits: {memoryBytes: 65_536}}), {code: 'FORGE_LIMIT_MEMORY'});
	await client.boom();
});

test('the kernel tells of its plugins, and swaps them, as a contract of its own', async t => {
	const file = await fileOf('counter.wasm', await countingComponent());
	const kernel = await kernelOf(t, {counting: counting(), policy: openPolicy()});
	const client = (await kernel.link(plugins))();
	await client.swap('counting', file);
	const listed = await client.list();
	t.deepEqual(
		listed.map(({name, implementation, state}) => [name, implementation, state]),
		[
			['policy', 'typescript', 'running'],
			['kernel', 'typescript', 'running'],
			['counting', 'component', 'running'],
		],
	);
});
