import {existsSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {admission, definePlugin, hook, type Identity, link, principals, store} from '@forgeone/sdk';
import {fake, fakeClock, memoryStore, testKernel} from '@forgeone/sdk/testing';
import type {Admission, Link} from '@forgeone/wasm';
import test from 'ava';
import {auditComponent} from '../security/boot.ts';
import {entry} from '../security/entries.ts';
import {type Counter, counter, counting, countingComponent} from '../support/plugins.ts';
import {verdict} from '../support/runner.ts';

/** A plugin that keeps its count in the store, in the name of its caller. */
const keeping = definePlugin({
	name: 'keeping',
	provides: {counter},
	uses: {store},
	setup({uses}) {
		const of = (caller: Identity): Counter => ({
			// The contract of the tests says number; a provider may answer later.
			add: (async (n: number) => {
				const kept = await uses.store(caller).get('sum');
				await uses.store(caller).set('sum', new Uint8Array([(kept?.[0] ?? 0) + n]));
				return (kept?.[0] ?? 0) + n;
			}) as never,
			boom() {},
		});
		return {counter: of};
	},
});

const request: Admission.Request = {} as never;

test('a caller by name is that subject, and callers are told apart', async t => {
	const seen: string[] = [];
	const telling = definePlugin({
		name: 'telling',
		provides: {counter},
		setup: () => ({counter: ({subject, kind}) => ({add: () => seen.push(`${kind} ${subject}`), boom() {}})}),
	});
	const kernel = await testKernel(t, telling);
	for (const name of ['alice', 'container:c1', 'plugin:other', '__proto__', '']) await kernel.as(name)(counter).add(1);
	t.deepEqual(seen, ['user user:alice', 'container container:c1', 'plugin plugin:other', 'user user:__proto__', 'user user:']);
});

test('a fake answers what it has, and its calls are kept with caller, arguments and answer', async t => {
	const fakes = [fake(store, ({subject}) => ({get: () => new Uint8Array([subject.length]), set() {}}))];
	const kernel = await testKernel(t, keeping, {with: fakes});
	t.is(await kernel.as('al')(counter).add(1), 8);
	t.deepEqual(kernel.calls(store), [
		{caller: 'user:al', fn: 'get', args: ['sum'], result: new Uint8Array([7])},
		{caller: 'user:al', fn: 'set', args: ['sum', new Uint8Array([8])], result: undefined},
	]);
	t.deepEqual(kernel.calls(principals), []);
});

test('a plugin that answers is recorded too, and an error by its code', async t => {
	const kernel = await testKernel(t, keeping, {with: [memoryStore]});
	for (const sum of [2, 4]) t.is(await kernel.as('alice')(counter).add(2), sum);
	t.is(await kernel.as('bob')(counter).add(2), 2);
	t.deepEqual(
		kernel.calls(store).map(({caller, fn}) => `${caller} ${fn}`),
		['alice', 'alice', 'bob'].flatMap(name => [`user:${name} get`, `user:${name} set`]),
	);
	const refusing = fake(store, {get: () => Promise.reject(new TypeError('no disk'))});
	const other = await testKernel(t, keeping, {with: [refusing]});
	await t.throwsAsync(other.as('alice')(counter).add(1), {code: 'FORGE_PLUGIN_FAILED'});
	t.like(other.calls(store), [{fn: 'get', error: 'no disk'}]);
});

for (const [title, options] of [
	['of a fake', {with: [fake(store, {get: () => undefined})]}],
	['of a contract that nobody fakes', {}],
] as const) {
	test(`a function ${title} that is called and was not faked fails the test, though the plugin hides it`, async t => {
		const hiding = definePlugin({
			name: 'hiding',
			provides: {counter},
			uses: {store},
			setup: ({uses}) => ({
				counter: () => ({
					add: (async () =>
						uses
							.store()
							.set('k', new Uint8Array())
							.then(
								() => 1,
								() => 2,
							)) as never,
					boom() {},
				}),
			}),
		});
		const error = await verdict(async inner => {
			const kernel = await testKernel(inner, hiding, options);
			t.is(await kernel.as('alice')(counter).add(1), 2);
		});
		t.like(error, {
			code: 'FORGE_TEST_UNFAKED',
			message: '"plugin:hiding" called "set" of "forgeone:storage/store@0.1.0", which the test does not fake',
		});
	});
}

test('a component that calls what was not faked gives its caller the line that says so', async t => {
	const error = await verdict(async inner => {
		const kernel = await testKernel(inner, auditComponent);
		const {audit} = await import('@forgeone/sdk');
		await kernel.as('alice')(audit).append(entry(1));
	});
	t.like(error, {code: 'FORGE_TEST_UNFAKED'});
	t.regex(error?.message ?? '', /^"plugin:audit" called "keys"/);
});

test('a link that is denied is refused', async t => {
	const error = await verdict(inner => testKernel(inner, keeping, {deny: [store]}));
	t.like(error, {code: 'FORGE_LINK_REFUSED'});
	t.regex(error?.message ?? '', /the test denies it/);
});

test('the hooks that a plugin taps can be called, and policy has no say in the answer', async t => {
	const rules = definePlugin({
		name: 'rules',
		taps: [link, admission],
		setup({hooks}) {
			hooks.tap(link, {
				decide: (before, {consumer}): Link.Verdict => (consumer === 'x' ? {tag: 'refused', val: `x after ${before.tag}`} : before),
			});
			hooks.tap(admission, {admit: (): Admission.Verdict => ({tag: 'refused', val: 'no'})});
			return {};
		},
	});
	const kernel = await testKernel(t, rules);
	const ask = (consumer: string) =>
		kernel.hook(link).decide({tag: 'undecided'}, {consumer, implementation: 'component', provider: 'p', contract: 'c'});
	t.deepEqual(await ask('x'), {tag: 'refused', val: 'x after undecided'});
	t.deepEqual(await ask('y'), {tag: 'undecided'});
	t.deepEqual(await kernel.hook(admission).admit({tag: 'undecided'}, request), {tag: 'refused', val: 'no'});
});

test('a component taps a hook of somebody else’s, and it can be called', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'forge-'));
	t.teardown(() => rm(folder, {recursive: true}));
	await writeFile(join(folder, 'counting.wasm'), await countingComponent());
	const counts = hook<Counter>(counter.id, {add: 'bail', boom: 'series'});
	const kernel = await testKernel(t, join(folder, 'counting.wasm'), {hooks: [counts]});
	t.is(await kernel.hook(counts).add(2), 2);
	t.is(await kernel.hook(counts).add(3), 5);
});

