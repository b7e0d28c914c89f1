import {Trap} from '@forgeone/wasm';
import test from 'ava';
import {guest, libc, options, returning, words} from './support/guest.ts';

/** Each breaks one rule of the canonical ABI on the way out of the guest. */
const broken: readonly (readonly [title: string, text: string])[] = [
	['a string beyond the memory', returning('', 'string', words(65_530, 10))],
	['a string whose end overflows', returning('', 'string', words(0xffff_ffff, 0xffff_ffff))],
	['a string that is not UTF-8', returning('', 'string', `(i32.store8 (i32.const 8) (i32.const 255)) ${words(8, 1)}`)],
	['an unaligned UTF-16 string', returning('', 'string', words(9, 1), 'string-encoding=utf16')],
	['a lone surrogate', returning('', 'string', `(i32.store16 (i32.const 8) (i32.const 0xd800)) ${words(8, 1)}`, 'string-encoding=utf16')],
	['an unaligned compact string', returning('', 'string', words(9, 1), 'string-encoding=latin1+utf16')],
	['a string of 2^28 bytes', returning('', 'string', words(0, 2 ** 28))],
	['a list beyond the memory', returning('', '(list u32)', words(65_532, 2))],
	['an unaligned list', returning('', '(list u32)', words(2, 1))],
	['a list whose size overflows', returning('', '(list u64)', words(0, 0x2000_0001))],
	['an unaligned result', returning('', '(tuple u32 u32)', '(i32.const 2)')],
	['a result beyond the memory', returning('', '(tuple u32 u32)', '(i32.const 65532)')],
	['a surrogate as a character', returning('', 'char', '(i32.const 0xd800)')],
	['a character past the last', returning('', 'char', '(i32.const 0x110000)')],
	['a case that an enum lacks', returning('(type $e (enum "a" "b")) (export $f "e" (type $e))', '$f', '(i32.const 2)')],
	['a case that a variant lacks', returning('', '(option u32)', words(2, 0))],
	['a case that a flat variant lacks', returning('', '(result)', '(i32.const 7)')],
	['an unreachable', returning('', 'u32', 'unreachable')],
	['a read beyond the memory', returning('', 'u32', '(i32.load (i32.const 0x7fffffff))')],
];

for (const [title, text] of broken) {
	test(`${title} traps and ends the instance`, async t => {
		const instance = await guest(text);
		t.throws(() => instance.exports.f(), {instanceOf: Trap, code: 'FORGE_TRAP'});
		t.true(instance.dead);
		t.throws(() => instance.exports.f(), {code: 'FORGE_INSTANCE_DEAD'});
	});
}

test('a trap names the core function where its module has names', async t => {
	const {exports} = await guest(`(component
		(core module $m (func $inner unreachable) (func $outer (export "f") (call $inner)))
		(core instance $i (instantiate $m))
		(func (export "f") (canon lift (core func $i "f"))))`);
	const trap = t.throws(() => exports.f(), {instanceOf: Trap});
	t.regex(trap?.message ?? '', /^trap in "(m\.)?inner": unreachable$/);
	t.true(trap?.cause instanceof WebAssembly.RuntimeError);
});

test('A4: endless recursion traps', async t => {
	const {exports} = await guest(`(component
		(core module $m (func $f (export "f") (call $f) (call $f)))
		(core instance $i (instantiate $m))
		(func (export "f") (canon lift (core func $i "f"))))`);
	t.throws(() => exports.f(), {code: 'FORGE_TRAP'});
});

const allocating = (pointer: number): string => `(component
	(core module $m (memory (export "memory") 1)
		(func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const ${pointer}))
		(func (export "f") (param i32 i32)))
	(core instance $i (instantiate $m))
	(func (export "f") (param "x" (list u32))
		(canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`;

test('an allocator that gives an unaligned pointer or one out of bounds traps', async t => {
	for (const pointer of [2, 65_536, -4]) {
		const {exports} = await guest(allocating(pointer));
		t.throws(() => exports.f([1, 2]), {code: 'FORGE_TRAP'}, String(pointer));
	}
	const {exports} = await guest(allocating(64));
	t.notThrows(() => exports.f([1, 2]));
});

