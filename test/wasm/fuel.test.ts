import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {type Instance, type Limits, load} from '@forgeone/wasm';
import test from 'ava';
import type {Exports} from './support/guest.ts';

const metered = async (text: string, limits: Limits = {}): Promise<Instance & {readonly exports: Exports}> =>
	(await load(await parse(text), {metered: true})).instantiate({}, limits);

/** Loops so many times, and keeps count in a global of its own which an export, a segment and an element name too. */
const counting = `(component
	(core module $m
		(global $offset i32 (i32.const 8))
		(global $turns (export "turns") (mut i32) (i32.const 0))
		(memory 1) (data (offset (i32.const 8)) "abc")
		(table 2 funcref) (elem (i32.const 0) func $one)
		(func $one (result i32) (i32.const 1))
		(func (export "loop") (param i32) (result i32) (local $i i32)
			(block $done (loop $again
				(br_if $done (i32.ge_u (local.get $i) (local.get 0)))
				(local.set $i (i32.add (local.get $i) (call_indirect (result i32) (i32.const 0))))
				(global.set $turns (i32.add (global.get $turns) (i32.const 1)))
				(br $again)))
			(i32.add (global.get $turns) (i32.load8_u (global.get $offset))))
		(func (export "forever") (loop $again (br $again)))
		(func $deep (export "deep") (call $deep)))
	(core instance $i (instantiate $m))
	(func (export "loop") (param "turns" u32) (result u32) (canon lift (core func $i "loop")))
	(func (export "forever") (canon lift (core func $i "forever")))
	(func (export "deep") (canon lift (core func $i "deep"))))`;

test('a metered guest computes what it computed, and takes the same fuel each time', async t => {
	const spent: number[] = [];
	for (let i = 0; i < 3; i++) {
		const instance = await metered(counting, {fuel: 1_000_000});
		t.is(instance.exports.loop(1_000), 1_000 + 97);
		spent.push(1_000_000 - instance.fuel);
	}
	t.is(new Set(spent).size, 1);
	t.true((spent[0] as number) > 10_000);
});

test('fuel runs out at the same turn each time, and ends the instance', async t => {
	for (const call of ['forever', 'deep']) {
		const instance = await metered(counting, {fuel: 1_000});
		t.throws(() => instance.exports[call](), {code: 'FORGE_FUEL_EXHAUSTED'});
		t.is(instance.fuel, 0);
		t.true(instance.dead);
		t.throws(() => instance.exports[call](), {code: 'FORGE_INSTANCE_DEAD'});
	}
	const needed = 1_000_000 - (await exhausting(1_000_000));
	await t.notThrowsAsync(exhausting(needed));
	await t.throwsAsync(exhausting(needed - 1), {code: 'FORGE_FUEL_EXHAUSTED'});
});

async function exhausting(fuel: number): Promise<number> {
	const instance = await metered(counting, {fuel});
	instance.exports.loop(10);
	return instance.fuel;
}

test('a path that neither calls nor loops is free, and all others are paid, whatever blocks they are in', async t => {
	const text = `(component
		(core module $m (type $t (func (param i32)))
			(func $leaf (export "leaf") (param i32))
			(func $else (export "else") (param i32)
				(if (local.get 0) (then (call $leaf (i32.const 1))) (else (call $else (local.get 0)))))
			(func $if (export "if") (param i32)
				(block $out (br_if $out (i32.eqz (local.get 0))) (if (local.get 0) (then (call $if (local.get 0))))))
			(func $apart (export "apart") (param i32)
				(if (i32.eqz (local.get 0)) (then (call $leaf (i32.const 1))))
				(block (if (local.get 0) (then (call $apart (local.get 0))))))
			(func $tail (export "tail") (param i32)
				(if (local.get 0) (then (block (return_call $tail (local.get 0))))))
			(func $loop (export "loop") (param i32)
				(if (local.get 0) (then (loop $again (if (local.get 0) (then (call $leaf (i32.const 1)))) (br $again))))))
		(core instance $i (instantiate $m))
		${['leaf', 'else', 'if', 'apart', 'tail', 'loop']
			.map(name => `(func (export "${name}") (param "n" u32) (canon lift (core func $i "${name}")))`)
			.join('\n')})`;
	const spent = async (name: string, n: number): Promise<number> => {
		const instance = await metered(text, {fuel: 1_000});
		instance.exports[name](n);
		return 1_000 - instance.fuel;
	};
	for (const name of ['leaf', 'if', 'tail', 'loop']) t.is(await spent(name, 0), 0, name);
	t.is(await spent('leaf', 1), 0);
	t.true((await spent('else', 1)) > 0);
	t.true((await spent('apart', 0)) > 0);
	await t.throwsAsync(spent('else', 0), {code: 'FORGE_FUEL_EXHAUSTED'});
	for (const name of ['if', 'apart', 'tail', 'loop']) await t.throwsAsync(spent(name, 1), {code: 'FORGE_FUEL_EXHAUSTED'}, name);
});

test('calls of one instance share its fuel', async t => {
	const instance = await metered(counting, {fuel: 1_000});
	const error = t.throws(() => {
		for (let i = 0; i < 1_000; i++) instance.exports.loop(1);
	});
	t.is((error as {code?: string}).code, 'FORGE_FUEL_EXHAUSTED');
});

test('a start function takes fuel', async t => {
	const text = '(component (core module $m (func $s (loop $again (br $again))) (start $s)) (core instance (instantiate $m)))';
	await t.throwsAsync(metered(text, {fuel: 10_000}), {code: 'FORGE_FUEL_EXHAUSTED'});
});

test('fuel is refused to a component that has no meter', async t => {
	const unmetered = await load(await parse(counting));
	await t.throwsAsync(unmetered.instantiate({}, {fuel: 1}), {code: 'FORGE_FUEL_UNMETERED'});
});

