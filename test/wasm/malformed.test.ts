import {readFile} from 'node:fs/promises';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {ForgeError, load} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';
import {guest} from '../support/guests.ts';
import {passThrough} from './support/pass-through.ts';

const plain = passThrough('record r { a: u8, b: list<string> }\nvariant v { none, some(r) }', ['r', 'v', 'option<u64>'], 'utf8');

const composed = parse(`(component
	(component $A
		(core module $m (func (export "f") (result i32) (i32.const 41)))
		(core instance $i (instantiate $m))
		(type $t (tuple u8 u8))
		(func (export "f") (result u32) (canon lift (core func $i "f"))))
	(component $B
		(import "a" (instance $a (export "f" (func (result u32)))))
		(core func $f (canon lower (func $a "f")))
		(core module $m (import "" "f" (func $f (result i32))) (func (export "g") (result i32) (i32.add (call $f) (i32.const 1))))
		(core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
		(func (export "g") (result u32) (canon lift (core func $i "g"))))
	(instance $a (instantiate $A))
	(instance $b (instantiate $B (with "a" (instance $a))))
	(func (export "g") (alias export $b "g")))`);

const assemblyscript = async (): Promise<Uint8Array> => readFile(await guest('files-as'));

const preamble = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];

/** Has every property, each a function that has every property too: a host of whatever interface. */
const any: object = new Proxy(() => 0, {
	getOwnPropertyDescriptor: () => ({configurable: true, value: any, writable: true}),
	get: (_, key) => (typeof key === 'string' ? any : undefined),
});

/** Loads and instantiates what may be nonsense, with a meter so that it cannot loop for ever: it works, or is refused by code. */
async function attempt(bytes: Uint8Array): Promise<string> {
	try {
		const component = await load(bytes, {metered: true});
		await component.instantiate(Object.fromEntries(component.imports.map(({name}) => [name, any])), {
			memoryBytes: 2 ** 24,
			fuel: 10_000_000,
		});
		return 'works';
	} catch (error) {
		if (error instanceof ForgeError) return error.code;
		throw error;
	}
}

const refusals = ['FORGE_COMPONENT_INVALID', 'FORGE_IMPORT_MISSING', 'FORGE_COMPONENT_LINK'];

test('every prefix of a component is refused with an offset', async t => {
	for (const bytes of [await plain, await composed, await assemblyscript()]) {
		for (let length = 0; length < bytes.length; length++) {
			const verdict = await attempt(bytes.subarray(0, length));
			// A cut between sections leaves a component that only lacks the rest.
			t.true(['works', ...refusals].includes(verdict), `${length}: ${verdict}`);
		}
		t.is(await attempt(bytes), 'works');
	}
	await t.throwsAsync(load((await plain).subarray(0, 20)), {message: /^invalid component at byte \d+: expected /});
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Flips two bits at random so many times, and gives the bytes that the process has grown by. */
async function flip(original: Uint8Array, times: number): Promise<number> {
	const before = process.memoryUsage().rss;
	const bit = fc.nat(original.length * 8 - 1);
	const property = fc.asyncProperty(bit, bit, async (...bits) => {
		const bytes = Uint8Array.from(original);
		for (const at of bits) bytes[at >> 3] = (bytes[at >> 3] as number) ^ (1 << (at & 7));
		await attempt(bytes);
	});
	for (let done = 0; done < times; done += 500) {
		await fc.assert(property, {numRuns: Math.min(500, times - done)});
		collect();
	}
	return process.memoryUsage().rss - before;
}

test('10,000 flipped bits give components that work or are refused by code', async t => {
	for (const original of [await plain, await composed, await assemblyscript()]) t.true((await flip(original, 3_400)) < 256 * 2 ** 20);
});

test('a JavaScript engine of 12 MB with flipped bits or a cut end works or is refused by code', async t => {
	const engine = await readFile(await guest('http-js'));
	await fc.assert(
		fc.asyncProperty(fc.nat(engine.length - 1), async length => {
			const verdict = await attempt(engine.subarray(0, length));
			t.true(['works', ...refusals].includes(verdict), `${length}: ${verdict}`);
		}),
		{numRuns: 200},
	);
	t.true((await flip(engine, 12)) < 256 * 2 ** 20);
});

test('something else than a component is refused at byte 0', async t => {
	for (const bytes of [new Uint8Array(), Buffer.from('#!/bin/sh\n'), Buffer.from('PK\x03\x04')]) {
		await t.throwsAsync(load(bytes), {code: 'FORGE_COMPONENT_INVALID', message: /^invalid component at byte 0: /});
	}
});

test('what asks for more than the file holds is refused before it is allocated', async t => {
	const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
	for (const body of [
		[7, ...huge],
		[7, 6, ...huge, 0],
		[7, 7, 1, 0x72, ...huge],
		[10, 7, 1, 0, ...huge],
	]) {
		await t.throwsAsync(load(Uint8Array.from([...preamble, ...body])), {code: 'FORGE_COMPONENT_INVALID'});
	}
});

test('components nested too deeply, and types that grow without end, are refused', async t => {
	const size = (value: number): number[] => [(value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14];
	let nested = preamble;
	for (let i = 0; i < 100; i++) nested = [...preamble, 4, ...size(nested.length), ...nested];
	await t.throwsAsync(load(Uint8Array.from(nested)), {message: /at most 64 nested scopes/});
	const moduleTypes = Array.from({length: 50_000}, () => [0x50, 1, 1]).flat();
	await t.throwsAsync(load(Uint8Array.from([...preamble, 3, ...size(moduleTypes.length + 1), 1, ...moduleTypes])), {
		code: 'FORGE_COMPONENT_INVALID',
	});
	const doubling = Array.from({length: 40}, (_, i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`).join(' ');
	const growing = await parse(`(component (type $t0 (tuple u8 u8)) ${doubling})`);
	await t.throwsAsync(load(growing), {code: 'FORGE_COMPONENT_LIMIT'});
	const many = Array.from(
		{length: 12},
		(_, i) => `(component $c${i + 1} (alias outer 1 $c${i} (component $c)) ${'(instance (instantiate $c))'.repeat(4)})`,
	).join(' ');
	const bomb = await parse(
		`(component (component $c0 (core module $m) (core instance (instantiate $m))) ${many} (instance (instantiate $c12)))`,
	);
	await t.throwsAsync(load(bomb), {code: 'FORGE_COMPONENT_LIMIT'});
});
