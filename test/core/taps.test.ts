import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {type AnyPlugin, contract, hook, type KernelOptions, type Provider} from '@forgeone/core';
import test, {type ExecutionContext} from 'ava';
import {type Counter, countingComponent, kernelOf, openPolicy} from '../support/plugins.ts';
import {folderOf} from '../support/runtime.ts';

/** A kernel whose hook is tapped by a component: its `add` counts, its `boom` does what it is given to do. */
async function tapped(t: ExecutionContext, {boom, fuel, ...options}: KernelOptions & {boom?: string; fuel?: number} = {}) {
	const point = hook<Counter>('test:demo/counter@0.1.0', {add: 'bail', boom: 'parallel'}, fuel);
	const turns: boolean[] = [];
	let call: Provider<Counter> | undefined;
	const opener: AnyPlugin = {
		name: 'opener',
		opens: [point],
		setup({hooks}) {
			call = hooks.call(point);
			hooks.watch(point, turn => turns.push(turn));
			return {};
		},
	};
	const folder = await folderOf(t);
	const fileOf = async (name: string, does: string | undefined) => {
		await writeFile(join(folder, name), await countingComponent(does));
		return join(folder, name);
	};
	const kernel = await kernelOf(t, {opener, policy: openPolicy(), tap: await fileOf('tap.wasm', boom)}, options);
	const add = async (n: number) => call?.add(n);
	return {kernel, point, turns, add, boom: async () => call?.boom(), fileOf, again: () => fileOf('other.wasm', boom)};
}

test('a tap that traps is started again, until its budget is spent; then whoever asks is told that it is down', async t => {
	const {add, boom} = await tapped(t, {restarts: 2});
	for (let i = 0; i < 2; i++) {
		await add(4);
		await t.throwsAsync(boom, {code: 'FORGE_PLUGIN_FAILED', message: /^plugin "tap" failed in "test:demo\/counter#boom"/});
		t.is(await add(1), 1);
	}
	await t.throwsAsync(boom, {code: 'FORGE_PLUGIN_FAILED'});
	await t.throwsAsync(add(1), {code: 'FORGE_PLUGIN_DOWN'});
});

test('a tap that does not end is stopped when the fuel of its hook is spent, which may be less than that of other calls', async t => {
	const spin = `(local $i i32)
		(loop $more
			(br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000000))))`;
	const {boom} = await tapped(t, {boom: spin});
	await t.notThrowsAsync(boom);
	const {boom: short, add} = await tapped(t, {boom: spin, fuel: 100_000});
	await t.throwsAsync(short, {code: 'FORGE_PLUGIN_FAILED', message: /fuel exhausted/});
	t.is(await add(1), 1);
});

test('a tap that gives more than a call may carry is started again', async t => {
	const flood = await parse(`(component
		(core module $m
			(memory (export "memory") 1000)
			(func (export "many") (result i32)
				(i32.store (i32.const 0) (i32.const 64))
				(i32.store (i32.const 4) (i32.const 4000000))
				(i32.const 0))
			(func (export "one") (result i32) (i32.const 1)))
		(core instance $i (instantiate $m))
		(alias core export $i "memory" (core memory $memory))
		(func $many (result (list string)) (canon lift (core func $i "many") (memory $memory)))
		(func $one (result u32) (canon lift (core func $i "one")))
		(instance $out (export "many" (func $many)) (export "one" (func $one)))
		(export "test:demo/flood@0.1.0" (instance $out)))`);
	const point = hook<{many(): string[]; one(): number}>('test:demo/flood@0.1.0', {many: 'bail', one: 'bail'});
	let call: Provider<{many(): string[]; one(): number}> | undefined;
	const setup: AnyPlugin['setup'] = ({hooks}) => {
		call = hooks.call(point);
		return {};
	};
	const file = join(await folderOf(t), 'flood.wasm');
	await writeFile(file, flood);
	await kernelOf(t, {opener: {name: 'opener', opens: [point], setup}, policy: openPolicy(), flood: file});
	await t.throwsAsync(async () => call?.many(), {code: 'FORGE_PLUGIN_FAILED', message: /bytes in one call/});
	t.is(await call?.one(), 1);
});

test('a new version whose first tap fails is rolled back, and the one before answers in its place', async t => {
	const {kernel, add, boom, fileOf} = await tapped(t, {boom: 'nop'});
	t.is(await add(3), 3);
	await kernel.swap('tap', await fileOf('bad.wasm', 'unreachable'));
	await t.notThrowsAsync(boom);
	t.is(await add(4), 7);
	t.regex(kernel.graph().find(({name}) => name === 'tap')?.reason ?? '', /^rolled back/);
});

test('whoever opens a hook is told whether anybody taps it', async t => {
	const {kernel, turns, again} = await tapped(t);
	t.deepEqual(turns, [false, true]);
	await kernel.swap('tap', {name: 'silent', setup: () => ({})});
	t.deepEqual(turns, [false, true, false]);
	await kernel.swap('tap', await again());
	t.is(turns.at(-1), true);
});

test('a tap that is called again through what it calls is refused, at the cost of the first call', async t => {
	const point = hook<Pick<Counter, 'boom'>>('test:demo/counter@0.1.0', {boom: 'parallel'}, 1_000_000);
	const relay = contract<{relay(): void}>('test:demo/relay@0.1.0', ['relay']);
	let [calls, refused] = [0, 0];
	const opener: AnyPlugin = {
		name: 'opener',
		opens: [point],
		provides: {relay},
		setup({hooks}) {
			const {boom} = hooks.call(point);
			const again = () => {
				calls++;
				Promise.resolve(boom()).catch(({code}) => {
					if (code === 'FORGE_INSTANCE_BUSY') refused++;
				});
			};
			return {relay: () => ({relay: again})};
		},
	};
	const restless = await parse(`(component
		(import "test:demo/relay@0.1.0" (instance $relay (export "relay" (func))))
		(core func $relay (canon lower (func $relay "relay")))
		(core module $m
			(import "relay" "relay" (func $relay))
			(func (export "boom") (loop $more (call $relay) (br $more))))
		(core instance $i (instantiate $m (with "relay" (instance (export "relay" (func $relay))))))
		(func $boom (canon lift (core func $i "boom")))
		(instance $out (export "boom" (func $boom)))
		(export "test:demo/counter@0.1.0" (instance $out)))`);
	const file = join(await folderOf(t), 'restless.wasm');
	await writeFile(file, restless);
	const kernel = await kernelOf(t, {opener, policy: openPolicy(), tap: file}, {restarts: 0});
	const entry = await kernel.link(relay);
	await entry().relay();
	await setImmediate();
	t.is(refused, calls - 1);
	// Each costs a hundred, and what the guest takes to go on.
	t.true(calls > 9_000 && calls < 10_000, String(calls));
});
