import {execFile} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {load} from '@forgeone/wasm';
import {guest} from '../../support/guests.ts';
import {transpiled} from '../../wasm/support/jco.ts';
import {median, table} from '../measure.ts';
import {save, smallHost} from './hosts.ts';
import {small} from './small.ts';

const script = join(import.meta.dirname, 'first-call.ts');

interface Times {
	readonly loaded: number;
	readonly instantiated: number;
	readonly called: number;
}

/** What a process that does nothing else needs, the middle of five. */
async function cold(file: string, kind: 'small' | 'engine'): Promise<Times> {
	const runs: Times[] = [];
	for (let i = 0; i < 5; i++) {
		const {stdout} = await promisify(execFile)(process.execPath, [script, file, kind]);
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
export async function loading(): Promise<void> {
	const bytes = await small();
	const folder = await mkdtemp(join(tmpdir(), 'forge-bench-'));
	const file = join(folder, 'small.wasm');
	await writeFile(file, bytes);
	const tiny = await cold(file, 'small');
	const large = await cold(await guest('http-js'), 'engine');
	await rm(folder, {recursive: true});
	// A custom section makes the bytes new each time, or they would be known.
	let turn = 0;
	const renewed = (): Uint8Array => Uint8Array.from([...bytes, 0, 3, 1, 0x61, turn++]);
	const loaded = await warm(() => load(renewed()));
	const again = await warm(async () => save((await (await load(renewed())).instantiate(smallHost)).exports));
	const jco = await warm(async () => save(await transpiled(bytes, smallHost)));
	const component = await load(bytes);
	const instance = await warm(() => component.instantiate(smallHost));
	const size = `${(bytes.length / 1000).toFixed(0)} kB`;
	table(
		['from bytes', 'load', 'and instantiate', 'and first call'],
		[
			[`${size}, new process`, ms(tiny.loaded), ms(tiny.instantiated), ms(tiny.called)],
			['12 MB JavaScript engine, new process', ms(large.loaded), ms(large.instantiated), ms(large.called)],
			[`${size}, warm`, ms(loaded), '', ms(again)],
			[`${size}, warm, jco`, '', '', ms(jco)],
			[`${size}, loaded before`, '', `${(instance * 1000).toFixed(0)} us`, ''],
		],
	);
}
