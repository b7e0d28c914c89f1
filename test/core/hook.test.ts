import {type AnyPlugin, type Dispatch, hook, type Provider} from '@forgeone/core';
import test, {type ExecutionContext} from 'ava';
import {kernelOf, openPolicy} from '../support/plugins.ts';

interface Shape {
	ask(value: unknown, more: string): unknown;
}

const hookOf = (mode: Dispatch) => hook<Shape>('test:demo/hook@0.1.0', {ask: mode});

/** A kernel in which `taps` answer a hook of this mode, in this order; gives the function that asks them. */
async function asking(t: ExecutionContext, mode: Dispatch, taps: readonly Shape['ask'][]) {
	const point = hookOf(mode);
	let call: Provider<Shape> | undefined;
	const opener: AnyPlugin = {
		name: 'opener',
		opens: [point],
		setup({hooks}) {
			call = hooks.call(point);
			return {};
		},
	};
	const tappers = taps.map((ask, index): AnyPlugin => {
		const setup: AnyPlugin['setup'] = ({hooks}) => {
			hooks.tap(point, {ask});
			return {};
		};
		return {name: `tap${index}`, taps: [point], setup};
	});
	const plugins = Object.fromEntries([opener, ...tappers].map(plugin => [plugin.name, plugin]));
	const kernel = await kernelOf(t, {...plugins, policy: openPolicy()});
	return {kernel, point, ask: (value: unknown, more = 'more') => call?.ask(value, more)};
}

test('with no tap a waterfall gives back its first argument and the others nothing, without a promise', async t => {
	t.is((await asking(t, 'waterfall', [])).ask('value'), 'value');
	for (const mode of ['series', 'parallel', 'bail'] as const) t.is((await asking(t, mode, [])).ask('value'), undefined);
});

test('a series runs its taps one after the other, in the order in which their plugins started', async t => {
	const ran: string[] = [];
	const slow = async () => {
		await new Promise(setImmediate);
		ran.push('slow');
	};
	await (await asking(t, 'series', [slow, () => ran.push('fast')])).ask(1);
	t.deepEqual(ran, ['slow', 'fast']);
});

test('a parallel hook runs its taps at once', async t => {
	const {promise, resolve} = Promise.withResolvers<void>();
	const {ask} = await asking(t, 'parallel', [() => promise, () => resolve()]);
	await t.notThrowsAsync(async () => ask(1));
});

test('a bail ends at the first answer', async t => {
	const {ask} = await asking(t, 'bail', [() => undefined, value => `${value}!`, () => t.fail()]);
	t.is(await ask('yes'), 'yes!');
});

test('a waterfall hands the value on, and the other arguments as they were', async t => {
	const add = (value: unknown, more: string) => `${value}+${more}`;
	t.is(await (await asking(t, 'waterfall', [add, async value => `${value}?`, add])).ask('a', 'b'), 'a+b?+b');
});

test('no tap of a waterfall can lift the refusal of another', async t => {
	const refusal = {tag: 'refused', val: 'no'};
	const {ask} = await asking(t, 'waterfall', [() => refusal, () => ({tag: 'allowed'})]);
	t.is(await ask({tag: 'undecided'}), refusal);
});

test('a tap that throws is named', async t => {
	const throws = () => {
		throw new TypeError('oh');
	};
	const {ask} = await asking(t, 'series', [throws]);
	await t.throwsAsync(async () => ask(1), {code: 'FORGE_PLUGIN_FAILED', message: 'plugin "tap0" failed in "test:demo/hook#ask": oh'});
});

test('a tap falls silent when its plugin stops, and a swapped plugin keeps its turn', async t => {
	const {kernel, point, ask} = await asking(t, 'waterfall', [v => `${v}a`, v => `${v}b`]);
	const setup: AnyPlugin['setup'] = ({hooks}) => {
		hooks.tap(point, {ask: v => `${v}A`});
		return {};
	};
	await kernel.swap('tap0', {name: 'tap0', taps: [point], setup});
	t.is(await ask(''), 'Ab');
	await kernel.swap('tap0', {name: 'silent', setup: () => ({})});
	await new Promise(resolve => setTimeout(resolve, 20));
	await kernel.stop();
	t.is(ask(''), '');
});

test('a plugin may only tap and open what it declares', async t => {
	const point = hookOf('series');
	const setup: AnyPlugin['setup'] = ({hooks}) => {
		hooks.tap(point, {ask: () => undefined});
		return {};
	};
	await t.throwsAsync(kernelOf(t, {sly: {name: 'sly', setup}}), {code: 'FORGE_PLUGIN_UNDECLARED'});
});
