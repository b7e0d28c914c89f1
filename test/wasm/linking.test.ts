import test from 'ava';
import {guest, libc, options} from './support/guest.ts';

/** Two components in one: the first keeps what it is told in UTF-16, the second tells it in UTF-8 and asks again in Latin-1. */
const composed = `(component
	(component $Keeper
		${libc}
		(core module $m (import "" "memory" (memory 1)) (global $p (mut i32) (i32.const 0)) (global $n (mut i32) (i32.const 0))
			(func (export "keep") (param i32 i32) (global.set $p (local.get 0)) (global.set $n (local.get 1)))
			(func (export "kept") (result i32) (i32.store (i32.const 16) (global.get $p)) (i32.store (i32.const 20) (global.get $n)) (i32.const 16)))
		(core instance $i (instantiate $m (with "" (instance (export "memory" (memory $libc "memory"))))))
		(func (export "keep") (param "s" string) (canon lift (core func $i "keep") ${options} string-encoding=utf16))
		(func (export "kept") (result string) (canon lift (core func $i "kept") ${options} string-encoding=utf16)))
	(component $Teller
		(import "keeper" (instance $keeper (export "keep" (func (param "s" string))) (export "kept" (func (result string)))))
		${libc}
		(core func $keep (canon lower (func $keeper "keep") ${options}))
		(core func $kept (canon lower (func $keeper "kept") ${options} string-encoding=latin1+utf16))
		(core module $m (import "" "keep" (func $keep (param i32 i32))) (import "" "kept" (func $kept (param i32)))
			(func (export "f") (param i32 i32) (result i32) (call $keep (local.get 0) (local.get 1)) (call $kept (i32.const 16)) (i32.const 16)))
		(core instance $i (instantiate $m (with "" (instance (export "keep" (func $keep)) (export "kept" (func $kept))))))
		(func $lifted (export "f") (param "s" string) (result string) (canon lift (core func $i "f") ${options} string-encoding=latin1+utf16)))
	(instance $keeper (instantiate $Keeper))
	(instance $teller (instantiate $Teller (with "keeper" (instance $keeper))))
	(export "f" (func $teller "f")))`;

test('components in one binary call each other, each in its own encoding', async t => {
	// The parameter arrives as Latin-1 or UTF-16 but is told as UTF-8, so only ASCII survives the guest's own mistake.
	const {exports} = await guest(composed);
	for (const text of ['', 'hello', 'x'.repeat(1_000)]) t.is(exports.f(text), text);
});

const nesting = (declared: string, given: string): string => `(component
	(import "f" (func $f ${given}))
	(component $C (import "g" (func ${declared})))
	(instance (instantiate $C (with "g" (func $f)))))`;

test('a nested component is given functions of the types that it imports, or does not load', async t => {
	const f = (): void => {};
	await t.notThrowsAsync(guest(nesting('(param "a" u32) (result string)', '(param "a" u32) (result string)'), {f}));
	for (const [declared, given] of [
		['(param "a" u32)', '(param "a" u64)'],
		['(result u8)', ''],
		['(param "a" (list u8))', '(param "a" (list s8))'],
	]) {
		await t.throwsAsync(guest(nesting(declared as string, given as string), {f}), {code: 'FORGE_COMPONENT_INVALID'});
	}
});

test('resources of different owners are different types', async t => {
	const text = (resource: string): string => `(component
		(import "T" (type $T (sub resource))) (import "U" (type $U (sub resource)))
		(import "f" (func $f (param "x" (own ${resource}))))
		(component $C (import "T" (type $T (sub resource))) (import "g" (func (param "x" (own $T)))))
		(instance (instantiate $C (with "T" (type $T)) (with "g" (func $f)))))`;
	const f = (): void => {};
	await t.notThrowsAsync(guest(text('$T'), {f}));
	await t.throwsAsync(guest(text('$U'), {f}), {code: 'FORGE_COMPONENT_INVALID'});
});

test('only the component that defines a resource may make it or see what is behind it', async t => {
	for (const op of ['new', 'rep']) {
		const text = `(component (import "T" (type $T (sub resource))) (core func (canon resource.${op} $T)))`;
		await t.throwsAsync(guest(text), {code: 'FORGE_COMPONENT_INVALID'});
	}
	await t.notThrowsAsync(guest('(component (import "T" (type $T (sub resource))) (core func (canon resource.drop $T)))'));
});

test('a function that carries strings needs a memory and an allocator', async t => {
	const text = (given: string): string => `(component ${libc}
		(core module $m (func (export "f") (param i32 i32)))
		(core instance $i (instantiate $m))
		(func (export "f") (param "s" string) (canon lift (core func $i "f") ${given})))`;
	await t.throwsAsync(guest(text('')), {code: 'FORGE_COMPONENT_INVALID', message: /a memory for strings/});
	await t.throwsAsync(guest(text('(memory (core memory $libc "memory"))')), {
		code: 'FORGE_COMPONENT_INVALID',
		message: /a realloc for strings/,
	});
	await t.notThrowsAsync(guest(text(options)));
});

test('each instance of a resource-defining component has a resource type of its own', async t => {
	const {exports} = await guest(`(component
		(component $C
			(type $R (resource (rep i32)))
			(export $r "r" (type $R))
			(core func $new (canon resource.new $R))
			(core module $m (import "" "new" (func $n (param i32) (result i32))) (export "make" (func $n)))
			(core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
			(core module $take (func (export "take") (param i32)))
			(core instance $t (instantiate $take))
			(func (export "make") (param "n" u32) (result (own $r)) (canon lift (core func $i "make")))
			(func (export "take") (param "r" (own $r)) (canon lift (core func $t "take"))))
		(instance $one (instantiate $C)) (instance $two (instantiate $C))
		(export "one" (instance $one)) (export "two" (instance $two)))`);
	t.notThrows(() => exports.one.take(exports.one.make(1)));
	t.throws(() => exports.two.take(exports.one.make(1)), {code: 'FORGE_VALUE_INVALID'});
});
