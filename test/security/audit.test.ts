import audit from '@forgeone/plugin-security/audit';
import store from '@forgeone/plugin-storage/store';
import {audit as contract} from '@forgeone/sdk';
import {auditContract} from '@forgeone/sdk/testing';
import test from 'ava';
import fc from 'fast-check';
import {answering, auditComponent, boot} from './boot.ts';
import {ALL, down, entry, numbers} from './entries.ts';

async function open(sink: typeof audit | string) {
	const booted = await boot({store, audit: sink, policy: answering({tag: 'allowed'})});
	return {...booted, audit: (await booted.kernel.link(contract))()};
}

auditContract(test, () => audit, {title: 'TypeScript'});
auditContract(test, () => auditComponent, {title: 'component'});
auditContract(test, () => auditComponent, {title: 'component on SQLite', with: [store]});

test('what one implementation wrote the other reads', async t => {
	for (const [first, second] of [
		[audit, auditComponent],
		[auditComponent, audit],
	] as const) {
		await using opened = await open(first);
		const odd = {...entry(7), object: 'ü €\u{1f600}', reason: ''};
		await opened.audit.appendAll([odd, entry(8)]);
		await opened.kernel.swap('audit', second);
		t.deepEqual(await opened.audit.recent(ALL), [entry(8), odd]);
		await opened.audit.append(entry(9));
		t.deepEqual(await opened.audit.recent(ALL), [entry(9), entry(8), odd]);
	}
});

test('a caller in a loop notices nothing of swaps, and no entry is lost', async t => {
	await using opened = await open(audit);
	const {kernel, audit: sink} = opened;
	const failures: unknown[] = [];
	let done = 0;
	const calls = async () => {
		while (done < 2_000) {
			const number = ++done;
			await sink.append(entry(number)).catch(error => failures.push(error));
			if (number % 20 === 0) await new Promise(setImmediate);
		}
	};
	let swaps = 0;
	const swapping = async () => {
		while (done < 1_900) {
			await kernel.swap('audit', swaps++ % 2 === 0 ? auditComponent : audit);
			const kept = await numbers(sink);
			t.deepEqual(kept, down(kept[0] ?? 0, kept.length));
			await new Promise(setImmediate);
		}
	};
	await Promise.all([calls(), swapping()]);
	t.deepEqual(failures, []);
	t.true(swaps > 2, `${swaps} swaps`);
	const kept = await numbers(sink);
	t.true(kept.length >= 1_000);
	t.deepEqual(kept, down(2_000, kept.length));
});

test('the last thousand are kept, and 1,100 at most, whatever comes together', async t => {
	const batches = fc.array(fc.integer({min: 1, max: 40}), {minLength: 60, maxLength: 90});
	await fc.assert(
		fc.asyncProperty(batches, async sizes => {
			await using opened = await open(audit);
			let last = 0;
			for (const size of sizes) {
				await opened.audit.appendAll(Array.from({length: size}, (_, index) => entry(last + index + 1)));
				last += size;
				const kept = await numbers(opened.audit);
				t.true(kept.length >= Math.min(last, 1_000) && kept.length <= 1_100, `${kept.length} of ${last}`);
				t.deepEqual(kept, down(last, kept.length));
			}
		}),
		{numRuns: 3},
	);
});
