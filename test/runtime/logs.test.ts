import {statSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
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
