import {closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {guest, unavailable} from '../../support/guests.ts';
import type {ContainersClient} from '../../support/runtime.ts';
import {engineOf, runToEnd, specOf} from '../../support/runtime.ts';
import {median, table, times} from '../measure.ts';

const TOTAL = 64 * 2 ** 20;
const ROUNDS = 3;
const ways = ['write', 'read', 'pwrite', 'pread'] as const;

type Way = (typeof ways)[number];

/** Microseconds for 64 MiB each way, by Node itself. */
function byNode(file: string, size: number): Record<Way, number> {
	const piece = new Uint8Array(size);
	const fd = openSync(file, 'w+');
	const timed = (move: (at: number) => number): number => {
		const start = performance.now();
		for (let at = 0; at < TOTAL; ) at += move(at);
		return (performance.now() - start) * 1000;
	};
	const write = timed(at => writeSync(fd, piece, 0, size, at));
	const read = timed(at => readSync(fd, piece, 0, size, at));
	const taken = {write, read, pwrite: timed(at => writeSync(fd, piece, 0, size, at)), pread: timed(at => readSync(fd, piece, 0, size, at))};
	closeSync(fd);
	return taken;
}

/** The same by a C program in a container, as it says itself. */
async function byGuest(engine: ContainersClient, folder: string, size: number): Promise<Record<Way, number>> {
	const mounts = [{source: folder, target: '/data', readOnly: false}];
	const {stdout, stderr, exitCode} = await runToEnd(
		engine,
		specOf(await guest('pieces-c'), {arguments: ['/data/guest', `${size}`], mounts}),
	);
	if (exitCode !== 0) throw new Error(`the guest ended with ${exitCode}: ${stderr}`);
	return Object.fromEntries(
		stdout
			.trim()
			.split('\n')
			.map(line => line.split(' '))
			.map(([way, taken]) => [way, Number(taken)]),
	) as Record<Way, number>;
}

/** 64 MiB of a file, written and read in small and large pieces. `read` and `write` are streams for the guest, `pread` and `pwrite` are not. */
export async function files(): Promise<void> {
	const lacking = unavailable('pieces-c');
	if (lacking !== undefined) return console.log(`\n${lacking}\n`);
	const root = mkdtempSync(join(tmpdir(), 'forge-'));
	const undo: (() => unknown)[] = [() => rmSync(root, {recursive: true})];
	try {
		const {containers} = await engineOf({teardown: work => undo.push(work)}, join(root, 'state'));
		const rows: string[][] = [];
		for (const size of [4096, 2 ** 20]) {
			const rounds: [Record<Way, number>, Record<Way, number>][] = [];
			for (let i = 0; i < ROUNDS; i++) rounds.push([byNode(join(root, 'node'), size), await byGuest(containers, root, size)]);
			for (const way of ways) {
				const [node, ours] = [0, 1].map(side => median(rounds.map(round => round[side as 0 | 1][way]))) as [number, number];
				const rate = (taken: number) => `${Math.round((TOTAL / 2 ** 20 / taken) * 1e6)} MiB/s`;
				rows.push([`${way}, ${size / 1024} KiB`, rate(node), rate(ours), times(node / ours)]);
			}
		}
		console.log('\nFiles of 64 MiB: plain Node, and a C program in a container\n');
		table(['', 'Node', 'guest', 'guest beside Node'], rows);
	} finally {
		for (const work of undo.reverse()) await work();
	}
}
