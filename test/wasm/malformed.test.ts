import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {load} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {attempt} from './support/attempt.ts';
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

const refusals = ['FORGE_COMPONENT_INVALID', 'FORGE_IMPORT_MISSING'];

test('A13: every prefix of a component is refused with an offset', async t => {
	for (const bytes of [await plain, await composed, await assemblyscript()]) {
		for (let length = 0; length < bytes.length; length++) {
			const verdict = await attempt(bytes.subarray(0, length));
			// A cut between sections leaves a component that only lacks the rest, and may trap as it starts.
			t.true(['works', 'FORGE_TRAP', ...refusals].includes(verdict), `${length}: ${verdict}`);
		}
		t.is(await attempt(bytes), 'works');
	}
	await t.throwsAsync(load((await plain).subarray(0, 20)), {message: /^invalid component at byte \d+: expected /});
});

/** Other runs try other bits: `FORGE_SEED=2 npx ava test/wasm/malformed.test.ts`. */
const seed = process.env.FORGE_SEED ?? '1';

/** What the loader and the linker may say of a damaged component: it works, it is refused, or it does damage within its limits. */
const verdicts = new Set([
	'works',
	...refusals,
	'FORGE_COMPONENT_MODULE',
	'FORGE_COMPONENT_UNSUPPORTED',
	'FORGE_COMPONENT_LIMIT',
	'FORGE_COMPONENT_LINK',
	'FORGE_LIMIT_MEMORY',
	'FORGE_LIMIT_COUNT',
	'FORGE_TRAP',
	'FORGE_FUEL_EXHAUSTED',
]);

/** Damages a component in a process of its own, which has five minutes on a busy machine, where it needs some seconds: flips two bits so many times, and cuts its end off so many times. */
async function damage(t: ExecutionContext, file: string, flips: number, cuts: number): Promise<void> {
	const args = ['--conditions=development', join(import.meta.dirname, 'support/damage.ts'), file, seed, String(flips), String(cuts)];
	t.timeout(400_000);
	const {stdout} = await promisify(execFile)(process.execPath, args, {timeout: 300_000, killSignal: 'SIGKILL'});
	const found: {verdicts: Record<string, number>; slowest: number; grown: number} = JSON.parse(stdout);
	t.log(`seed ${seed}: ${stdout.trim()}`);
	t.is(
		Object.values(found.verdicts).reduce((sum, count) => sum + count, 0),
		flips + cuts,
	);
	t.deepEqual(
		Object.keys(found.verdicts).filter(verdict => !verdicts.has(verdict)),
		[],
	);
	t.true(found.grown < 256 * 2 ** 20, `${found.grown} bytes more`);
}

/** The bytes as a file, for another process. */
async function stored(t: ExecutionContext, bytes: Uint8Array): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-damage-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const file = join(folder, 'component.wasm');
	await writeFile(file, bytes);
	return file;
}

test('A13: 20,000 flipped bits give components that work or are refused by code, never a crash, a hang or 256 MiB', async t => {
	await damage(t, await guest('files-as'), 3_400, 0);
	await damage(t, await stored(t, await composed), 3_400, 0);
	await damage(t, await stored(t, await plain), 3_200, 0);
});

test('A13: a JavaScript engine of 12 MB with flipped bits or a cut end works or is refused by code, within 256 MiB', async t => {
	await damage(t, await guest('http-js'), 40, 200);
});

test('A13: something else than a component is refused at byte 0', async t => {
	for (const bytes of [new Uint8Array(), Buffer.from('#!/bin/sh\n'), Buffer.from('PK\x03\x04')]) {
		await t.throwsAsync(load(bytes), {code: 'FORGE_COMPONENT_INVALID', message: /^invalid component at byte 0: /});
	}
});

test('A13: what asks for more than the file holds is refused before it is allocated', async t => {
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

test('A13: components nested too deeply, and types that grow without end, are refused', async t => {
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
	const twice = Array.from(
		{length: 25},
		(_, i) => `(component $c${i + 1} (alias outer 1 $c${i} (component $c)) (instance $a (instantiate $c)) (instance $b (instantiate $c))
			(export "a" (instance $a)) (export "b" (instance $b)))`,
	).join(' ');
	const resources = await parse(`(component (component $c0 (type $r (resource (rep i32))) (export "r" (type $r))) ${twice})`);
	await t.throwsAsync(load(resources), {code: 'FORGE_COMPONENT_LIMIT', message: /steps to check its types/});
	const many = Array.from(
		{length: 12},
		(_, i) => `(component $c${i + 1} (alias outer 1 $c${i} (component $c)) ${'(instance (instantiate $c))'.repeat(4)})`,
	).join(' ');
	const bomb = await parse(
		`(component (component $c0 (core module $m) (core instance (instantiate $m))) ${many} (instance (instantiate $c12)))`,
	);
	await t.throwsAsync(load(bomb), {code: 'FORGE_COMPONENT_LIMIT'});
});
