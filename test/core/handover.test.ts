import {setImmediate as turn} from 'node:timers/promises';
import {type AnyPlugin, handover, type Kernel, type PluginEntry, type Provider, plugins} from '@forgeone/core';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {type Counter, counter, kernelOf, openPolicy, using} from '../support/plugins.ts';

type Wrong = Partial<Provider<Counter> & {save(): unknown; restore(state: Uint8Array): unknown}>;

/** A counter that hands over its sum, but for what goes wrong in this one. */
function keeping(wrong: Wrong = {}): AnyPlugin {
	let sum = 0;
	const add = (n: number) => {
		sum += n;
		return sum;
	};
	const save = () => new Uint8Array(new Uint32Array([sum]).buffer);
	const restore = (state: Uint8Array) => {
		sum = new Uint32Array(state.slice().buffer)[0] ?? 0;
	};
	const provider = {add, boom() {}, save, restore, ...wrong};
	return {name: 'keeping', provides: {counter, handover}, setup: () => ({counter: () => provider, handover: () => provider})};
}

async function booted(t: ExecutionContext, first: PluginEntry = keeping(), trial = 10_000) {
	const kernel = await kernelOf(t, {counting: first, policy: openPolicy()}, {trial});
	const use = await kernel.link(counter);
	return {kernel, ...use(), now: use.sync(), reason: () => reasonOf(kernel)};
}

const reasonOf = (kernel: Kernel) => kernel.graph().find(({name}) => name === 'counting')?.reason;

const fail = (message: string) => (): never => {
	throw new TypeError(message);
};

const never = () => new Promise<never>(() => undefined);

test('what a plugin keeps goes with it in a swap', async t => {
	const {kernel, add} = await booted(t);
	for (let i = 0; i < 5; i++) {
		t.is(await add(1), i * 2 + 1);
		t.is(await add(1), i * 2 + 2);
		await kernel.swap('counting', keeping());
	}
});

test('a hand-over waits for the calls that are inside, and those that come meanwhile wait for it', async t => {
	const {promise, resolve} = Promise.withResolvers<void>();
	let sum = 0;
	const slow = keeping({
		async add(n) {
			await promise;
			sum += n;
			return sum;
		},
		save: () => new Uint8Array(new Uint32Array([sum]).buffer),
	});
	const {kernel, add} = await booted(t, slow);
	const order: string[] = [];
	const inside = add(1).then(value => order.push(`inside ${value}`));
	const swap = kernel.swap('counting', keeping()).then(() => order.push('swap'));
	await turn();
	const waiting = add(1).then(value => order.push(`waiting ${value}`));
	await turn();
	t.deepEqual(order, []);
	resolve();
	await Promise.all([inside, swap, waiting]);
	t.is(order[0], 'inside 1');
	t.deepEqual(order.toSorted(), ['inside 1', 'swap', 'waiting 2']);
});

test('one who can not wait is served before a hand-over or after it, and never in between', async t => {
	const {kernel, now} = await booted(t);
	let going = true;
	const calls = (async () => {
		let count = 0;
		// Between any two steps of the swap.
		for (; going; await null) if (now.add(1) !== ++count) return t.fail();
		return count;
	})();
	for (let i = 0; i < 50; i++) await kernel.swap('counting', keeping());
	going = false;
	t.true(((await calls) ?? 0) > 50);
});

test('one who can not wait is refused while a plugin that needs time hands over, and others wait', async t => {
	const {promise, resolve} = Promise.withResolvers<void>();
	const {kernel, add, now} = await booted(t, keeping({save: () => promise.then(() => new Uint8Array([7, 0, 0, 0]))}));
	const swap = kernel.swap('counting', keeping());
	await turn();
	t.throws(() => now.add(1), {code: 'FORGE_PLUGIN_DOWN', message: 'plugin "counting" is not running: it hands over its state'});
	const waiting = add(1);
	resolve();
	t.is(await waiting, 8);
	await swap;
	t.is(now.add(1), 9);
});

