import {type Imports, type Instance, type Limits, suspending, Trap} from '@forgeone/wasm';
import test from 'ava';
import {type Exports, guest, libc, options} from './support/guest.ts';

/** A guest that calls host functions of three kinds, and one that it does not let the guest wait for. */
const waiter = `(component
	(import "double" (func $double (param "n" u32) (result u32)))
	(import "try" (func $try (result (result u32 (error u32)))))
	(import "text" (func $text (param "s" string) (result string)))
	${libc}
	(core func $d (canon lower (func $double)))
	(core func $t (canon lower (func $try) ${options}))
	(core func $s (canon lower (func $text) ${options}))
	(core module $m
		(import "" "d" (func $d (param i32) (result i32))) (import "" "t" (func $t (param i32))) (import "" "s" (func $s (param i32 i32 i32)))
		(global $inside (mut i32) (i32.const 0))
		(func (export "double") (param i32) (result i32)
			(if (global.get $inside) (then unreachable))
			(global.set $inside (i32.const 1))
			(call $d (local.get 0))
			(global.set $inside (i32.const 0)))
		(func (export "try") (result i32) (call $t (i32.const 16)) (i32.const 16))
		(func (export "text") (param i32 i32) (result i32) (call $s (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16)))
	(core instance $i (instantiate $m (with "" (instance (export "d" (func $d)) (export "t" (func $t)) (export "s" (func $s))))))
	(func (export "double") (param "n" u32) (result u32) (canon lift (core func $i "double")))
	(func (export "try") (result (result u32 (error u32))) (canon lift (core func $i "try") ${options}))
	(func (export "text") (param "s" string) (result string) (canon lift (core func $i "text") ${options})))`;

const later = async <T>(value: T): Promise<T> => {
	await new Promise(resolve => setTimeout(resolve, 5));
	return value;
};

async function waiting(imports: Imports = {}, limits: Limits = {}): Promise<Instance & {readonly exports: Exports}> {
	const host = {
		double: suspending((n: number) => later(n * 2)),
		try: suspending(() => later(5)),
		text: suspending((text: string) => later(text.toUpperCase())),
	};
	return guest(waiter, {...host, ...imports}, limits);
}

test('a guest waits for a host function that is marked as suspending', async t => {
	const {exports} = await waiting();
	t.is(await exports.double(4), 8);
	t.is(await exports.try(), 5);
	t.is(await exports.text('straße'), 'STRASSE');
});

test('calls that overlap take turns and never enter a suspended instance', async t => {
	const {exports} = await waiting();
	t.deepEqual(await Promise.all([1, 2, 3, 4].map(n => exports.double(n))), [2, 4, 6, 8]);
});

test('calls that overlap fail where that is asked for, and harm nothing', async t => {
	const {exports} = await waiting({}, {overlap: 'fail'});
	const [first, ...others] = await Promise.allSettled([1, 2, 3].map(n => exports.double(n)));
	t.deepEqual(first, {status: 'fulfilled', value: 2});
	for (const other of others) t.like(other, {status: 'rejected', reason: {code: 'FORGE_INSTANCE_BUSY'}});
	t.is(await exports.double(4), 8);
});

test('a rejection is the error of a result', async t => {
	const instance = await waiting({try: suspending(() => Promise.reject(Object.assign(new Error('no'), {payload: 9})))});
	await t.throwsAsync(instance.exports.try(), {name: 'ComponentError'});
	t.false(instance.dead);
	t.is(await instance.exports.double(1), 2);
});

test('a rejection where there is no result is a trap, and calls that wait fail too', async t => {
	const cause = new Error('gone');
	const instance = await waiting({double: suspending(() => Promise.reject(cause))});
	const first = instance.exports.double(1);
	const second = instance.exports.double(2);
	const trap = await t.throwsAsync<Trap>(first, {instanceOf: Trap});
	t.is(trap?.cause, cause);
	await t.throwsAsync(second, {code: 'FORGE_INSTANCE_DEAD'});
	t.true(instance.dead);
});

test('a wrong argument rejects, and the next call goes through', async t => {
	const {exports} = await waiting();
	await t.throwsAsync(exports.double(-1), {code: 'FORGE_VALUE_INVALID'});
	t.is(await exports.double(1), 2);
});

test('a marked function that answers at once does not wait', async t => {
	const {exports} = await waiting({double: suspending((n: number) => n * 2)});
	t.is(await exports.double(4), 8);
});

test('exports that can reach no suspending function are plain', async t => {
	const {exports} = await waiting({double: (n: number) => n, try: () => 1, text: (text: string) => text});
	t.is(exports.double(4), 4);
	t.is(exports.text('a'), 'a');
});