test('configuration, log and state are those of the test, and the state goes with it', async t => {
	let folder = '';
	const noting = definePlugin({
		name: 'noting',
		config: {type: 'object', properties: {greeting: {type: 'string'}}},
		setup({config, log, state}) {
			folder = state;
			log.warn({greeting: config.greeting}, 'hello');
			return {};
		},
	});
	const error = await verdict(async inner => {
		const {log} = await testKernel(inner, noting, {config: {greeting: 'hej'}});
		t.like(log, [{level: 'warn', message: 'hello', fields: {plugin: 'noting', greeting: 'hej'}}]);
		t.true(existsSync(dirname(folder)));
	});
	t.is(error, undefined);
	t.false(existsSync(dirname(folder)));
});

test('a plugin takes the place of no other of its name', async t => {
	const error = await verdict(inner => testKernel(inner, memoryStore, {with: [memoryStore]}));
	t.like(error, {code: 'FORGE_PLUGIN_TWICE'});
});

test('the kernel stops with the test, and what fails as it stops fails the test', async t => {
	const failing = definePlugin({
		name: 'failing',
		setup({scope}) {
			scope.defer(() => Promise.reject(new Error('stuck')));
			return {};
		},
	});
	t.like(await verdict(inner => testKernel(inner, failing)), {code: 'FORGE_STOP_FAILED'});
});

test('a plugin is named by its path, and swapped for another', async t => {
	const kernel = await testKernel(t, new URL(`file://${auditComponent}`), {with: [memoryStore]});
	t.is(kernel.name, 'audit');
	t.is(kernel.graph().find(({name}) => name === 'audit')?.implementation, 'component');
	const counted = await testKernel(t, counting(10));
	t.is(await counted.as('alice')(counter).add(1), 11);
	await counted.swap(counting(20));
	t.is(await counted.as('alice')(counter).add(1), 21);
});

test.serial('a test has the clock: timers fire in order, and dates and intervals follow', async t => {
	const error = await verdict(async inner => {
		const clock = await fakeClock(inner, '2026-02-03T04:05:06Z');
		const fired: string[] = [];
		setTimeout(() => fired.push(`timeout ${new Date().toISOString()}`), 2_000).unref();
		const interval = setInterval(() => fired.push(`interval ${performance.now()}`), 900);
		void wait(1_500).then(() => fired.push('promise'));
		AbortSignal.timeout(1_000).addEventListener('abort', () => fired.push('abort'));
		await clock.advance(2_000);
		clearInterval(interval);
		t.deepEqual(fired, ['interval 900', 'abort', 'promise', 'interval 1800', 'timeout 2026-02-03T04:05:08.000Z']);
		t.is(clock.now, Date.now());
	});
	t.is(error, undefined);
	t.true(Date.now() > Date.parse('2026-02-03T04:06:00Z') + 1e9);
});

test.serial('the clock drives the kernel: a setup out of patience, a trial that is over, a call that is cut short', async t => {
	await verdict(async inner => {
		const clock = await fakeClock(inner);
		const started = Promise.withResolvers<void>();
		const setup = () => {
			started.resolve();
			return new Promise<never>(() => undefined);
		};
		const booting = verdict(other => testKernel(other, definePlugin({name: 'slow', setup})));
		await started.promise;
		await clock.advance(10_000);
		t.like(await booting, {code: 'FORGE_TIMEOUT'});
		let ended = 0;
		const inside = Promise.withResolvers<void>();
		const boom = () => {
			inside.resolve();
			return new Promise(() => undefined);
		};
		const ending = (name: string) =>
			definePlugin({
				name,
				provides: {counter},
				setup({scope}) {
					scope.defer(() => ended++);
					return {counter: () => ({add: () => 0, boom: () => boom() as never})};
				},
			});
		const kernel = await testKernel(inner, ending('first'));
		await kernel.swap(ending('second'));
		await clock.advance(999);
		t.is(ended, 0);
		await clock.advance(1);
		t.is(ended, 1);
		void kernel.as('alice')(counter).boom();
		await inside.promise;
	}).then(error => t.is(error, undefined));
});

test.serial('two tests can not have the clock at once', async t => {
	const error = await verdict(async inner => {
		await fakeClock(inner);
		await fakeClock(inner);
	});
	t.like(error, {code: 'FORGE_TEST_CLOCK'});
});
