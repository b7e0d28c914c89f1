import {viewing} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';
import {component, guest, libc, options, returning, words} from './support/guest.ts';

const page = 65_536;

const growing = (memory: string): string => `(component
	(core module $m (memory ${memory}) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
	(core instance $i (instantiate $m))
	(func (export "grow") (param "pages" u32) (result s32) (canon lift (core func $i "grow"))))`;

test('A3: a memory grows to the limit and not past it', async t => {
	const property = fc.asyncProperty(fc.nat(5), fc.integer({min: 0, max: 40}), async (initial, extra) => {
		const instance = await guest(growing(String(initial)), {}, {memoryBytes: (initial + extra) * page});
		t.is(instance.exports.grow(extra), initial);
		t.is(instance.memoryBytes, (initial + extra) * page);
		t.is(instance.exports.grow(1), -1);
	});
	await fc.assert(property, {numRuns: 20});
});

test('the maximum that a module sets itself still holds', async t => {
	const {exports} = await guest(growing('1 3'), {}, {memoryBytes: 100 * page});
	t.is(exports.grow(3), -1);
	t.is(exports.grow(2), 1);
});

test('one loaded component serves instances with different limits', async t => {
	const loaded = await component(growing('1'));
	const grow = async (pages: number): Promise<number> => {
		const {exports} = await loaded.instantiate({}, {memoryBytes: pages * page});
		return (exports.grow as (by: number) => number)(9);
	};
	t.is(await grow(9), -1);
	t.is(await grow(10), 1);
});

test('A3: memories that are too large at the start are refused', async t => {
	await t.throwsAsync(guest(growing('65536'), {}, {memoryBytes: 2 ** 26}), {code: 'FORGE_LIMIT_MEMORY'});
});

const several = (count: number): string => `(component
	(core module $m (memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
	${Array.from({length: count}, (_, i) => `(core instance $i${i} (instantiate $m)) (func (export "grow${i}") (param "pages" u32) (result s32) (canon lift (core func $i${i} "grow")))`).join(' ')})`;

test('A3: all memories together keep to the limit', async t => {
	const instance = await guest(several(4), {}, {memoryBytes: 24 * page});
	for (let i = 0; i < 4; i++) {
		for (let pages = 0; pages < 30; pages++) instance.exports[`grow${i}`](1);
	}
	t.is(instance.memoryBytes, 24 * page);
});

test('A3: memories, tables and instances are counted', async t => {
	await t.throwsAsync(guest(several(5), {}, {memories: 4}), {code: 'FORGE_LIMIT_COUNT', message: 'more than 4 memories'});
	await t.throwsAsync(guest(several(5), {}, {instances: 4}), {code: 'FORGE_LIMIT_COUNT', message: 'more than 4 instances'});
	await t.throwsAsync(guest(several(200)), {code: 'FORGE_LIMIT_COUNT'});
	const tables = '(component (core module $m (table 1 funcref) (table 1 externref)) (core instance (instantiate $m)))';
	await t.throwsAsync(guest(tables, {}, {tables: 1}), {code: 'FORGE_LIMIT_COUNT', message: 'more than 1 tables'});
});

test('A3: a table grows to its limit and not past it', async t => {
	const text = (initial: number): string => `(component
		(core module $m (table ${initial} funcref)
			(func (export "grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
		(core instance $i (instantiate $m))
		(func (export "grow") (param "by" u32) (result s32) (canon lift (core func $i "grow"))))`;
	const {exports} = await guest(text(1), {}, {tableElements: 100});
	t.is(exports.grow(100), -1);
	t.is(exports.grow(99), 1);
	await t.throwsAsync(guest(text(10_000_000), {}), {code: 'FORGE_LIMIT_COUNT', message: /elements in a table/});
});

test('A3: memory64, shared memory and custom pages are refused by name', async t => {
	for (const [memory, name] of [
		['i64 1', 'memory64'],
		['1 1 shared', 'shared memory'],
	]) {
		const loading = component(`(component (core module (memory ${memory})))`);
		await t.throwsAsync(loading, {code: 'FORGE_COMPONENT_UNSUPPORTED', message: new RegExp(`"${name}"`)});
	}
});

