import {ComponentError, type Imports, type Limits, Trap} from '@forgeone/wasm';
import test from 'ava';
import {callback, forwarding, later} from './support/async.ts';
import {component, type Exports, guest} from './support/guest.ts';

/** A guest that calls a host function `f` of one number and returns what it gives: by the async ABI with a callback, or by the sync one. */
const calling = (abi: 'callback' | 'stackful' | 'sync'): string => forwarding(abi);

for (const abi of ['callback', 'stackful', 'sync'] as const) {
	test(`an async export (${abi}) waits for an async import`, async t => {
		const {exports} = await guest(calling(abi), {f: (n: number) => later(n * 2)});
		const call = exports.run(21);
		t.true(call instanceof Promise);
		t.is(await call, 42);
	});

	test(`an async import may answer at once (${abi})`, async t => {
		const {exports} = await guest(calling(abi), {f: (n: number) => n + 1});
		t.is(await exports.run(1), 2);
	});

	test(`a rejection where there is no result ends the guest (${abi})`, async t => {
		const cause = new Error('gone');
		const instance = await guest(calling(abi), {f: () => later(Promise.reject(cause))});
		const trap = await t.throwsAsync<Trap>(instance.exports.run(1), {instanceOf: Trap});
		t.is(trap?.cause, cause);
		t.true(instance.dead);
		await t.throwsAsync(instance.exports.run(1), {code: 'FORGE_INSTANCE_DEAD'});
	});

	test(`a wrong result of an async import ends the guest (${abi})`, async t => {
		const {exports} = await guest(calling(abi), {f: () => later('two')});
		await t.throwsAsync(exports.run(1), {code: 'FORGE_TRAP', message: /expected u32/});
	});
}

test('calls of an async export overlap where its tasks may', async t => {
	const started: number[] = [];
	const {exports} = await guest(calling('callback'), {
		f: async (n: number) => {
			started.push(n);
			await later(undefined, 10 - n);
			return n;
		},
	});
	const calls = [1, 2, 3].map(n => exports.run(n));
	await later(undefined, 0);
	t.deepEqual(started, [1, 2, 3]);
	t.deepEqual(await Promise.all(calls), [1, 2, 3]);
});

test('calls of an export that was lifted synchronously take turns', async t => {
	const started: number[] = [];
	const {exports} = await guest(calling('sync'), {
		f: async (n: number) => {
			started.push(n);
			await later(undefined, 5);
			return n;
		},
	});
	const calls = [1, 2, 3].map(n => exports.run(n));
	t.deepEqual(started, [1]);
	t.deepEqual(await Promise.all(calls), [1, 2, 3]);
});

test('a wrong argument of an async export rejects and harms nothing', async t => {
	const instance = await guest(calling('callback'), {f: (n: number) => later(n)});
	await t.throwsAsync(instance.exports.run('one'), {code: 'FORGE_VALUE_INVALID'});
	t.false(instance.dead);
	t.is(await instance.exports.run(3), 3);
});

test('the error of a result rejects an async export, and an async import gives one by rejecting', async t => {
	const text = forwarding('callback', '(result u32 (error u32))');
	const {exports} = await guest(text, {f: (n: number) => (n > 0 ? later(n) : later(Promise.reject(new ComponentError(7))))});
	t.is(await exports.run(5), 5);
	const error = await t.throwsAsync<ComponentError>(exports.run(0), {instanceOf: ComponentError});
	t.is(error?.payload, 7);
});

test('what is disposed of while its tasks wait rejects their calls', async t => {
	const instance = await guest(calling('callback'), {f: () => new Promise(() => {})});
	const call = instance.exports.run(1);
	instance.dispose();
	await t.throwsAsync(call, {code: 'FORGE_TRAP', message: /disposed/});
});

/** A task that does this once and has a callback which does that. */
const once = (code: string, then = 'unreachable', declarations = ''): string =>
	callback({
		imports: ['task.return', 'task.cancel', 'backpressure.inc', 'backpressure.dec', 'waitable-set.new', 'waitable-set.drop'],
		code,
		then,
		declarations,
	});

const traps: readonly (readonly [what: string, message: RegExp, code: string])[] = [
	['ends without a result', /ended without a result/, '(i32.const 0)'],
	['gives a code that is none', /unsupported callback code 3/, '(i32.const 3)'],
	['waits for a set that is none', /unknown handle index 9/, '(i32.const 0x92)'],
	['cancels itself though nobody asked', /was not asked to cancel/, '(call $task.cancel) (i32.const 0)'],
	['lets more in than it kept out', /backpressure counter overflow/, '(call $backpressure.dec) (i32.const 0)'],
	[
		'drops a set twice',
		/unknown handle index 1/,
		'(call $waitable-set.drop (i32.const 1)) (call $waitable-set.drop (i32.const 1)) (i32.const 0)',
	],
	['fails by itself', /unreachable/, 'unreachable'],
];

for (const [what, message, code] of traps) {
	test(`a task that ${what} traps`, async t => {
		const instance = await guest(once(`(drop (call $waitable-set.new)) ${code}`));
		await t.throwsAsync(instance.exports.run(1), {code: 'FORGE_TRAP', message});
		t.true(instance.dead);
	});
}

test('a task that returns twice ends the instance, though its call has returned', async t => {
	const instance = await guest(once('(call $task.return (i32.const 1)) (call $task.return (i32.const 2)) (i32.const 0)'));
	t.is(await instance.exports.run(1), 1);
	t.true(instance.dead);
	await t.throwsAsync(instance.exports.run(1), {code: 'FORGE_INSTANCE_DEAD', message: /returned already/});
});

test('a callback is called again for as long as it yields, and the host runs in between', async t => {
	const text = once(
		'(i32.const 1)',
		`(global.set $n (i32.add (global.get $n) (i32.const 1)))
		(if (result i32) (i32.lt_u (global.get $n) (i32.const 5)) (then (i32.const 1)) (else (call $task.return (global.get $n)) (i32.const 0)))`,
		'(global $n (mut i32) (i32.const 0))',
	);
	const {exports} = await guest(text);
	let turns = 0;
	const count = setInterval(() => turns++, 0);
	t.is(await exports.run(0), 5);
	clearInterval(count);
	t.true(turns > 0);
});

test('no task begins while there is back pressure', async t => {
	const text = once('(call $task.return (local.get 0)) (i32.const 0)').replace(
		'(func (export "cb")',
		'(func (export "close") (call $backpressure.inc)) (func (export "open") (call $backpressure.dec)) (func (export "cb")',
	);
	const {exports} = await guest(
		text.replace(
			/\)$/,
			'(func (export "close") (canon lift (core func $i "close"))) (func (export "open") (canon lift (core func $i "open"))))',
		),
	);
	exports.close();
	let returned = false;
	const call = exports.run(4).then((value: number) => {
		returned = true;
		return value;
	});
	await later(undefined, 5);
	t.false(returned);
	exports.open();
	t.is(await call, 4);
});

test('handles of the async ABI count', async t => {
	const limits: Limits = {handles: 3};
	const imports: Imports = {};
	const text = once('(loop $l (drop (call $waitable-set.new)) (br $l)) unreachable');
	const {exports}: {exports: Exports} = await guest(text, imports, limits);
	await t.throwsAsync(exports.run(0), {code: 'FORGE_LIMIT_COUNT'});
});

test('an async option on a function that is not async is refused', async t => {
	const text = once('(i32.const 0)').replace('(func (export "run") async', '(func (export "run")');
	await t.throwsAsync(component(text), {code: 'FORGE_COMPONENT_INVALID'});
});
