import {type Instance, type Limits, suspending} from '@forgeone/wasm';
import test from 'ava';
import {built, later} from './support/async.ts';
import {type Exports, guest, libc, options} from './support/guest.ts';

type Guest = Instance & {readonly exports: Exports};

const memory = '(memory (core memory $libc "memory"))';
const type = '(param "n" u32) (result u32)';

/** A component whose functions end at once, later, when they are cancelled, or never. */
const callee = built({
	imports: ['task.return', 'task.cancel', 'waitable-set.new', 'waitable-set.wait', 'thread.yield', 'context.get', 'context.set'],
	fields: `
		(func (export "now") (param i32) (result i32) (call $task.return (i32.add (local.get 0) (i32.const 1))) (i32.const 0))
		(func (export "later") (param i32) (result i32) (call $context.set (local.get 0)) (i32.const 1))
		(func (export "later-cb") (param i32 i32 i32) (result i32)
			(call $task.return (i32.add (call $context.get) (i32.const 1))) (i32.const 0))
		(func (export "never") (param i32) (result i32) (i32.or (i32.const 2) (i32.shl (call $waitable-set.new) (i32.const 4))))
		(func (export "never-cb") (param i32 i32 i32) (result i32)
			(if (i32.ne (local.get 0) (i32.const 6)) (then unreachable))
			(call $task.cancel) (i32.const 0))
		(func (export "stuck") (param i32) (drop (call $waitable-set.wait (call $waitable-set.new) (i32.const 0))) unreachable)
		(func (export "yields") (param i32) (call $context.set (local.get 0)) (drop (call $thread.yield))
			(call $task.return (i32.add (call $context.get) (i32.const 1))))
		(func (export "sync") (param i32) (result i32) (drop (call $thread.yield)) (i32.add (local.get 0) (i32.const 1)))`,
	after: `
		(func (export "now") async ${type} (canon lift (core func $i "now") async (callback (core func $i "later-cb"))))
		(func (export "later") async ${type} (canon lift (core func $i "later") async (callback (core func $i "later-cb"))))
		(func (export "never") async ${type} (canon lift (core func $i "never") async (callback (core func $i "never-cb"))))
		(func (export "stuck") async ${type} (canon lift (core func $i "stuck") async))
		(func (export "yields") async ${type} (canon lift (core func $i "yields") async))
		(func (export "sync") async ${type} (canon lift (core func $i "sync")))`,
});

/** A component that calls `f` as the host says: the result is at 64, events go to a set. */
const caller = built({
	before: `(import "f" (func $f async ${type}))`,
	imports: ['subtask.cancel', 'subtask.drop', 'waitable-set.new', 'waitable-set.poll', 'waitable-set.drop', 'waitable.join'],
	more: {
		async: ['(param i32 i32) (result i32)', `lower (func $f) async ${memory}`],
		sync: ['(param i32) (result i32)', 'lower (func $f)'],
		'cancel-sync': ['(param i32) (result i32)', 'subtask.cancel'],
	},
	fields: `(global $set (mut i32) (i32.const 0))
		(func (export "call") (param i32) (result i32)
			(if (i32.eqz (global.get $set)) (then (global.set $set (call $waitable-set.new))))
			(call $async (local.get 0) (i32.const 64)))
		(func (export "call-sync") (param i32) (result i32) (call $sync (local.get 0)))
		(func (export "join") (param i32) (call $waitable.join (local.get 0) (global.get $set)))
		(func (export "leave") (param i32) (call $waitable.join (local.get 0) (i32.const 0)))
		(func (export "event") (result i32)
			(i32.or (call $waitable-set.poll (global.get $set) (i32.const 80)) (i32.shl (i32.load (i32.const 84)) (i32.const 4))))
		(func (export "result") (result i32) (i32.load (i32.const 64)))
		(func (export "cancel") (param i32) (result i32) (call $subtask.cancel (local.get 0)))
		(func (export "cancel-sync") (param i32) (result i32) (call $cancel-sync (local.get 0)))
		(func (export "drop") (param i32) (call $subtask.drop (local.get 0)))
		(func (export "drop-set") (call $waitable-set.drop (global.get $set)))`,
	after: [
		...['call', 'cancel'].map(name => `(func (export "${name}") ${type} (canon lift (core func $i "${name}")))`),
		...['call-sync', 'cancel-sync'].map(name => `(func (export "${name}") async ${type} (canon lift (core func $i "${name}")))`),
		`(func (export "barging") ${type} (canon lift (core func $i "call-sync")))`,
		...['join', 'leave', 'drop'].map(name => `(func (export "${name}") (param "n" u32) (canon lift (core func $i "${name}")))`),
		...['event', 'result'].map(name => `(func (export "${name}") (result u32) (canon lift (core func $i "${name}")))`),
		'(func (export "drop-set") (canon lift (core func $i "drop-set")))',
	].join('\n'),
});

