import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import {appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync} from 'node:fs';
import {join} from 'node:path';
import type {Containers} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {openJournal, readJournal} from '../../plugins/runtime/src/journal.ts';
import {isolations} from '../support/isolations.ts';
import {engineOf, folderOf, peakOf, specOf} from '../support/runtime.ts';
import {commandOf} from '../support/wat.ts';

const MiB = 2 ** 20;
/** How much is written: in a long test, all of the gigabyte. */
const amount = process.env.FORGE_TEST_LONG ? 1024 : 64;

/** What a file of the journal may have; of two it takes as much in a second where nobody is attached. */
const FULL = 8 * MiB;
const PACE = 2 * FULL;

/** Runs a guest to its end, and gives what of its output is on disk, and what it cost the engine. */
async function written(t: ExecutionContext, body: string) {
	const state = await folderOf(t);
	const {containers} = await engineOf(t, state);
	const {id} = await containers.create(specOf(await commandOf(t, body)));
	const began = performance.now();
	const peak = await peakOf(async () => {
		await containers.start(id);
		const {exitCode, reason} = await containers.wait(id, 150_000);
		t.is(exitCode, 0, reason);
	});
	const sizes = [`${id}.jsonl`, `${id}.1.jsonl`].map(
		name => statSync(join(state, 'runtime/logs', name), {throwIfNoEntry: false})?.size ?? 0,
	);
	const took = performance.now() - began;
	t.log(`${Math.round(peak / MiB)} MiB more at the peak, ${sizes.map(size => Math.round(size / MiB))} MiB on disk`);
	return {containers, id, peak, sizes, took};
}

const times = (count: number, body: string) => `
	(local.set $a (call $stdout))
	(loop $more
		${body}
		(local.set $b (i64.add (local.get $b) (i64.const 1)))
		(br_if $more (i64.lt_u (local.get $b) (i64.const ${count}))))
	(return (i32.const 0))`;

test.serial(`A10: ${amount} MiB of zero bytes without a line feed stay within what a journal may have, and come at its pace`, async t => {
	const {peak, sizes, took} = await written(t, times(amount, `(call $zeroes (local.get $a) (i64.const ${MiB}) (i32.const 16))`));
	for (const size of sizes) t.true(size <= FULL, String(size));
	// What a collector has not come to yet is in it.
	t.true(peak < 256 * MiB, String(peak));
	// All but what came in the first second, and what the last piece is over.
	t.true(took > (1_000 * (amount * MiB - PACE - MiB)) / PACE, `${took} ms`);
});

test.serial('A10: a hundred thousand writes of one byte cost the engine no more than a few large ones', async t => {
	const {peak, sizes} = await written(t, times(100_000, '(call $write (local.get $a) (i32.const 0) (i32.const 1) (i32.const 16))'));
	for (const size of sizes) t.true(size <= FULL, String(size));
	t.true(peak < 96 * MiB, String(peak));
});

test.serial('A10: output that is no UTF-8 is kept and given byte for byte', async t => {
	const {containers, id} = await written(
		t,
		times(1, '(i32.store (i32.const 32) (i32.const 0x41ff80c3)) (call $write (local.get $a) (i32.const 32) (i32.const 4) (i32.const 16))'),
	);
	const [piece] = await containers.logs(id, 0n, 0);
	t.deepEqual([...(piece?.data ?? [])], [0xc3, 0x80, 0xff, 0x41]);
});

for (const {isolation, trying, note} of isolations.filter(({isolation}) => isolation !== 'inline')) {
	trying(`what a guest says before it loops for ever is heard (${isolation})${note}`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const says = '(call $write (call $stdout) (i32.const 32) (i32.const 6) (i32.const 16))';
		const body = `(i64.store (i32.const 32) (i64.const 0x0a6f6c6c6568)) ${says} (loop $again (br $again))`;
		const {id} = await containers.create(specOf(await commandOf(t, body), {isolation, limits: {memory: 64n * 2n ** 20n, timeout: 1_500n}}));
		await containers.start(id);
		const [heard] = await containers.logs(id, 0n, 20_000);
		t.is(String(Buffer.from(heard?.data ?? [])), 'hello\n');
		t.is((await containers.wait(id, 30_000)).exitCode, 124);
	});
}

