import assert from 'node:assert/strict';
import type {Client} from '@forgeone/core';
import type {Audit} from '@forgeone/wasm';
import {audit} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {memoryStore} from '../memory-store.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

const MANY = 0xffff_ffff;

const entry = (number: number): Audit.Entry => ({
	time: BigInt(number),
	subject: `user:${number}`,
	action: 'admit',
	object: '/app.wasm',
	allowed: number % 2 === 0,
	reason: number % 2 === 0 ? '' : 'no rule allows it',
});

const numbers = async (sink: Client<typeof Audit>): Promise<number[]> => (await sink.recent(MANY)).map(({time}) => Number(time));
const down = (newest: number, count: number): number[] => Array.from({length: count}, (_, index) => newest - index);

/** What every provider of `forgeone:security/audit` keeps. One that needs a store is given one in memory, unless another is named. */
export function auditContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'audit', plugin, {with: [memoryStore], ...options});

	promise('entries come back as they were, newest first, and no more than asked for', async kernel => {
		const sink = kernel.as('one')(audit);
		assert.deepEqual(await sink.recent(10), []);
		for (let number = 1; number <= 5; number++) await sink.append(entry(number));
		assert.deepEqual(await sink.recent(2), [entry(5), entry(4)]);
		assert.deepEqual(await numbers(sink), down(5, 5));
		assert.deepEqual(await sink.recent(0), []);
	});

	promise('what is appended at once is kept as if it had come one after the other, however much it is', async kernel => {
		const sink = kernel.as('one')(audit);
		await sink.append(entry(1));
		await sink.appendAll([2, 3, 4].map(entry));
		await sink.appendAll([]);
		assert.deepEqual(await sink.recent(2), [entry(4), entry(3)]);
		await sink.append(entry(5));
		assert.deepEqual(await numbers(sink), down(5, 5));
		const long = 'x'.repeat(4096);
		const many = Array.from({length: 40}, (_, index) => ({...entry(index + 6), subject: long, action: long, object: long, reason: long}));
		await sink.appendAll(many);
		assert.deepEqual(await numbers(sink), down(45, 45));
	});

	promise('one caller reads what another wrote', async kernel => {
		await kernel.as('one')(audit).append(entry(1));
		assert.deepEqual(await kernel.as('two')(audit).recent(1), [entry(1)]);
	});

	promise('any text and any time is kept; a text of more than 4,096 characters is cut', async kernel => {
		const sink = kernel.as('one')(audit);
		const odd = {...entry(0), time: 2n ** 64n - 1n, subject: '', action: '\0"\\\n', object: 'ü €\u{1f600}', reason: '\u2028'.repeat(3)};
		await sink.append(odd);
		assert.deepEqual(await sink.recent(1), [odd]);
		await sink.append({...odd, object: 'x'.repeat(2_000_000), reason: `${'y'.repeat(4095)}\u{1f600}`});
		const [cut] = await sink.recent(1);
		assert.equal(cut?.object, 'x'.repeat(4096));
		assert.equal(cut?.reason, `${'y'.repeat(4095)}\ufffd`);
	});

	promise('the last thousand are kept, and not many more', async kernel => {
		const sink = kernel.as('one')(audit);
		for (let number = 1; number <= 1_250; number++) {
			await sink.append(entry(number));
			if (number % 250 !== 0) continue;
			const kept = await numbers(sink);
			assert.ok(kept.length >= Math.min(number, 1_000) && kept.length <= 1_100, `${kept.length} of ${number}`);
			assert.deepEqual(kept, down(number, kept.length));
		}
	});
}
