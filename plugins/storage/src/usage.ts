import {type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync, statSync} from 'node:fs';
import {opendir, readdir} from 'node:fs/promises';
import {setImmediate} from 'node:timers/promises';
import type {Volumes} from '@forgeone/wasm';

const {O_DIRECTORY, O_NOFOLLOW, O_RDONLY} = constants;

/** How deep folders are counted: each one on the way is held open. */
const DEEPEST = 64;

/** What a folder holds. */
export type Usage = Volumes.Usage;

/** How many files are looked at before others get their turn. */
const AT_ONCE = 256;

const MOST = 2n ** 64n - 1n;

/** Adds up what is found; files by their identity, so that each counts once. */
function createSum() {
	const seen = new Set<string>();
	let [bytes, inodes, tooDeep] = [0n, 0n, false];
	return {
		name() {
			inodes++;
		},
		deep() {
			tooDeep = true;
		},
		file(stats: BigIntStats | undefined) {
			if (!stats || stats.isDirectory()) return;
			const key = `${stats.dev}:${stats.ino}`;
			if (stats.nlink !== 1n && seen.has(key)) return;
			if (stats.nlink !== 1n) seen.add(key);
			bytes += stats.size;
		},
		total: (): Usage => (tooDeep ? {bytes: MOST, inodes: MOST} : {bytes, inodes}),
	};
}

type Sum = ReturnType<typeof createSum>;

/** What vanishes while it is counted is not there. */
function unlessGone<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch (error) {
		if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}

/** Counts below a folder, which is held open: nobody who swaps it for a link leads the count elsewhere. */
async function countFolder(path: string, sum: Sum, depth: number): Promise<void> {
	const fd = unlessGone(() => openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
	if (fd === undefined) return;
	try {
		const here = `/proc/self/fd/${fd}`;
		for await (const entry of await opendir(here, {bufferSize: AT_ONCE})) {
			const inside = `${here}/${entry.name}`;
			sum.name();
			if (!entry.isDirectory()) sum.file(unlessGone(() => lstatSync(inside, {bigint: true})));
			else if (depth < DEEPEST) await countFolder(inside, sum, depth + 1);
			else sum.deep();
		}
	} finally {
		closeSync(fd);
	}
}

/** Adds the files that have no name any more, and that a process still has open. */
async function countNameless(path: string, sum: Sum): Promise<void> {
	for (const process of await readdir('/proc')) {
		if (!/^\d+$/.test(process)) continue;
		await setImmediate();
		for (const fd of unlessGone(() => readdirSync(`/proc/${process}/fd`)) ?? []) {
			const held = `/proc/${process}/fd/${fd}`;
			const name = unlessGone(() => readlinkSync(held)) ?? '';
			if (!name.startsWith(`${path}/`) || !name.endsWith(' (deleted)')) continue;
			const found = unlessGone(() => statSync(held, {bigint: true}));
			if (found?.isFile() && found.nlink === 0n) sum.file(found);
		}
	}
}

/** What is in a folder, and what is open of it that has no name any more; as much as can be where it is nested more than 64 deep. */
export async function usageOf(path: string): Promise<Usage> {
	const sum = createSum();
	await countFolder(path, sum, 0);
	await countNameless(path, sum);
	return sum.total();
}
