import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import network from '@forgeone/plugin-network';
import {load} from '@forgeone/wasm';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, specOf} from '../support/runtime.ts';
import {leastOf} from '../support/times.ts';

/** The longest that the thread was held while something was done, in milliseconds. */
async function gapDuring(work: () => Promise<unknown>): Promise<number> {
	let [longest, over] = [0, false];
	const watching = (async () => {
		for (let before = performance.now(); !over; ) {
			await setImmediate();
			const now = performance.now();
			longest = Math.max(longest, now - before);
			before = now;
		}
	})();
	await work();
	over = true;
	await watching;
	return longest;
}

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);

/** A component of 5 MB that is nothing but types: 20,000 records of 50 fields. */
function wordy(): Uint8Array {
	const fields = Array.from({length: 50}, (_, i) => [3, ...Buffer.from(`f${10 + i}`), 0x7d]).flat();
	const record = Buffer.from([0x72, 50, ...fields]);
	const types = Buffer.concat([Buffer.from(leb(20_000)), ...Array.from({length: 20_000}, () => record)]);
	return Buffer.concat([Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, ...leb(types.length)]), types]);
}

test('A13: while an image is decoded that takes a second, the kernel is there for others', async t => {
	const folder = await folderOf(t);
	const {containers} = await engineOf(t, folder);
	const image = join(folder, 'wordy.wasm');
	await writeFile(image, wordy());
	const create = () => t.throwsAsync(containers.create(specOf(image)), {code: 'FORGE_IMAGE_EXPORT'});
	const least = await leastOf(
		5,
		() => gapDuring(create),
		gap => gap < 100,
	);
	t.true(least < 100, `the kernel was held for ${least} ms`);
});

test('A13: a large image that is broken is refused in the words of a small one', async t => {
	const folder = await folderOf(t);
	const {containers} = await engineOf(t, folder, {network});
	const whole = await readFile(await guest('http-js'));
	for (const length of [whole.length - 1, 1_000_000]) {
		const image = join(folder, `${length}.wasm`);
		const bytes = whole.subarray(0, length);
		await writeFile(image, bytes);
		const expected = await t.throwsAsync(load(bytes), {code: 'FORGE_COMPONENT_INVALID'});
		await t.throwsAsync(containers.create(specOf(image)), {code: 'FORGE_COMPONENT_INVALID', message: expected.message});
	}
});
