import type {Client, Kernel} from '@forgeone/core';
import type {Audit} from '@forgeone/wasm';
import type {TestFn} from 'ava';

/** A sink with nothing in it, and the kernel it runs in. */
export interface Opened extends AsyncDisposable {
	readonly kernel: Kernel;
	readonly audit: Client<typeof Audit>;
}

export const ALL = 0xffff_ffff;

/** The decision of this number. */
export const entry = (number: number): Audit.Entry => ({
	time: BigInt(number),
	subject: `user:${number}`,
	action: 'admit',
	object: '/app.wasm',
	allowed: number % 2 === 0,
	reason: number % 2 === 0 ? '' : 'no rule allows it',
});

/** The numbers of the entries that are kept, newest first. */
export const numbers = async (audit: Client<typeof Audit>, limit = ALL): Promise<number[]> =>
	(await audit.recent(limit)).map(({time}) => Number(time));

/** So many numbers, the newest first. */
export const down = (newest: number, count: number): number[] => Array.from({length: count}, (_, index) => newest - index);

/** What every provider of the contract `forgeone:security/audit` keeps. */
export function auditSuite(test: TestFn, title: string, open: () => Promise<Opened>): void {
	test(`${title}: entries come back as they were, newest first, and no more than asked for`, async t => {
		await using opened = await open();
		const {audit} = opened;
		t.deepEqual(await audit.recent(10), []);
		for (let number = 1; number <= 5; number++) await audit.append(entry(number));
		t.deepEqual(await audit.recent(2), [entry(5), entry(4)]);
		t.deepEqual(await numbers(audit), down(5, 5));
		t.deepEqual(await audit.recent(0), []);
	});

	test(`${title}: any text and any time is kept; a text of more than 4,096 characters is cut`, async t => {
		await using opened = await open();
		const {audit} = opened;
		const odd = {...entry(0), time: 2n ** 64n - 1n, subject: '', action: '\0"\\\n', object: 'ü €\u{1f600}', reason: '\u2028'.repeat(3)};
		await audit.append(odd);
		t.deepEqual(await audit.recent(1), [odd]);
		await audit.append({...odd, object: 'x'.repeat(2_000_000), reason: `${'y'.repeat(4095)}\u{1f600}`});
		const [cut] = await audit.recent(1);
		t.is(cut?.object, 'x'.repeat(4096));
		t.is(cut?.reason, `${'y'.repeat(4095)}\ufffd`);
	});

	test(`${title}: the last thousand are kept, and not many more`, async t => {
		await using opened = await open();
		const {audit} = opened;
		for (let number = 1; number <= 1_250; number++) {
			await audit.append(entry(number));
			if (number % 250 !== 0) continue;
			const kept = await numbers(audit);
			t.true(kept.length >= Math.min(number, 1_000) && kept.length <= 1_100, `${kept.length} of ${number}`);
			t.deepEqual(kept, down(number, kept.length));
		}
	});
}
