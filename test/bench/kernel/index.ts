import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type AnyPlugin, createKernel, hook, type Provider} from '@forgeone/core';
import {AsyncSeriesWaterfallHook} from 'tapable';
import {median, perCall, table, times} from '../measure.ts';

interface Shape {
	ask(value: number, more: string): number;
}

const point = hook<Shape>('bench:kernel/hook@0.1.0', {ask: 'waterfall'});
const add = (value: number): number => value + 1;

/** The functions that reach a hook with so many taps, in a kernel of its own. */
async function hooked(taps: number): Promise<Provider<Shape>> {
	let call: Provider<Shape> | undefined;
	const plugins: Record<string, AnyPlugin> = {
		opener: {
			name: 'opener',
			opens: [point],
			setup({hooks}) {
				call = hooks.call(point);
				return {};
			},
		},
	};
	for (let i = 0; i < taps; i++) {
		const setup: AnyPlugin['setup'] = ({hooks}) => {
			hooks.tap(point, {ask: add});
			return {};
		};
		plugins[`tap${i}`] = {name: `tap${i}`, taps: [point], setup};
	}
	await createKernel().boot({plugins});
	return call as Provider<Shape>;
}

function bare(taps: number): (value: number, more: string) => Promise<number> {
	const line = new AsyncSeriesWaterfallHook<[number, string], number>(['value', 'more']);
	for (let i = 0; i < taps; i++) line.tapPromise(`tap${i}`, async value => add(value));
	return (value, more) => line.promise(value, more) as Promise<number>;
}

async function hookRows(): Promise<string[][]> {
	const plain = {ask: (value: number, _more: string): number => value};
	const rows: string[][] = [];
	for (const taps of [0, 1, 10]) {
		const ours = await hooked(taps);
		const tapable = bare(taps);
		const calls = [() => ours.ask(1, 'm'), () => tapable(1, 'm'), () => plain.ask(1, 'm')];
		// All once before any is measured, so that the loop around them is no faster for the first.
		for (const call of calls) await perCall(call, 1);
		const [own = 0, library = 0, call = 0] = [await perCall(at(0)), await perCall(at(1)), await perCall(at(2))];
		rows.push([`${taps} taps`, `${own.toFixed(1)} ns`, times(own / library), times(own / call)]);

		function at(index: number): () => unknown {
			return calls[index] as () => unknown;
		}
	}
	return rows;
}

/** Boots the subsystems that a command boots, in a state folder of its own. */
async function boot(): Promise<number> {
	const state = await mkdtemp(join(tmpdir(), 'forge-bench-'));
	const names = ['security', 'security/audit', 'storage/store', 'storage', 'network', 'runtime'];
	const plugins = Object.fromEntries(names.map(name => [name.split('/').at(-1), `@forgeone/plugin-${name}`]));
	const start = performance.now();
	const kernel = createKernel({state, folders: [import.meta.dirname]});
	await kernel.boot({plugins});
	const time = performance.now() - start;
	await kernel.stop();
	await rm(state, {recursive: true});
	return time;
}

/** The kernel's own costs: its boot, and the dispatch of a hook. */
export default async function bench(): Promise<void> {
	const first = await boot();
	const later: number[] = [];
	for (let i = 0; i < 15; i++) later.push(await boot());
	table(
		['boot of the default set', 'milliseconds'],
		[
			['first in the process, modules loaded', first.toFixed(1)],
			['again', median(later).toFixed(1)],
		],
	);
	console.log();
	table(['a hook with', 'a call', 'beside bare tapable', 'beside a plain call'], await hookRows());
}
