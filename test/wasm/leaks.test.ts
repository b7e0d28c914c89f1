import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import test from 'ava';
import {component, libc, options} from './support/guest.ts';

const echoing = `(component
	(import "host" (func $host (param "s" string) (result u32)))
	${libc}
	(core func $h (canon lower (func $host) ${options}))
	(core module $m (import "" "h" (func $h (param i32 i32) (result i32))) (import "" "reset" (func $r))
		(func (export "f") (param i32 i32) (result i32) (call $h (local.get 0) (local.get 1)))
		(func (export "post") (param i32) (call $r)))
	(core module $reset (func (export "reset")))
	(core instance $reset (instantiate $reset))
	(core instance $i (instantiate $m (with "" (instance (export "h" (func $h)) (export "reset" (func $reset "reset"))))))
	(func (export "f") (param "s" string) (result u32) (canon lift (core func $i "f") ${options})))`;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
	collect();
	return process.memoryUsage().heapUsed;
}

test('instances that are dropped leave nothing on the heap', async t => {
	const loaded = await component(echoing);
	const cycle = async (count: number): Promise<void> => {
		for (let i = 0; i < count; i++) {
			const {exports} = await loaded.instantiate({host: (text: string) => text.length});
			t.is((exports.f as (text: string) => number)('hello'), 5);
			if (i % 100 === 0) collect();
		}
	};
	await cycle(300);
	const before = heap();
	await cycle(1_500);
	t.true(heap() - before < 2 ** 21, `${heap() - before} bytes more`);
});

test('calls leave nothing on the heap', async t => {
	const text =
		'(component (import "host" (func $h (param "n" u64) (result u64))) (export "f" (func $h)) (core module $m (import "" "h" (func $h (param i64) (result i64))) (export "g" (func $h))) (core func $l (canon lower (func $h))) (core instance $i (instantiate $m (with "" (instance (export "h" (func $l)))))) (func (export "g") (param "n" u64) (result u64) (canon lift (core func $i "g"))))';
	const {exports} = await (await component(text)).instantiate({host: (n: bigint) => n});
	const call = exports.g as (n: bigint) => bigint;
	const calls = (count: bigint): void => {
		for (let i = 0n; i < count; i++) call(i);
	};
	calls(20_000n);
	const before = heap();
	calls(1_000_000n);
	t.true(heap() - before < 2 ** 20, `${heap() - before} bytes more`);
});
