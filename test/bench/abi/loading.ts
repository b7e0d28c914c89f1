import {execFile} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {load} from '@forgeone/wasm';
import {guest} from '../../support/guests.ts';
import {transpiled} from '../../wasm/support/jco.ts';
import {median, table} from '../measure.ts';

const script = join(import.meta.dirname, 'first-call.ts');

interface Times {
	readonly loaded: number;
	readonly instantiated: number;
	readonly called: number;
}

/** What a process that does nothing else needs, the middle of five. */
async function cold(file: string, ...call: readonly string[]): Promise<Times> {
	const runs: Times[] = [];
	for (let i = 0; i < 5; i++) {
		const {stdout} = await promisify(execFile)(process.execPath, [script, file, ...call]);
		runs.push(JSON.parse(stdout));
	}
	const of = (key: keyof Times): number => median(runs.map(run => run[key]));
	return {loaded: of('loaded'), instantiated: of('instantiated'), called: of('called')};
}

/** Milliseconds that something takes in a process that has done it before. */
async function warm(run: () => Promise<unknown>): Promise<number> {
	const taken: number[] = [];
	for (let i = 0; i < 9; i++) {
		const start = performance.now();
		await run();
		taken.push(performance.now() - start);
	}
	return median(taken);
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** From bytes to the first call, cold and warm, small and large. */
export async function loading(small: Uint8Array): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-bench-'));
	const file = join(folder, 'small.wasm');
	await writeFile(file, small);
	const tiny = await cold(file, 'add');
	const large = await cold(await guest('http-js'));
	await rm(folder, {recursive: true});
	const host = {'bench:abi/host': {log: () => 0, wait: () => 0}};
	// A custom section makes the bytes new each time, or they would be known.
	let turn = 0;
	const renewed = (): Uint8Array => Uint8Array.from([...small, 0, 3, 1, 0x61, turn++]);
	const again = await warm(async () => (await load(renewed())).instantiate(host));
	const jco = await warm(() => transpiled(small, host));
	const component = await load(small);
	const instance = await warm(() => component.instantiate(host));
	table(
		['from bytes', 'load', 'and instantiate', 'and first call'],
		[
			['2 kB, new process', ms(tiny.loaded), ms(tiny.instantiated), ms(tiny.called)],
			['12 MB JavaScript engine, new process', ms(large.loaded), ms(large.instantiated), ''],
			['2 kB, warm', '', ms(again), ''],
			['2 kB, warm, jco', '', ms(jco), ''],
			['2 kB, loaded before', '', `${(instance * 1000).toFixed(0)} us`, ''],
		],
	);
}
