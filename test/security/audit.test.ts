import audit from '@forgeone/plugin-security/audit';
import store from '@forgeone/plugin-storage/store';
import {audit as contract} from '@forgeone/sdk';
import {auditContract} from '@forgeone/sdk/testing';
import test from 'ava';
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
		await opened.audit.append(odd);
		await opened.kernel.swap('audit', second);
		t.deepEqual(await opened.audit.recent(ALL), [odd]);
		await opened.audit.append(entry(8));
		t.deepEqual(await opened.audit.recent(ALL), [entry(8), odd]);
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
