import {type Component, load, suspending} from '@forgeone/wasm';
import {transpiled} from '../../wasm/support/jco.ts';
import {perCall, table, times} from '../measure.ts';
import {type Api, byHand, type Point} from './by-hand.ts';
import {extism} from './extism.ts';
import {component, coreModule} from './guest.ts';
import {loading} from './loading.ts';
import {duration, loops} from './loops.ts';
import {metering} from './metering.ts';

const host = {log: (text: string): number => text.length, wait: (n: number): number => n};
const waiting = async (n: number): Promise<number> => n;

const points: readonly Point[] = Array.from({length: 1024}, (_, id) => ({id, x: id / 3, y: -id, on: id % 2 === 0}));

/** One way of calling the guest's exports. */
interface Column {
	readonly name: string;
	readonly api: Api;
}

type Row = readonly [name: string, run: (api: Api) => (count: number) => void];

/** Each row's loop is written out by `loops` for each column, so that one column's types do not slow another's. */
const rows: readonly Row[] = [
	['`add(u32, u32)`', api => loops('i => api.add(i, 7)', {api})],
	['`get(string) -> option<string>`, 11 characters', api => loops('() => api.get(text)', {api, text: 'hello world'})],
	['the same, 1 KiB', api => loops('() => api.get(text)', {api, text: 'hello world, '.repeat(79)})],
	['the same, 64 KiB', api => loops('() => api.get(text)', {api, text: 'x'.repeat(65_536)})],
	['`list<u8>` there and back, 1 KiB', api => loops('() => api.bytes(bytes)', {api, bytes: new Uint8Array(1024)})],
	['the same, 64 KiB', api => loops('() => api.bytes(bytes)', {api, bytes: new Uint8Array(65_536)})],
	['`list<record>` there and back, 1,024', api => loops('() => api.points(points)', {api, points})],
	['guest calls host with a string', api => loops('() => api.call()', {api})],
	[
		'resource: create, method, drop',
		api => loops('i => { const c = new api.Counter(i); const n = c.value(); c[Symbol.dispose](); return n }', {api}),
	],
];

async function calls(ours: Component, bytes: Uint8Array): Promise<void> {
	const imports = {'bench:abi/host': host};
	const module = new WebAssembly.Module(await coreModule());
	const columns: readonly Column[] = [
		{name: 'by hand', api: byHand(module, host)},
		{name: 'ours', api: (await ours.instantiate(imports)).exports['bench:abi/api'] as Api},
		{name: 'jco', api: (await transpiled(bytes, imports))['bench:abi/api'] as unknown as Api},
	];
	const cells = rows.map(([name, run]) => {
		const [hand, own, jco] = columns.map(({api}) =>
			name.startsWith('resource') && api.Counter === undefined ? Number.NaN : duration(run(api)),
		);
		return [name, ns(hand), ns(own), ns(jco), ratio(own, hand), ratio(jco, own)];
	});
	table(['call', 'by hand', 'ours', 'jco', 'ours / by hand', 'jco / ours'], cells);
}

const ns = (value = Number.NaN): string =>
	Number.isNaN(value) ? '' : value < 1000 ? `${value.toFixed(1)} ns` : `${(value / 1000).toFixed(2)} us`;
const ratio = (a = Number.NaN, b = Number.NaN): string => (Number.isNaN(a / b) ? '' : times(a / b));

/** Strings there and back by Extism's SDK, beside ours; its calls are promises. */
async function strings(ours: Component): Promise<void> {
	const theirs = await extism();
	if (theirs === undefined) return console.log('Extism: left out, `@extism/extism` is not installed');
	const api = (await ours.instantiate({'bench:abi/host': host})).exports['bench:abi/api'] as Api;
	const cells: string[][] = [];
	for (const [name, text] of [
		['11 characters', 'hello world'],
		['1 KiB', 'hello world, '.repeat(79)],
		['64 KiB', 'x'.repeat(65_536)],
	] as const) {
		const own = duration(loops('() => api.get(text)', {api, text}));
		const extisms = await perCall(() => theirs(text));
		cells.push([name, ns(own), ns(extisms), ratio(extisms, own)]);
	}
	table(['string there and back', 'ours', 'Extism', 'Extism / ours'], cells);
}

/** A host function that suspends the guest, on a promise that is resolved already. */
async function suspensions(ours: Component, bytes: Uint8Array): Promise<void> {
	const {exports} = await ours.instantiate({'bench:abi/host': {...host, wait: suspending(waiting)}});
	const names = {imports: ['bench:abi/host#wait'], exports: ['bench:abi/api#wait']};
	const jco = (await transpiled(bytes, {'bench:abi/host': {...host, wait: waiting}}, names))['bench:abi/api'] as unknown as Api;
	const timed = async (api: Api): Promise<number> => {
		const count = 20_000;
		let best = Number.POSITIVE_INFINITY;
		for (let round = 0; round < 5; round++) {
			const start = performance.now();
			for (let i = 0; i < count; i++) await api.wait(i);
			best = Math.min(best, ((performance.now() - start) / count) * 1e6);
		}
		return best;
	};
	const own = await timed(exports['bench:abi/api'] as Api);
	const theirs = await timed(jco);
	table(['host call that suspends', 'ours', 'jco JSPI', 'jco / ours'], [['', ns(own), ns(theirs), ratio(theirs, own)]]);
}

export default async function bench(): Promise<void> {
	const bytes = await component();
	const ours = await load(bytes);
	await calls(ours, bytes);
	console.log('');
	await strings(ours);
	console.log('');
	await suspensions(ours, bytes);
	console.log('');
	await loading();
	console.log('');
	await metering();
}