test('A5: what a call carries out is counted before it is allocated', async t => {
	const text = (type: string): string => `(component
		(import "host" (func $host (param "x" ${type})))
		${libc}
		(core func $h (canon lower (func $host) ${options}))
		(core module $m (import "" "h" (func $h (param i32 i32))) (func (export "f") (param i32) (call $h (i32.const 0) (local.get 0))))
		(core instance $i (instantiate $m (with "" (instance (export "h" (func $h))))))
		(func (export "f") (param "n" u32) (canon lift (core func $i "f"))))`;
	for (const type of ['string', '(list u8)', '(list (tuple u8 u8))', '(list string)']) {
		const loaded = await component(text(type));
		const run = async (n: number, host = (): void => undefined): Promise<void> => {
			const {exports} = await loaded.instantiate({host}, {hostCallBytes: 1_000});
			(exports.f as (n: number) => void)(n);
		};
		await t.notThrowsAsync(run(10), type);
		await t.throwsAsync(run(2_000), {message: /more than 1000 bytes in one call/}, type);
		// A host that is shown the memory itself has nothing allocated.
		const shown = run(
			2_000,
			viewing(() => undefined),
		);
		if (type === '(list u8)') await t.notThrowsAsync(shown, type);
		else await t.throwsAsync(shown, {message: /more than 1000 bytes in one call/}, type);
	}
});

test('A3: a start function runs under the limits', async t => {
	const text =
		'(component (core module $m (memory 1) (func $s (br_if 0 (i32.ne (memory.grow (i32.const 9)) (i32.const -1))) unreachable) (start $s)) (core instance (instantiate $m)))';
	await t.notThrowsAsync(guest(text, {}, {memoryBytes: 10 * page}));
	await t.throwsAsync(guest(text, {}, {memoryBytes: 9 * page}), {code: 'FORGE_TRAP'});
});

test('a memory that one module lends another counts once, and keeps to the limit', async t => {
	const instance = await guest(
		`(component
		(core module $has (memory (export "m") 1))
		(core module $uses (import "" "m" (memory 1)) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
		(core instance $a (instantiate $has))
		(core instance $b (instantiate $uses (with "" (instance $a))))
		(func (export "grow") (param "pages" u32) (result s32) (canon lift (core func $b "grow"))))`,
		{},
		{memoryBytes: 5 * page, memories: 1},
	);
	t.is(instance.exports.grow(5), -1);
	t.is(instance.exports.grow(4), 1);
	t.is(instance.memoryBytes, 5 * page);
});

test('A3: memories of nested components, and several of one module, keep to the limit together', async t => {
	const instance = await guest(
		`(component
		(component $C
			(core module $m (memory $a 1) (memory $b 1)
				(func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
				(func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0))))
			(core instance $i (instantiate $m))
			(func (export "a") (param "pages" u32) (result s32) (canon lift (core func $i "a")))
			(func (export "b") (param "pages" u32) (result s32) (canon lift (core func $i "b"))))
		(instance $one (instantiate $C)) (instance $two (instantiate $C))
		(export "one" (instance $one)) (export "two" (instance $two)))`,
		{},
		{memoryBytes: 12 * page},
	);
	const {one, two} = instance.exports;
	for (const grow of [one.a, one.b, two.a, two.b]) for (let i = 0; i < 12; i++) grow(1);
	t.is(instance.memoryBytes, 12 * page);
});

test('A4: types nest 100 deep and no deeper, and so do types of instances', async t => {
	const nested = (depth: number): string =>
		Array.from({length: depth}, (_, i) => `(type $t${i + 1} (option ${i === 0 ? 'u8' : `$t${i}`}))`).join(' ');
	const carrying = (depth: number): string => returning(nested(depth), `$t${depth}`, words(0));
	t.deepEqual((await guest(carrying(99))).exports.f(), {tag: 'none'});
	await t.throwsAsync(component(carrying(100)), {code: 'FORGE_COMPONENT_LIMIT', message: /nested types: more than 100/});
	const instances = (depth: number): string =>
		Array.from({length: depth}, (_, i) => `(type $i${i} (instance ${i === 0 ? '' : `(export "i" (instance (type $i${i - 1})))`}))`).join(
			' ',
		);
	await t.notThrowsAsync(component(`(component ${instances(100)})`));
	await t.throwsAsync(component(`(component ${instances(101)})`), {code: 'FORGE_COMPONENT_LIMIT', message: /nested types: more than 100/});
});

test('what types share is checked once, however often it is mentioned', async t => {
	const shared = Array.from({length: 60}, (_, i) => `(type $t${i + 1} (result $t${i} (error $t${i})))`).join(' ');
	await t.notThrowsAsync(component(`(component (type $t0 (list u8)) ${shared} (import "f" (func (param "x" (list $t60)))))`));
});