const fills = {
	binary: (size: number) => randomBytes(size),
	zeroes: (size: number) => Buffer.alloc(size),
	lines: (size: number) => Buffer.alloc(size, '\n{"n":7,"t":1,"s":"stdout","d":"é"}\n'),
};
const pieces = fc.record({
	source: fc.constantFrom('stdout' as const, 'stderr' as const),
	fill: fc.constantFrom(...(Object.keys(fills) as (keyof typeof fills)[])),
	count: fc.nat(2_000),
	size: fc.nat(100),
});
const run = fc.record({
	output: fc.array(
		fc.oneof(
			pieces,
			fc.record({count: fc.nat(4), size: fc.nat(2 * MiB)}).chain(large => pieces.map(small => ({...small, ...large}))),
		),
	),
	/** What a crash does after it. */
	cut: fc.oneof(fc.constant(0), fc.nat(200), fc.nat(FULL)),
	garbage: fc.constantFrom('', '\0'.repeat(5_000), '{"n":', '\n\n{', 'x'.repeat(100_000)),
	gone: fc.constantFrom('', '', '', '.jsonl', '.1.jsonl'),
});

/** What tells one piece from another. */
const shown = ({sequence, source, data}: Containers.Output) => `${sequence} ${source} ${createHash('sha1').update(data).digest('hex')}`;

/** All that can be read of a journal's files, which are read whole. */
const naive = (paths: readonly string[]): Containers.Output[] =>
	paths
		.filter(path => existsSync(path))
		.flatMap(path => readFileSync(path, 'utf8').split('\n'))
		.flatMap(line => {
			try {
				const {n, t, s, d, b} = JSON.parse(line);
				return [{sequence: BigInt(n), time: BigInt(t), source: s, data: Buffer.from(d ?? b, d === undefined ? 'base64' : 'utf8')}];
			} catch {
				return [];
			}
		});

/** What is read from `cursor` on, page by page. */
function paged(read: (cursor: bigint) => Containers.Output[], cursor: bigint): string[] {
	const all: string[] = [];
	for (let page = read(cursor); page.length > 0; page = read(cursor)) {
		all.push(...page.map(shown));
		cursor = (page.at(-1)?.sequence ?? 0n) + 1n;
	}
	return all;
}

test('whatever was written, and wherever a crash cut it, all that is left of it is read page by page from any cursor', async t => {
	const folder = await folderOf(t);
	let count = 0;
	fc.assert(
		fc.property(fc.array(run, {maxLength: 4}), fc.array(fc.double({min: 0, max: 1.1, noNaN: true}), {maxLength: 4}), (runs, cursors) => {
			const id = `c${count++}`;
			const newer = join(folder, `${id}.jsonl`);
			for (const {output, cut, garbage, gone} of runs) {
				const journal = openJournal(folder, id, false);
				for (const {source, fill, count, size} of output) for (let i = 0; i < count; i++) void journal.append(source, fills[fill](size));
				journal.end();
				truncateSync(newer, Math.max(0, statSync(newer).size - cut));
				appendFileSync(newer, garbage);
				if (gone) rmSync(join(folder, id + gone), {force: true});
			}
			const journal = openJournal(folder, id, false);
			void journal.append('stdout', Buffer.from('last'));
			journal.end();
			const left = naive([join(folder, `${id}.1.jsonl`), newer]);
			const last = left.at(-1)?.sequence ?? -1n;
			assert.equal(String(left.at(-1)?.data), 'last');
			for (const cursor of [0n, last, last + 1n, ...cursors.map(part => BigInt(Math.floor(part * Number(last))))]) {
				const expected = left.filter(({sequence}) => sequence >= cursor).map(shown);
				assert.deepEqual(
					paged(from => readJournal(folder, id, from), cursor),
					expected,
				);
				assert.deepEqual(
					paged(from => journal.read(from), cursor),
					expected,
				);
			}
			for (const name of ['.jsonl', '.1.jsonl']) rmSync(join(folder, id + name), {force: true});
		}),
		{numRuns: 15},
	);
	t.pass();
});

test('a page of a journal is a megabyte or so, however small the pieces are', async t => {
	const folder = await folderOf(t);
	const journal = openJournal(folder, 'c', false);
	for (let i = 0; i < 20_000; i++) void journal.append('stdout', Buffer.from('x'));
	for (let i = 0; i < 3; i++) void journal.append('stdout', randomBytes(MiB));
	journal.end();
	t.is(readJournal(folder, 'c', 0n).length, 4_097);
	t.deepEqual(
		readJournal(folder, 'c', 20_000n).map(({sequence}) => sequence),
		[20_000n, 20_001n],
	);
});
