import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {load} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {leastOf} from '../support/times.ts';
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

function leb(value: number): number[] {
	return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** A section of these bytes, and so many more of the same value. */
function section(id: number, begin: readonly number[], more = 0, value = 0): Uint8Array {
	return Buffer.concat([Uint8Array.from([id, ...leb(begin.length + more), ...begin]), Buffer.alloc(more, value)]);
}

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

for (const [what, body, message] of [
	['a million types', () => section(7, [...leb(1_000_000)], 1_000_000, 0x7f), /at most 200000 definitions/],
	['ten thousand modules', () => Buffer.alloc(100_000).fill(section(1, [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])), /at most 1000 modules/],
	[
		'a custom section of a gigabyte that is not there',
		() => Uint8Array.from([0, ...leb(2 ** 30), 1, 0x61]),
		/expected 1073741824 more bytes/,
	],
	['a custom section of 200 MiB', () => section(0, [1, 0x61], 200 * 2 ** 20, 0), undefined],
] as const) {
	test.serial(`A13: ${what} ${message ? 'is refused' : 'is passed over'} in less than two seconds`, async t => {
		const bytes = Buffer.concat([Uint8Array.from(preamble), body()]);
		const round = async () => {
			const before = performance.now();
			if (message) await t.throwsAsync(load(bytes), {code: 'FORGE_COMPONENT_INVALID', message});
			else await t.notThrowsAsync(load(bytes));
			return performance.now() - before;
		};
		t.true((await leastOf(5, round, time => time < 2_000)) < 2_000);
	});
}

test('A13: an export of a name that is taken is refused', async t => {
	// `parse` writes what it reads, and checks nothing of it.
	const twice = await parse('(component (type $t (tuple u8)) (export "a" (type $t)) (export "a" (type $t)))');
	await t.throwsAsync(load(twice), {code: 'FORGE_COMPONENT_INVALID'});
});