const named = (name: string, text: string): string => text.replace('(component', `(component $${name}`);

/** The caller, with one of the callee's functions as its import. */
const calling = (name: string, limits: Limits = {}): Promise<Guest> =>
	guest(
		`(component ${named('A', callee)} ${named('B', caller)}
		(instance $a (instantiate $A))
		(instance $b (instantiate $B (with "f" (func $a "${name}"))))
		${['call', 'call-sync', 'barging', 'join', 'leave', 'event', 'result', 'cancel', 'cancel-sync', 'drop', 'drop-set'].map(name => `(export "${name}" (func $b "${name}"))`).join('\n')})`,
		{},
		limits,
	);

const [starting, started, returned, unstarted, unreturned, blocked] = [0, 1, 2, 3, 4, 0xffff_ffff];
const state = (packed: number): number => packed & 15;
const handle = (packed: number): number => packed >>> 4;
/** An event of a subtask, with its state. */
const event = (state: number): number => 1 | (state << 4);

/** What a function gives when it no longer gives 0. */
async function eventually(get: () => number): Promise<number> {
	for (;;) {
		const found = get();
		if (found !== 0) return found;
		await later(undefined, 1);
	}
}

test('a call that returns at once leaves no subtask', async t => {
	const {exports} = await calling('now');
	t.is(exports.call(4), returned);
	t.is(exports.result(), 5);
});

for (const name of ['later', 'yields', 'sync']) {
	test(`a call that waits (${name}) is a subtask, whose end is an event`, async t => {
		const {exports} = await calling(name);
		const packed = exports.call(4);
		t.is(state(packed), started);
		exports.join(handle(packed));
		t.is(exports.event(), 0);
		t.is(await eventually(exports.event), event(returned));
		t.is(exports.result(), 5);
		exports.drop(handle(packed));
		exports.dropSet();
	});

	test(`a synchronous call waits for its end (${name}), and what is not async may not call it`, async t => {
		const instance = await calling(name);
		t.is(await instance.exports.callSync(8), 9);
		t.throws(() => instance.exports.barging(8), {code: 'FORGE_TRAP', message: /cannot block a synchronous task/});
		t.true(instance.dead);
	});
}

test('tasks that overlap have contexts of their own', async t => {
	const {exports} = await calling('yields');
	const first = exports.call(1);
	const second = exports.call(10);
	t.not(handle(first), handle(second));
	exports.join(handle(second));
	// Both write to the same place, the second last.
	t.is(await eventually(exports.event), event(returned));
	t.is(exports.result(), 11);
});

test('what is not async may call a function that does not wait', async t => {
	const {exports} = await calling('now');
	t.is(exports.barging(8), 9);
});

test('a call that is cancelled before it has begun never begins', async t => {
	const {exports} = await calling('sync');
	t.is(state(exports.call(1)), started);
	const second = exports.call(2);
	t.is(state(second), starting);
	t.is(exports.cancel(handle(second)), unstarted);
	exports.drop(handle(second));
	t.is(await eventually(exports.result), 2);
});

test('a call whose callback is told to cancel ends without a result', async t => {
	const {exports} = await calling('never');
	const packed = exports.call(1);
	t.is(state(packed), started);
	t.is(exports.cancel(handle(packed)), unreturned);
	exports.drop(handle(packed));
});

test('a call that cannot be told to cancel goes on', async t => {
	const {exports} = await calling('yields');
	const packed = exports.call(1);
	t.is(exports.cancel(handle(packed)), blocked);
	exports.join(handle(packed));
	t.is(await eventually(exports.event), event(returned));
});

test('a synchronous cancellation of what has begun since waits for its end too', async t => {
	const {exports} = await calling('sync');
	t.is(state(exports.call(1)), started);
	const second = exports.call(2);
	t.is(state(second), starting);
	while (exports.result() !== 2) await later(undefined, 1);
	// That it has begun is an event which nobody has taken.
	t.is(await exports.cancelSync(handle(second)), returned);
});

test('a synchronous cancellation waits for the end', async t => {
	const {exports} = await calling('yields');
	t.is(await exports.cancelSync(handle(exports.call(1))), returned);
});

