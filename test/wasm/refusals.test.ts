import {inspect} from 'node:util';
import {load} from '@forgeone/wasm';
import test from 'ava';
import {transpiled} from './support/jco.ts';
import {passThrough} from './support/pass-through.ts';

const declarations = `record r { a: u8, b: string }
variant v { none, some(u8) }
enum e { one, two }
flags fl { x, y }`;

/** For each type values that it does not have, which both linkers refuse. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
	u8: [1n, Symbol.iterator],
	u32: [2n],
	u64: [null, undefined, 1.5, 'one'],
	s64: [undefined, null],
	f32: [1n],
	f64: [1n],
	char: [65, null],
	string: [1, null, undefined, {}, ['a'], true],
	'list<u8>': [null, undefined, [1n]],
	'list<string>': [null, [1], [null], {length: 1}],
	r: [null, undefined, 1, {}, {a: 1}, {a: 1, b: 2}, []],
	v: [null, 'none', {}, {tag: 'other'}, {tag: '__proto__'}],
	e: ['three', 0, null, undefined, '__proto__', 'constructor'],
	'tuple<u8, string>': [null, [], [1], [1, 2]],
	'tuple<result<u8, string>>': [[{tag: 'other'}], [null], [{tag: 'err', val: 1}]],
};

/** Values that jco converts as WebAssembly's JavaScript API does, to what stands beside them; here they are refused. */
const converted: Readonly<Record<string, readonly (readonly [given: unknown, theirs: unknown])[]>> = {
	u8: [
		[-1, 255],
		[256, 0],
		[1.5, 1],
		[Number.NaN, 0],
		['1', 1],
		[null, 0],
		[undefined, 0],
		[{}, 0],
		[true, 1],
	],
	s8: [
		[-129, 127],
		[128, -128],
		[0.5, 0],
		['', 0],
	],
	u16: [
		[-1, 65_535],
		[65_536, 0],
		[Number.POSITIVE_INFINITY, 0],
	],
	s16: [
		[-32_769, 32_767],
		[32_768, -32_768],
	],
	u32: [
		[-1, 2 ** 32 - 1],
		[2 ** 32, 0],
	],
	s32: [
		[2 ** 31, -(2 ** 31)],
		['0', 0],
	],
	u64: [
		[-1n, 2n ** 64n - 1n],
		[2n ** 64n, 0n],
		['1', 1n],
	],
	s64: [[2n ** 63n, -(2n ** 63n)]],
	f32: [
		['1', 1],
		[null, 0],
		[undefined, Number.NaN],
		[{}, Number.NaN],
	],
	f64: [
		['1', 1],
		[null, 0],
		[true, 1],
	],
	char: [
		['', '\0'],
		['ab', 'a'],
	],
	'list<u8>': [[{}, new Uint8Array()]],
	'list<string>': [['ab', ['a', 'b']]],
	r: [
		[
			{a: 256, b: ''},
			{a: 0, b: ''},
		],
	],
	v: [
		[{tag: 'some'}, {tag: 'some', val: 0}],
		[
			{tag: 'some', val: 256},
			{tag: 'some', val: 0},
		],
	],
	fl: [
		[null, {x: false, y: false}],
		[undefined, {x: false, y: false}],
	],
	'option<u8>': [
		[256, 0],
		['a', 0],
		[{}, 0],
	],
	'tuple<u8, string>': [
		[
			[256, 'a'],
			[0, 'a'],
		],
	],
	'tuple<result<u8, string>>': [[[{tag: 'ok', val: 256}], [{tag: 'ok', val: 0}]]],
};

type Functions = Readonly<Record<string, (value: unknown) => unknown>>;

/** One guest under both linkers, a function for each type. */
async function both(texts: readonly string[]): Promise<{ours: Functions; theirs: Functions}> {
	const bytes = await passThrough(declarations, texts, 'utf8');
	const host = Object.fromEntries(texts.map((_, i) => [`f${i}`, (value: unknown) => value]));
	const imports = {'t:t/host': host, 't:t/types': {}};
	const instance = await (await load(bytes)).instantiate(imports);
	return {ours: instance.exports['t:t/api'] as Functions, theirs: (await transpiled(bytes, imports))['t:t/api'] as Functions};
}

test('what is no value of its type is refused under this linker and under jco', async t => {
	const texts = Object.keys(refused);
	const {ours, theirs} = await both(texts);
	for (const [i, text] of texts.entries()) {
		for (const value of refused[text] ?? []) {
			t.throws(() => ours[`f${i}`]?.(value), {code: 'FORGE_VALUE_INVALID'}, `${text} ${inspect(value)}`);
			t.throws(() => theirs[`f${i}`]?.(value), {any: true}, `${text} ${inspect(value)} under jco`);
		}
	}
});

test('what jco converts is refused under this linker', async t => {
	const texts = Object.keys(converted);
	const {ours, theirs} = await both(texts);
	for (const [i, text] of texts.entries()) {
		for (const [given, expected] of converted[text] ?? []) {
			t.throws(() => ours[`f${i}`]?.(given), {code: 'FORGE_VALUE_INVALID'}, `${text} ${inspect(given)}`);
			t.deepEqual(theirs[`f${i}`]?.(given), expected, `${text} ${inspect(given)} under jco`);
		}
	}
});
