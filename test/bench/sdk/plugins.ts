import {link, type PluginEntry} from '@forgeone/core';
import {createKernel, definePlugin, store} from '@forgeone/sdk';
import {storeOf} from '../../support/stores.ts';
import {median, perCall, table, times} from '../measure.ts';
import {counter, counterOf} from './counters.ts';

const policy = definePlugin({
	name: 'policy',
	taps: [link],
	setup({hooks}) {
		hooks.tap(link, {decide: () => ({tag: 'allowed'}) as const});
		return {};
	},
});

/** An engine of JavaScript needs more memory than a plugin has by default. */
const limits = {memoryBytes: 512 * 1024 * 1024};

const languages = [
	{name: 'TypeScript', template: 'plugin-ts', language: 'typescript', options: {}},
	{name: 'AssemblyScript', template: 'plugin-assemblyscript', language: 'assemblyscript', options: {}},
	{name: 'JavaScript in QuickJS', template: 'plugin-js', language: 'javascript', options: {engine: 'quickjs'}},
	{name: 'JavaScript in StarlingMonkey', template: 'plugin-js', language: 'javascript', options: {engine: 'starlingmonkey'}},
] as const;

/** A kernel with these plugins, and how long its boot took. */
async function boot(files: Readonly<Record<string, string>>) {
	const kernel = createKernel();
	const entries = Object.entries(files).map(([name, use]): [string, PluginEntry] => [name, {use, limits}]);
	const start = performance.now();
	await kernel.boot({plugins: {policy, ...Object.fromEntries(entries)}});
	return {kernel, time: performance.now() - start};
}

async function startTime(file: string): Promise<number> {
	const found: number[] = [];
	for (let i = 0; i < 9; i++) {
		const {kernel, time} = await boot({store: file});
		found.push(time);
		await kernel.stop();
	}
	return median(found);
}

const value = new TextEncoder().encode('a value');

/** The calls that are measured, of plugins that run in one kernel. */
async function callsOf(files: {readonly store: string; readonly counter: string}): Promise<Readonly<Record<string, () => unknown>>> {
	const {kernel} = await boot(files);
	const [counters, stores] = [await kernel.link(counter), await kernel.link(store)];
	const [count, entries, now] = [counters(), stores(), {count: counters.sync(), entries: stores.sync()}];
	return {
		'`add(u32) -> u32`': () => count.add(1),
		'`add` without a promise': () => now.count.add(1),
		'`set` of a store, a value of 7 bytes': () => entries.set('some key', value),
		'`get` of it': () => entries.get('some key'),
		'`get` without a promise': () => now.entries.get('some key'),
	};
}

/** How long a caller waits at most during a swap, while it calls without a pause: of 200 swaps, to and fro. */
async function pauses(first: string, second: string): Promise<number[]> {
	const {kernel} = await boot({store: first});
	const entries = (await kernel.link(store))();
	for (let i = 0; i < 100; i++) await entries.set(`key ${i}`, value);
	let worst = 0;
	let going = true;
	const caller = (async () => {
		while (going) {
			for (let i = 0; i < 20; i++) {
				const start = performance.now();
				await entries.get('key 7');
				worst = Math.max(worst, performance.now() - start);
			}
			await new Promise(setImmediate);
		}
	})();
	const found: number[] = [];
	for (let i = 0; i < 200; i++) {
		worst = 0;
		await kernel.swap('store', i % 2 === 0 ? second : first);
		await new Promise(setImmediate);
		found.push(worst);
	}
	going = false;
	await caller;
	await kernel.stop();
	return found.toSorted((a, b) => a - b);
}

/** The same small plugins in each language: what they cost to build, to start, to call and to swap. */
export async function benchPlugins(): Promise<void> {
	const all: {name: string; file: string; row: string[]; calls: Readonly<Record<string, () => unknown>>}[] = [];
	await using made = new AsyncDisposableStack();
	for (const {name, template, language, options} of languages) {
		const start = performance.now();
		const {file, size} = made.use(await storeOf(template, options));
		const build = performance.now() - start;
		const calls = await callsOf({store: file, counter: made.use(await counterOf(language, options)).file});
		const row = [name, `${(size / 1024).toFixed(1)} KiB`, `${(build / 1000).toFixed(1)} s`, `${(await startTime(file)).toFixed(1)} ms`];
		all.push({name, file, row, calls});
	}
	table(
		['a store in memory, in', 'size', 'build', 'start'],
		all.map(({row}) => row),
	);
	console.log();

	const rows: string[][] = [];
	for (const name of Object.keys(all[0]?.calls ?? {})) {
		const found = all.map((): number[] => []);
		// In turns, so that a busy machine is busy for all of them.
		for (let round = 0; round < 9; round++) {
			for (const [i, {calls}] of all.entries()) found[i]?.push(await perCall(calls[name] as () => unknown, 1));
		}
		const [first = 0, ...others] = found.map(median);
		rows.push([name, `${first.toFixed(0)} ns`, ...others.map(time => times(time / first))]);
	}
	table(['a call', ...all.map(({name}, index) => (index === 0 ? name : `${name} / TypeScript`))], rows);
	console.log();

	const [typescript, assemblyscript] = all.map(({file}) => file) as [string, string];
	const found = await pauses(typescript, assemblyscript);
	const at = (share: number) => `${found[Math.ceil(share * found.length) - 1]?.toFixed(2)} ms`;
	table(
		['the longest wait of a caller in each of 200 swaps of the store, TypeScript and AssemblyScript', 'p50', 'p99', 'most'],
		[['100 entries', at(0.5), at(0.99), at(1)]],
	);
}