const traps: readonly (readonly [what: string, callee: string, message: RegExp, run: (exports: Exports) => unknown])[] = [
	['drops a call that has not ended', 'stuck', /not yet resolved/, exports => exports.drop(handle(exports.call(1)))],
	[
		'cancels a call twice',
		'stuck',
		/called twice/,
		exports => {
			const packed = exports.call(1);
			exports.cancel(handle(packed));
			exports.cancel(handle(packed));
		},
	],
	[
		'cancels a call whose end it knows',
		'never',
		/after terminal status/,
		exports => {
			const packed = exports.call(1);
			exports.cancel(handle(packed));
			exports.cancel(handle(packed));
		},
	],
	[
		'drops a set with something in it',
		'stuck',
		/with waitables in it/,
		exports => {
			exports.join(handle(exports.call(1)));
			exports.dropSet();
		},
	],
	[
		'cancels synchronously what is in a set',
		'stuck',
		/added to a waitable-set/,
		exports => {
			const packed = exports.call(1);
			exports.join(handle(packed));
			return exports.cancelSync(handle(packed));
		},
	],
	[
		'joins what is no waitable',
		'stuck',
		/of another kind/,
		exports => {
			exports.call(1);
			// The set itself.
			exports.join(1);
		},
	],
];

for (const [what, name, message, run] of traps) {
	test(`a guest that ${what} traps`, async t => {
		const instance = await calling(name);
		await t.throwsAsync(async () => run(instance.exports), {code: 'FORGE_TRAP', message});
		t.true(instance.dead);
	});
}

test('suspended tasks count', async t => {
	const {exports} = await calling('stuck', {tasks: 3});
	for (let i = 0; i < 3; i++) t.is(state(exports.call(i)), started);
	t.throws(() => exports.call(3), {code: 'FORGE_LIMIT_COUNT', message: /suspended tasks/});
});

test('a synchronous host function that suspends holds its instance, and the tasks of others go on', async t => {
	const order: string[] = [];
	const text = `(component
		(import "wait" (func $wait))
		${named('A', built({before: '(import "wait" (func $wait))', imports: ['task.return'], more: {wait: ['', 'lower (func $wait)']}, fields: '(func (export "run") (param i32) (call $wait) (call $task.return (local.get 0)))', after: `(func (export "run") async ${type} (canon lift (core func $i "run") async))`}))}
		(instance $a (instantiate $A (with "wait" (func $wait))))
		(export "run" (func $a "run")))`;
	const {exports} = await guest(text, {
		wait: suspending(async () => {
			order.push('begin');
			await later(undefined, 5);
			order.push('end');
		}),
	});
	t.deepEqual(await Promise.all([exports.run(1), exports.run(2)]), [1, 2]);
	t.deepEqual(order, ['begin', 'end', 'begin', 'end']);
});

test('an error context goes to the host as an error and comes back as one', async t => {
	const text = built({
		before: '(type $e error-context)',
		imports: [],
		more: {
			new: ['(param i32 i32) (result i32)', `error-context.new ${memory}`],
			message: ['(param i32 i32)', `error-context.debug-message ${options}`],
			drop: ['(param i32)', 'error-context.drop'],
		},
		fields: `(data (i32.const 512) "broken")
			(func (export "make") (param i32) (result i32) (call $new (i32.const 512) (local.get 0)))
			(func (export "read") (param i32) (result i32) (call $message (local.get 0) (i32.const 64)) (call $drop (local.get 0)) (i32.const 64))
			(func (export "drop") (call $drop (i32.const 1)))`,
		after: `(func (export "make") (param "n" u32) (result error-context) (canon lift (core func $i "make")))
			(func (export "read") (param "e" error-context) (result string) (canon lift (core func $i "read") ${memory}))
			(func (export "drop") (canon lift (core func $i "drop")))`,
	});
	const {exports} = await guest(text);
	const error = exports.make(6);
	t.true(error instanceof Error);
	t.is(error.message, 'broken');
	// The host keeps the beginning of a long one.
	t.is(exports.make(60_000).message.length, 1_024);
	t.is(exports.read(new Error('grüß')), 'grüß');
	t.throws(() => exports.read('text'), {code: 'FORGE_VALUE_INVALID'});
	exports.drop();
	t.throws(() => exports.drop(), {code: 'FORGE_TRAP', message: /unknown handle index 1/});
});

test('a start function may use the async ABI but not wait', async t => {
	const start = (code: string): string =>
		`(component ${libc} (core func $new (canon waitable-set.new)) (core func $wait (canon waitable-set.wait ${memory}))
		(core module $M (import "" "new" (func $new (result i32))) (import "" "wait" (func $wait (param i32 i32) (result i32)))
			(func $start ${code}) (start $start))
		(core instance (instantiate $M (with "" (instance (export "new" (func $new)) (export "wait" (func $wait)))))))`;
	await t.notThrowsAsync(guest(start('(drop (call $new))')));
	await t.throwsAsync(guest(start('(drop (call $wait (call $new) (i32.const 0)))')), {
		code: 'FORGE_TRAP',
		message: /cannot block a synchronous task/,
	});
});