test('a guest may not call out of its allocator or its post-return', async t => {
	const text = (calls: string): string => `(component
		(import "host" (func $host))
		(core func $lowered (canon lower (func $host)))
		(core module $m (import "" "host" (func $host)) (memory (export "memory") 1)
			(func (export "realloc") (param i32 i32 i32 i32) (result i32) ${calls === 'realloc' ? 'call $host' : ''} i32.const 64)
			(func (export "post") (param i32) ${calls === 'post' ? 'call $host' : ''})
			(func (export "f") (param i32 i32) (result i32) i32.const 1))
		(core instance $i (instantiate $m (with "" (instance (export "host" (func $lowered))))))
		(func (export "f") (param "x" string) (result u32)
			(canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post")))))`;
	const host = (): void => t.fail('the host was called');
	for (const calls of ['realloc', 'post']) {
		const {exports} = await guest(text(calls), {host});
		t.throws(() => exports.f('x'), {message: /cannot leave component instance/});
	}
	t.is((await guest(text(''), {host})).exports.f('x'), 1);
});

/** A guest that calls the host with 17 parameters and a result of two, both in memory where it is told. */
const spilling = `(component
	(import "host" (func $host ${Array.from({length: 17}, (_, i) => `(param "p${i}" u32)`).join(' ')} (result (tuple u32 u32))))
	${libc}
	(core func $lowered (canon lower (func $host) ${options}))
	(core module $m (import "" "host" (func $host (param i32 i32)))
		(func (export "f") (param i32 i32) (call $host (local.get 0) (local.get 1))))
	(core instance $i (instantiate $m (with "" (instance (export "host" (func $lowered))))))
	(func (export "f") (param "params" u32) (param "result" u32) (canon lift (core func $i "f"))))`;

test('parameters and results that a guest has written where they do not fit trap', async t => {
	const host = (): number[] => [1, 2];
	for (const [params, result] of [
		[2, 0],
		[65_536 - 64, 0],
		[2 ** 32 - 4, 0],
		[0, 2],
		[0, 65_532],
		[0, 2 ** 32 - 4],
	]) {
		const {exports} = await guest(spilling, {host});
		t.throws(() => exports.f(params, result), {code: 'FORGE_TRAP'}, `${params} ${result}`);
	}
	const {exports} = await guest(spilling, {host});
	t.notThrows(() => exports.f(65_536 - 68, 65_528));
});

test('A7: a borrow that a guest keeps past the call traps, and one that it drops does not', async t => {
	const text = (drop: string): string => `(component
		(import "R" (type $R (sub resource)))
		(core func $drop (canon resource.drop $R))
		(core module $m (import "" "drop" (func $drop (param i32))) (func (export "f") (param i32) ${drop}))
		(core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
		(func (export "f") (param "r" (borrow $R)) (canon lift (core func $i "f"))))`;
	const kept = await guest(text(''));
	t.throws(() => kept.exports.f({}), {code: 'FORGE_TRAP', message: /borrow/});
	t.true(kept.dead);
	const dropped = await guest(text('(call $drop (local.get 0))'));
	t.notThrows(() => dropped.exports.f({}));
	const twice = await guest(text('(call $drop (local.get 0)) (call $drop (local.get 0))'));
	t.throws(() => twice.exports.f({}), {code: 'FORGE_TRAP'});
});

test('post-return gets the core result and runs after the value is read', async t => {
	const {exports} = await guest(`(component
		${libc}
		(core module $m (import "" "memory" (memory 1)) (global $freed (mut i32) (i32.const 0))
			(func (export "f") (result i32) (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 2))
				(i32.store16 (i32.const 32) (i32.const 0x6968)) (i32.const 16))
			(func (export "post") (param i32) (global.set $freed (local.get 0)) (i32.store16 (i32.const 32) (i32.const 0)))
			(func (export "freed") (result i32) (global.get $freed)))
		(core instance $i (instantiate $m (with "" (instance (export "memory" (memory $libc "memory"))))))
		(func (export "f") (result string) (canon lift (core func $i "f") ${options} (post-return (core func $i "post"))))
		(func (export "freed") (result u32) (canon lift (core func $i "freed"))))`);
	t.is(exports.f(), 'hi');
	t.is(exports.freed(), 16);
});

test('a call into an instance that runs is refused', async t => {
	const again: (() => void)[] = [];
	const {exports} = await guest(
		`(component
		(import "host" (func $host))
		(core func $lowered (canon lower (func $host)))
		(core module $m (import "" "host" (func $host)) (func (export "f") (call $host)))
		(core instance $i (instantiate $m (with "" (instance (export "host" (func $lowered))))))
		(func (export "f") (canon lift (core func $i "f"))))`,
		{host: () => again.pop()?.()},
	);
	again.push(() => t.throws(() => exports.f(), {code: 'FORGE_INSTANCE_BUSY'}));
	exports.f();
	t.notThrows(() => exports.f());
});