for (const [title, old, next, reason] of [
	['can not save', {save: fail('no ink')}, {}, /failed in "forgeone:kernel\/handover#save": no ink/],
	['can not save, and says so late', {save: async () => fail('no ink')()}, {}, /#save": no ink/],
	['does not come to an end of saving', {save: never}, {}, /"counting#forgeone:kernel\/handover" did not answer within 200 ms/],
	['is in a call without end', {boom: never}, {}, /"counting#idle" did not answer within 200 ms/],
	['is followed by one that can not restore', {}, {restore: fail('unreadable')}, /unreadable/],
	['is followed by one that does not come to an end of restoring', {}, {restore: never}, /did not answer within 200 ms/],
] as const) {
	test(`a version that ${title} goes on, says why, and no call fails`, async t => {
		const {kernel, add, boom, reason: told} = await booted(t, keeping(old), /did not answer/.test(reason.source) ? 200 : 10_000);
		t.is(await add(1), 1);
		void boom();
		let going = true;
		const calls = (async () => {
			let count = 1;
			for (; going; await turn()) count = await add(1);
			return count;
		})();
		await t.throwsAsync(kernel.swap('counting', keeping(next)), {code: 'FORGE_SWAP_HANDOVER', message: reason});
		going = false;
		const count = await calls;
		t.is(await add(1), count + 1);
		t.regex(told() ?? '', /^rolled back: /);
		t.regex(told() ?? '', reason);
	});
}

test('a version that fails its first call is undone without a loss: all that it was asked is asked again of the one before', async t => {
	const {kernel, add} = await booted(t);
	t.is(await add(1), 1);
	const first = Promise.withResolvers<number>();
	const second = Promise.withResolvers<number>();
	const answers = [first.promise, second.promise];
	await kernel.swap('counting', keeping({add: () => answers.shift() ?? never()}));
	const calls = [add(10), add(100)];
	await turn();
	first.reject(new TypeError('broken'));
	await turn();
	second.resolve(101);
	t.deepEqual(
		(await Promise.all(calls)).toSorted((a, b) => a - b),
		[11, 111],
	);
	t.is(await add(1), 112);
});

test('what was done after the first answer of a new version stands', async t => {
	const {kernel, add, boom} = await booted(t);
	await kernel.swap('counting', keeping({boom: fail('late')}));
	t.is(await add(5), 5);
	await t.throwsAsync(boom(), {code: 'FORGE_PLUGIN_FAILED'});
	t.is(await add(1), 6);
});

test('a version that nobody has called does not stand by for the next, but the last that was called', async t => {
	const {kernel, add} = await booted(t);
	t.is(await add(3), 3);
	const broken = () => keeping({add: fail('broken')});
	await kernel.swap('counting', broken());
	await kernel.swap('counting', broken());
	t.is(await add(4), 7);
});

test('the contract of the kernel says how the trial went', async t => {
	const {kernel, add} = await booted(t);
	const swaps = (await kernel.link(plugins))();
	// The kernel finds plugins by their names only; this one is loaded anew from where it came from.
	await t.notThrowsAsync(swaps.swap('counting', undefined));
	t.is(await add(1), 1);
});

test('a hand-over is between a plugin and the kernel: nobody links to it, and any number of plugins have one', async t => {
	const kernel = await kernelOf(t, {one: keeping(), two: {...keeping(), provides: {handover}}, policy: openPolicy()});
	await t.throwsAsync(kernel.link(handover), {code: 'FORGE_GRAPH_MISSING'});
	await t.throwsAsync(kernelOf(t, {one: keeping(), thief: using('thief', {handover})}), {code: 'FORGE_GRAPH_MISSING', message: /"thief"/});
});

test('a plugin that hands over is followed by one that takes over, or by none', async t => {
	const {kernel, add} = await booted(t);
	t.is(await add(1), 1);
	const forgetful = {...keeping(), name: 'forgetful', provides: {counter}};
	await t.throwsAsync(kernel.swap('counting', forgetful), {
		code: 'FORGE_SWAP_CONTRACT',
		message: 'plugin "counting" provides "forgeone:kernel/handover@0.1.0", and "forgetful" does not',
	});
	t.is(await add(1), 2);
});

test('swaps that are asked for at once are made one after the other', async t => {
	const {kernel, add} = await booted(t);
	await add(1);
	await Promise.all(Array.from({length: 10}, () => kernel.swap('counting', keeping())));
	t.is(await add(1), 2);
});

test('whatever goes wrong in swaps, every call is counted once', async t => {
	const wrongs: readonly Wrong[] = [{}, {save: fail('s')}, {restore: fail('r')}, {add: fail('a')}, {save: async () => fail('late')()}];
	const step = fc.oneof(fc.constant('call'), fc.constant('turn'), fc.nat(wrongs.length - 1));
	await fc.assert(
		fc.asyncProperty(fc.array(step, {maxLength: 40}), async steps => {
			const {kernel, add} = await booted(t);
			const under: Promise<unknown>[] = [];
			const answers: number[] = [];
			for (const step of steps) {
				if (step === 'turn') await turn();
				else if (step === 'call') under.push(add(1).then(answer => answers.push(answer)));
				else under.push(kernel.swap('counting', keeping(wrongs[step])).catch(() => undefined));
			}
			await Promise.all(under);
			t.deepEqual(
				answers.toSorted((a, b) => a - b),
				answers.map((_, index) => index + 1),
			);
			await kernel.stop();
		}),
		{numRuns: 60},
	);
});