test('a call that waits for what never comes ends with its instance', async t => {
	const instance = await waiting({double: suspending(() => new Promise<number>(() => undefined))});
	const call = instance.exports.double(1);
	instance.dispose();
	await t.throwsAsync(call, {code: 'FORGE_TRAP', message: /disposed/});
});

test('an instance that is disposed of while it is suspended runs no further', async t => {
	const instance = await waiting();
	const call = instance.exports.double(1);
	instance.dispose();
	await t.throwsAsync(call, {code: 'FORGE_TRAP', message: /disposed/});
});

test('a call that a host function makes while a plain export runs gets its turn when that ends', async t => {
	const calls: Promise<unknown>[] = [];
	const {exports} = await guest(
		`(component
		(import "wait" (func $wait (param "n" u32) (result u32)))
		(import "plain" (func $plain))
		(component $Waits (import "wait" (func $wait (param "n" u32) (result u32)))
			(core func $w (canon lower (func $wait)))
			(core module $m (import "" "w" (func $w (param i32) (result i32))) (func (export "f") (param i32) (result i32) (call $w (local.get 0))))
			(core instance $i (instantiate $m (with "" (instance (export "w" (func $w))))))
			(func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
		(component $Plain (import "plain" (func $plain))
			(core func $p (canon lower (func $plain)))
			(core module $m (import "" "p" (func $p)) (func (export "f") (call $p)))
			(core instance $i (instantiate $m (with "" (instance (export "p" (func $p))))))
			(func (export "f") (canon lift (core func $i "f"))))
		(instance $waits (instantiate $Waits (with "wait" (func $wait))))
		(instance $plain (instantiate $Plain (with "plain" (func $plain))))
		(export "waits" (func $waits "f")) (export "runs" (func $plain "f")))`,
		{wait: suspending((n: number) => later(n + 1)), plain: () => void calls.push(exports.waits(1))},
	);
	t.is(exports.runs(), undefined);
	t.deepEqual(await Promise.all(calls), [2]);
});

/** A guest that opens a file of the host's, asks for its size by a method, and for the number of all files by a static. */
const opener = `(component
	(import "host" (instance $host
		(export "file" (type $file (sub resource)))
		(export "[constructor]file" (func (param "n" u32) (result (own $file))))
		(export "[method]file.size" (func (param "self" (borrow $file)) (result u32)))
		(export "[static]file.count" (func (result u32)))))
	(core func $open (canon lower (func $host "[constructor]file")))
	(core func $size (canon lower (func $host "[method]file.size")))
	(core func $count (canon lower (func $host "[static]file.count")))
	(core module $m
		(import "" "open" (func $open (param i32) (result i32)))
		(import "" "size" (func $size (param i32) (result i32)))
		(import "" "count" (func $count (result i32)))
		(func (export "f") (param i32) (result i32) (i32.add (call $size (call $open (local.get 0))) (call $count))))
	(core instance $i (instantiate $m (with "" (instance (export "open" (func $open)) (export "size" (func $size)) (export "count" (func $count))))))
	(func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))`;

test('a constructor, a method or a static that is marked suspends, and each alone is enough', async t => {
	const make = () => {
		class Plain {
			static files = 0;
			readonly n: number;
			constructor(n: number) {
				this.n = n;
				Plain.files++;
			}
			size(): number {
				return this.n * 10;
			}
			static count(): number {
				return Plain.files;
			}
		}
		return Plain;
	};
	const plain = make();
	t.is((await guest(opener, {host: {File: plain}})).exports.f(4), 41);

	const method = make();
	const {size} = method.prototype;
	method.prototype.size = suspending(function (this: InstanceType<typeof method>) {
		return later(size.call(this)) as unknown as number;
	});
	t.is(await (await guest(opener, {host: {File: method}})).exports.f(4), 41);

	const constant = make();
	const {count} = constant;
	constant.count = suspending(() => later(count()) as unknown as number);
	t.is(await (await guest(opener, {host: {File: constant}})).exports.f(4), 41);

	const made = make();
	const opening = suspending(
		class extends made {
			constructor(n: number) {
				super(n);
				// biome-ignore lint/correctness/noConstructorReturn: a constructor that waits gives a promise
				return later(this) as never;
			}
		} as never,
	);
	t.is(await (await guest(opener, {host: {File: opening}})).exports.f(4), 41);
});

test('a guest goes on within the same turn where what it may wait for answers at once', async t => {
	const calls: string[] = [];
	class File {
		size(): number {
			return calls.push('size');
		}
		static count = suspending(() => calls.push('count'));
	}
	suspending(File.prototype.size);
	const sum = (await guest(opener, {host: {File}})).exports.f(1);
	t.deepEqual(calls, ['size', 'count']);
	t.is(await sum, 3);
});
