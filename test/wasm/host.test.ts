import {ComponentError, type ForgeError, GuestExit, Trap, viewing} from '@forgeone/wasm';
import test from 'ava';
import {component, guest, libc, options} from './support/guest.ts';

/** A guest that calls a fallible and an infallible host function; the error of the first, a record of a code and a text, comes back as its own. */
const caller = `(component
	(type $problem (record (field "code" u32) (field "message" string)))
	(import "problem" (type $p (eq $problem)))
	(import "fallible" (func $fallible (result (result u32 (error $p)))))
	(import "plain" (func $plain (result u32)))
	${libc}
	(core func $f (canon lower (func $fallible) ${options}))
	(core func $p' (canon lower (func $plain)))
	(core module $m (import "" "f" (func $f (param i32))) (import "" "p" (func $p (result i32)))
		(func (export "f") (result i32) (call $f (i32.const 16)) (i32.const 16))
		(func (export "p") (result i32) (call $p)))
	(core instance $i (instantiate $m (with "" (instance (export "f" (func $f)) (export "p" (func $p'))))))
	(func (export "fallible") (result (result u32 (error $p))) (canon lift (core func $i "f") ${options}))
	(func (export "plain") (result u32) (canon lift (core func $i "p") ${options})))`;

const problem = {code: 7, message: 'no'};

const throwing = (what: unknown) => (): never => {
	throw what;
};

test('a host function signals its error by a payload, by a plain value, or by an error with code and message', async t => {
	const forge = Object.assign(new Error('no'), {payload: problem});
	for (const thrown of [new ComponentError(problem), forge, problem]) {
		const {exports} = await guest(caller, {fallible: throwing(thrown), plain: () => 1});
		const error = t.throws<ComponentError>(() => exports.fallible(), {instanceOf: ComponentError});
		t.deepEqual(error?.payload, problem);
		t.is(exports.plain(), 1, 'the instance lives');
	}
});

test('a host error that the result cannot hold is a trap with that error as its cause', async t => {
	for (const [name, thrown] of [
		['fallible', new Error('disk on fire')],
		['fallible', {payload: 'not a problem'}],
		['plain', new Error('disk on fire')],
		['plain', new ComponentError(problem)],
	] as const) {
		const instance = await guest(caller, {fallible: throwing(thrown), plain: throwing(thrown)});
		const trap = t.throws<Trap>(() => instance.exports[name](), {instanceOf: Trap});
		t.is(trap?.cause, thrown);
		t.true(instance.dead);
	}
});

test('a host result of the wrong type is a trap', async t => {
	for (const result of [-1, '1', undefined, Promise.resolve(1)]) {
		const {exports} = await guest(caller, {fallible: () => result, plain: () => result});
		t.throws(() => exports.plain(), {instanceOf: Trap});
	}
});

test('an exit unwinds the guest and reaches the caller unchanged', async t => {
	const exit = new GuestExit(3);
	const instance = await guest(caller, {fallible: throwing(exit), plain: throwing(exit)});
	t.is(
		t.throws(() => instance.exports.fallible()),
		exit,
	);
	t.true(instance.dead);
	t.throws(() => instance.exports.plain(), {code: 'FORGE_INSTANCE_DEAD'});
});

const importing = (...names: readonly string[]): string =>
	`(component ${names.map(name => `(import "${name}" (instance (export "f" (func)) (export "g" (func))))`).join(' ')})`;

test('everything that is missing is named in one error', async t => {
	const loaded = await component(importing('a:b/c@1.2.0', 'd:e/f'));
	const error = await t.throwsAsync<ForgeError>(loaded.instantiate({'a:b/c@1.2.0': {f() {}}}), {code: 'FORGE_IMPORT_MISSING'});
	t.is(error?.message, 'missing imports: a:b/c@1.2.0#g, d:e/f');
	t.deepEqual(loaded.imports, [
		{name: 'a:b/c@1.2.0', kind: 'instance', functions: ['f', 'g']},
		{name: 'd:e/f', kind: 'instance', functions: ['f', 'g']},
	]);
});

test('a compatible version serves, another does not', async t => {
	const host = {f() {}, g() {}};
	const rows: readonly (readonly [guest: string, host: string, serves: boolean])[] = [
		['wasi:io/poll@0.2.0', 'wasi:io/poll@0.2.9', true],
		['wasi:io/poll@0.2.9', 'wasi:io/poll@0.2.0', true],
		['wasi:io/poll@0.2.1', 'wasi:io/poll@0.2', true],
		['wasi:io/poll@0.2.1', 'wasi:io/poll', true],
		['wasi:io/poll@0.2.1', 'wasi:io/poll@0.3.1', false],
		['a:b/c@1.2.3', 'a:b/c@1.0.0', true],
		['a:b/c@1.2.3', 'a:b/c@2.0.0', false],
		['a:b/c@0.0.3', 'a:b/c@0.0.4', false],
		['a:b/c@0.2.0-rc.1', 'a:b/c@0.2.0', false],
		['a:b/c@0.2.0-rc.1', 'a:b/c@0.2.0-rc.1', true],
	];
	for (const [wanted, given, serves] of rows) {
		const made = (await component(importing(wanted))).instantiate({[given]: host});
		if (serves) await t.notThrowsAsync(made, `${given} for ${wanted}`);
		else await t.throwsAsync(made, {code: 'FORGE_IMPORT_MISSING'}, `${given} for ${wanted}`);
	}
});

test('two versions of one interface are served side by side', async t => {
	const calls: string[] = [];
	const instance = await guest(
		`(component
		(import "a:b/c@1.0.0" (instance $one (export "f" (func))))
		(import "a:b/c@2.0.0" (instance $two (export "f" (func))))
		(export "one" (func $one "f")) (export "two" (func $two "f")))`,
		{'a:b/c@1.0.0': {f: () => calls.push('one')}, 'a:b/c@2.0.0': {f: () => calls.push('two')}},
	);
	instance.exports.two();
	instance.exports.one();
	t.deepEqual(calls, ['two', 'one']);
});

test('what every object has is no implementation', async t => {
	for (const name of ['constructor', 'to-string', 'has-own-property', 'value-of']) {
		const loaded = await component(`(component (import "host" (instance (export "${name}" (func)))) (import "${name}" (func)))`);
		await t.throwsAsync(loaded.instantiate({host: {}}), {message: `missing imports: host#${name}, ${name}`});
	}
});

test('a host function gets copies of lists of numbers, or views where it asks for them', async t => {
	const text = `(component
		(import "host" (func $host (param "b" (list u8)) (result u32)))
		${libc}
		(core func $h (canon lower (func $host) ${options}))
		(core module $m (import "" "h" (func $h (param i32 i32) (result i32))) (func (export "f") (result i32) (call $h (i32.const 8) (i32.const 4))))
		(core instance $i (instantiate $m (with "" (instance (export "h" (func $h))))))
		(func (export "f") (result u32) (canon lift (core func $i "f"))))`;
	const copied = await guest(text, {host: (bytes: Uint8Array) => bytes.buffer.byteLength});
	t.is(copied.exports.f(), 4);
	const viewed = await guest(text, {host: viewing((bytes: Uint8Array) => bytes.buffer.byteLength)});
	t.is(viewed.exports.f(), 65_536);
});
