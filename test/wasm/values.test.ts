import {load} from '@forgeone/wasm';
import test from 'ava';
import {guest, libc, options} from './support/guest.ts';
import {passThrough} from './support/pass-through.ts';

type Echo = Record<string, (value: unknown) => unknown>;

async function echo(declarations: string, ...types: readonly string[]): Promise<Echo> {
	const host = Object.fromEntries(types.map((_, i) => [`f${i}`, (value: unknown) => value]));
	const instance = await (await load(await passThrough(declarations, types, 'utf8'))).instantiate({'t:t/host': host});
	return instance.exports['t:t/api'] as Echo;
}

const wrong: readonly (readonly [type: string, ...values: readonly unknown[]])[] = [
	['u8', -1, 256, 1.5, '1', undefined, 1n],
	['s8', -129, 128],
	['u16', 65_536],
	['s16', 32_768],
	['u32', -1, 2 ** 32, Number.NaN],
	['s32', 2 ** 31],
	['u64', -1n, 2n ** 64n, 1],
	['s64', 2n ** 63n, 0],
	['f32', '1', 1n],
	['f64', null],
	['char', '', 'ab', '\ud800', 1],
	['string', 1, undefined, {}],
	['list<u8>', 1, 'ab', undefined],
	['list<string>', [1]],
	['map<string, u8>', {}, [], new Map([[1, 1]]), new Map([['a', 256]]), undefined],
	['tuple<u8, u8>', [1], [1, 2, 3], 1],
	['option<u8>', 256],
	['tuple<result<u8, string>>', [1], [{tag: 'maybe', val: 1}], [{tag: 'ok', val: 'x'}]],
	['r', undefined, 1, {}],
	['v', 'a', {tag: 'c'}, {tag: '__proto__'}, {tag: 'b', val: 300}],
	['e', 'z', 0, 'toString', '__proto__'],
	['f', undefined, 1],
];

test('a value that is not of its type is refused and harms nothing', async t => {
	const types = wrong.map(([type]) => type);
	const functions = await echo('record r { x: u8 }\nvariant v { a, b(u8) }\nenum e { a, b }\nflags f { a, b }', ...types);
	for (const [i, [type, ...values]] of wrong.entries()) {
		for (const value of values) t.throws(() => functions[`f${i}`]?.(value), {code: 'FORGE_VALUE_INVALID'}, `${type} ${String(value)}`);
	}
	t.is(functions.f0?.(255), 255);
});

test('numbers keep their bits', async t => {
	const {f0, f1, f2, f3} = await echo('', 'f32', 'f64', 's64', 'list<f64>');
	t.is(f0?.(Math.fround(0.1)), Math.fround(0.1));
	t.is(f0?.(-0), -0);
	t.is(f1?.(Number.NaN), Number.NaN);
	t.is(f1?.(5e-324), 5e-324);
	t.is(f2?.(-(2n ** 63n)), -(2n ** 63n));
	t.deepEqual(f3?.([1, Number.NaN, -0]), Float64Array.of(1, Number.NaN, -0));
});

test("lists of numbers come as typed arrays that are the caller's own", async t => {
	const {f0, f1} = await echo('', 'list<u8>', 'list<list<s64>>');
	const bytes = Uint8Array.of(1, 2, 3);
	const back = f0?.(bytes) as Uint8Array;
	t.deepEqual(back, bytes);
	t.is(back.buffer.byteLength, 3);
	t.deepEqual(f0?.([1, 2, 3]), bytes);
	t.deepEqual(f1?.([BigInt64Array.of(1n), [2n, 3n]]), [BigInt64Array.of(1n), BigInt64Array.of(2n, 3n)]);
});

test('nested options tell none within some from none', async t => {
	const {f0} = await echo('', 'option<option<u8>>');
	for (const value of [{tag: 'none'}, {tag: 'some', val: undefined}, {tag: 'some', val: 0}]) t.deepEqual(f0?.(value), value);
});

test('strings of every length around the short cut travel in every encoding', async t => {
	for (const encoding of ['utf8', 'utf16', 'compact-utf16'] as const) {
		const bytes = await passThrough('', ['string'], encoding);
		const instance = await (await load(bytes)).instantiate({'t:t/host': {f0: (value: string) => value}});
		const {f0} = instance.exports['t:t/api'] as Echo;
		for (const unit of ['a', 'é', '€', '😀', '\0', '\u{feff}']) {
			for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 1_000]) {
				const text = unit.repeat(length);
				t.is(f0?.(text), text, `${encoding} ${length}`);
			}
		}
		t.is(f0?.('a\ud800b'), 'a\ufffdb', 'a lone surrogate is replaced');
	}
});

test('an error result is thrown by an export and its payload is the value', async t => {
	const {exports} = await guest(`(component
		${libc}
		(core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
		(core instance $i (instantiate $m))
		(func (export "f") (param "x" bool) (result (result)) (canon lift (core func $i "f") ${options})))`);
	t.is(exports.f(false), undefined);
	t.throws(() => exports.f(true), {name: 'ComponentError'});
});
