import {existsSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import type {Descriptor} from '@forgeone/plugin-storage';
import {volumes} from '@forgeone/sdk';
import test from 'ava';
import {leastOf} from '../support/times.ts';
import {bootStorage} from './boot.ts';
import {stay} from './cell.ts';

/** How many names a volume may have: in a long test, a million. */
const NAMES = process.env.FORGE_TEST_LONG ? 1_000_000 : 20_000;

/** The longest that nobody else had a turn while this was done, in milliseconds. */
async function heldBy(work: () => Promise<unknown>): Promise<number> {
	let longest = 0;
	let over = false;
	const done = work().finally(() => {
		over = true;
	});
	for (let last = performance.now(); !over; ) {
		await pause(1);
		longest = Math.max(longest, performance.now() - last);
		last = performance.now();
	}
	await done;
	return longest;
}

test.serial(
	`E: of empty files a guest makes the ${NAMES} that its quota allows; to count and to remove them keeps nobody waiting`,
	async t => {
		t.timeout(600_000);
		await using booted = await bootStorage();
		const all = (await booted.kernel.link(volumes))();
		const {path} = await all.create('many', {inodes: BigInt(NAMES)});
		const [dir] = (await booted.folders('one', {source: 'many', target: '/data', readOnly: false})) as [Descriptor];
		let made = 0;
		const fill = async () => {
			for (; made <= NAMES; made++) (await dir.openAt(stay, `f${made}`, {create: true}, {write: true}))[Symbol.dispose]();
		};
		t.is(await fill().catch(error => error), 'quota');
		t.is(made, NAMES);
		dir[Symbol.dispose]();
		const counted = await leastOf(
			5,
			() => heldBy(() => all.inspect('many')),
			least => least < 100,
		);
		t.is((await all.inspect('many')).used?.inodes, BigInt(NAMES));
		await booted.attachments.detach('one');
		const before = performance.eventLoopUtilization();
		const removed = await heldBy(() => all.remove('many'));
		const {utilization} = performance.eventLoopUtilization(before);
		t.log(
			`${Math.round(counted)} ms at the longest for the count, ${Math.round(removed)} for the removal, ${utilization.toFixed(2)} of its time`,
		);
		t.true(counted < 100, `${counted} ms`);
		t.true(utilization < 0.5, String(utilization));
		t.false(existsSync(path));
	},
);

test('a volume is removed whose folders lie deeper than a path can say', async t => {
	await using booted = await bootStorage();
	const all = (await booted.kernel.link(volumes))();
	const {path} = await all.create('deep', undefined);
	const [root] = (await booted.folders('one', {source: 'deep', target: '/data', readOnly: false})) as [Descriptor];
	let dir = root;
	for (let depth = 0; depth < 100; depth++) {
		const name = 'x'.repeat(100);
		await dir.createDirectoryAt(name);
		const next = await dir.openAt(stay, name, {directory: true}, {read: true});
		dir[Symbol.dispose]();
		dir = next;
	}
	dir[Symbol.dispose]();
	await booted.attachments.detach('one');
	await all.remove('deep');
	t.false(existsSync(path));
});
