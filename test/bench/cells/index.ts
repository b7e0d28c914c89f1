import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import runtime from '@forgeone/plugin-runtime';
import storage from '@forgeone/plugin-storage';
import store from '@forgeone/plugin-storage/store';
import {containers, createKernel, type Kernel} from '@forgeone/sdk';
import {guest} from '../../support/guests.ts';
import {type ContainersClient, openPolicy, specOf} from '../../support/runtime.ts';
import {median, table, times} from '../measure.ts';

const app = fileURLToPath(new URL('../../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));

const STARTS = 40;
const IDLE = 1_000;
const HELD = 8;

/** So long a container has to be looked for until a warm cell waits for the next one, in milliseconds. */
const PAUSE = 400;

const isolations = ['inline', 'thread', 'process', 'sandbox'] as const;

const percentile = (values: readonly number[], part: number): number =>
	values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;

const rest = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Milliseconds from `start` to the first output of a guest, over and over, each with a warm cell. */
async function starts(engine: ContainersClient, image: string, isolation: (typeof isolations)[number]): Promise<number[]> {
	const found: number[] = [];
	for (let i = 0; i <= STARTS; i++) {
		const {id} = await engine.create(specOf(image, {isolation}));
		const begin = performance.now();
		await engine.start(id);
		await engine.logs(id, 0n, 5_000);
		found.push(performance.now() - begin);
		await engine.wait(id, 5_000);
		await engine.remove(id, true);
		await rest(PAUSE);
	}
	// The first of all finds nothing warm.
	return found.slice(1);
}

/** Milliseconds from a bare spawn of a program to its first output. */
async function spawned(file: string, args: readonly string[]): Promise<number[]> {
	const found: number[] = [];
	for (let i = 0; i < STARTS; i++) {
		const begin = performance.now();
		const child = spawn(file, args, {stdio: ['ignore', 'pipe', 'ignore']});
		await once(child.stdout, 'data');
		found.push(performance.now() - begin);
		await once(child, 'exit');
	}
	return found;
}

/** Bytes of memory that belong to a process alone, and its share of what is shared (`Pss`). */
const proportional = (pid: number | 'self'): number =>
	1024 * Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);

/** This process and those below it. */
function family(pid = process.pid): number[] {
	const below = readdirSync(`/proc/${pid}/task`).flatMap(task =>
		readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
	);
	return [pid, ...below.flatMap(child => family(child))];
}

function heldNow(): number {
	return family().reduce((sum, pid) => {
		try {
			return sum + proportional(pid);
		} catch {
			return sum;
		}
	}, 0);
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Memory that one more sleeping container takes, of this process and all below it. */
async function perContainer(engine: ContainersClient, image: string, isolation: (typeof isolations)[number]): Promise<number> {
	const ids: string[] = [];
	const more = async () => {
		const {id} = await engine.create(specOf(image, {isolation}));
		await engine.start(id);
		ids.push(id);
	};
	await more();
	await rest(1_500);
	const before = heldNow();
	for (let i = 0; i < HELD; i++) await more();
	await rest(1_500);
	const after = heldNow();
	await Promise.all(ids.map(id => engine.remove(id, true)));
	return (after - before) / HELD;
}

/** Memory of an engine with so many servers that nobody has asked anything. */
async function idleServers(engine: ContainersClient): Promise<number> {
	const before = heldNow();
	for (let i = 0; i < IDLE; i++) {
		const {id} = await engine.create(specOf(app, {publish: [{address: '127.0.0.1', port: 0}]}));
		await engine.start(id);
	}
	return heldNow() - before;
}

async function booted(): Promise<{kernel: Kernel; engine: ContainersClient; state: string}> {
	const state = mkdtempSync(join(tmpdir(), 'forge-'));
	const kernel = createKernel({state});
	await kernel.boot({plugins: {policy: openPolicy, store, storage, runtime, network}});
	return {kernel, engine: (await kernel.link(containers))(), state};
}

/** How soon a container runs, and what it takes to keep one. */
export default async function cells(): Promise<void> {
	const {kernel, engine, state} = await booted();
	const [hello, sleeping] = [await guest('hello-wat'), await guest('sleep-forever')];
	const bare = await spawned('/bin/echo', ['hello']);
	const node = await spawned(process.execPath, ['-e', "console.log('hello')"]);
	const rows: [name: string, found: readonly number[], memory: number | undefined][] = [
		['bare spawn of /bin/echo', bare, undefined],
		['bare spawn of node -e', node, undefined],
	];
	for (const isolation of isolations) {
		rows.push([isolation, await starts(engine, hello, isolation), await perContainer(engine, sleeping, isolation)]);
	}
	table(
		['start of a small component, to its first output', 'p50', 'p99', 'bare node / this', 'memory of one more that sleeps'],
		rows.map(([name, found, memory]) => [
			name,
			`${median(found).toFixed(1)} ms`,
			`${percentile(found, 0.99).toFixed(1)} ms`,
			times(median(node) / median(found)),
			memory === undefined ? '' : mebibytes(memory),
		]),
	);
	const memory = await idleServers(engine);
	console.log();
	table(
		['HTTP containers that nobody has asked anything', 'memory', 'each'],
		[[String(IDLE), mebibytes(memory), `${(memory / IDLE / 1024).toFixed(0)} KiB`]],
	);
	await kernel.stop();
	rmSync(state, {recursive: true, force: true});
}