test('a trap of the guest is a trap and no lack of fuel', async t => {
	const text =
		'(component (core module $m (func (export "f") unreachable)) (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))';
	const instance = await metered(text, {fuel: 100});
	t.throws(() => instance.exports.f(), {code: 'FORGE_TRAP'});
});

test('what fills and copies many bytes or elements takes fuel for them, and does what it did', async t => {
	const bulk = `(component
		(core module $m
			(global $mine (export "mine") (mut i32) (i32.const 5))
			(memory (export "memory") 16) (data $abc "abcdefgh") (table $t 8 funcref) (elem $e func $f $f $f $f)
			(func $f)
			(func (export "fill") (param i32) (result i32)
				(memory.fill (i32.const 0) (i32.const 7) (local.get 0)) (i32.load8_u (i32.const 99)))
			(func (export "copy") (param i32) (result i32)
				(i32.store8 (i32.const 0) (i32.const 9)) (memory.copy (i32.const 8) (i32.const 0) (local.get 0)) (i32.load8_u (i32.const 8)))
			(func (export "init") (param i32) (result i32)
				(memory.init $abc (i32.const 0) (i32.const 0) (local.get 0)) (i32.load8_u (i32.const 7)))
			(func (export "table") (param i32) (result i32)
				(table.init $t $e (i32.const 0) (i32.const 0) (local.get 0))
				(table.copy $t $t (i32.const 4) (i32.const 0) (local.get 0))
				(table.fill $t (i32.const 0) (ref.func $f) (local.get 0))
				(i32.add (global.get $mine) (ref.is_null (table.get $t (i32.const 7)))))
			(func (export "known") (param i32) (result i32)
				(memory.fill (i32.const 0) (i32.const 3) (i32.const 800)) (i32.load8_u (i32.const 799)))
			(func (export "forever") (loop $again (memory.fill (i32.const 0) (i32.const 1) (i32.const 1000000)) (br $again))))
		(core instance $i (instantiate $m))
		${['fill', 'copy', 'init', 'table', 'known'].map(name => `(func (export "${name}") (param "n" u32) (result u32) (canon lift (core func $i "${name}")))`).join('\n')}
		(func (export "forever") (canon lift (core func $i "forever"))))`;
	const instance = await metered(bulk, {fuel: 10_000_000});
	const spent = (name: string, n: number, result: number) => {
		const before = instance.fuel;
		t.is(instance.exports[name]?.(n), result, name);
		return before - instance.fuel;
	};
	t.is(spent('fill', 1_000_000, 7) - spent('fill', 0, 7), 125_000);
	t.is(spent('copy', 800_000, 9) - spent('copy', 1, 9), 100_000);
	t.is(spent('init', 8, 'h'.charCodeAt(0)), 1);
	t.is(spent('table', 4, 5), 12);
	// A length that is written down is paid like any other.
	t.is(spent('known', 1, 3), 100);
	instance.fuel = 1_000_000;
	t.throws(() => instance.exports.forever?.(), {code: 'FORGE_FUEL_EXHAUSTED'});
	const poor = await metered(bulk, {fuel: 1_000});
	t.throws(() => poor.exports.fill?.(1_000_000), {code: 'FORGE_FUEL_EXHAUSTED'});
});

/** Calls the host without end: with nothing, with text of a kilobyte, or to make and drop what it owns. */
const calling = `(component
	(import "host" (instance $host (export "call" (func)) (export "say" (func (param "text" string))) (export "bytes" (func (result (list u8))))))
	(alias export $host "call" (func $call)) (alias export $host "say" (func $say)) (alias export $host "bytes" (func $bytes))
	(core module $memory (memory (export "memory") 2) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
	(core instance $memory (instantiate $memory))
	(core func $call (canon lower (func $call)))
	(core func $say (canon lower (func $say) (memory (core memory $memory "memory"))))
	(core func $bytes (canon lower (func $bytes) (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
	(type $thing (resource (rep i32)))
	(core func $new (canon resource.new $thing)) (core func $drop (canon resource.drop $thing))
	(core module $m
		(import "" "call" (func $call)) (import "" "say" (func $say (param i32 i32))) (import "" "bytes" (func $bytes (param i32)))
		(import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
		(func (export "calls") (loop $again (call $call) (br $again)))
		(func (export "says") (loop $again (call $say (i32.const 0) (i32.const 65536)) (br $again)))
		(func (export "hears") (loop $again (call $bytes (i32.const 16)) (br $again)))
		(func (export "makes") (loop $again (call $drop (call $new (i32.const 1))) (br $again))))
	(core instance $i (instantiate $m (with "" (instance
		(export "call" (func $call)) (export "say" (func $say)) (export "bytes" (func $bytes))
		(export "new" (func $new)) (export "drop" (func $drop))))))
	${['calls', 'says', 'hears', 'makes'].map(name => `(func (export "${name}") (canon lift (core func $i "${name}")))`).join('\n')})`;

test('what the host does for a guest is paid for: a loop of calls ends after as many as its fuel allows', async t => {
	let count = 0;
	const bytes = new Uint8Array(65_536);
	const called = () => {
		count++;
		return bytes;
	};
	const host = {call: () => void called(), say: () => void called(), bytes: called};
	const component = await load(await parse(calling), {metered: true});
	for (const [name, most] of Object.entries({calls: 10_000, says: 15, hears: 122, makes: 0})) {
		const instance = await component.instantiate({host}, {fuel: 1_000_000});
		count = 0;
		t.throws(instance.exports[name] as () => void, {code: 'FORGE_FUEL_EXHAUSTED'}, name);
		t.true(count <= most && count >= most * 0.9, `${name}: ${count}`);
	}
});
