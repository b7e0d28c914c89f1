import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import runtime from '@forgeone/plugin-runtime';
import storage from '@forgeone/plugin-storage';
import store from '@forgeone/plugin-storage/store';
import {containers, createKernel, handlers, type Kernel, listeners, networks} from '@forgeone/sdk';
import type {RuntimeTypes} from '@forgeone/wasm';
import {guest} from '../../support/guests.ts';
import {openPolicy, specOf} from '../../support/runtime.ts';
import {median, perCall, table, times} from '../measure.ts';
import {type Load, load, served} from './load.ts';
import {guarded} from './middleware.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const jco = join(root, 'node_modules/@bytecodealliance/jco/dist/jco.js');
const app = join(root, 'templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm');
const bare = fileURLToPath(new URL('./bare.ts', import.meta.url));

const CONNECTIONS = [1, 8, 64] as const;
const SECONDS = 3;
const SIZE = 10_000_000;
const ASKED = 2_000;

interface Place {
	readonly id: string;
	readonly own: string;
	readonly gateway: string;
}

/** Runs a component that is reached at a port of its own, and by these routes through the gateway. */
async function place(kernel: Kernel, image: string, routes: string[], more: Partial<RuntimeTypes.Spec> = {}): Promise<Place> {
	const engine = (await kernel.link(containers))();
	const {list, gateway} = (await kernel.link(listeners))();
	const publish = [{address: '127.0.0.1', port: 0}];
	const {id} = await engine.create(specOf(image, {publish, routes, limits: {memory: 1024n ** 3n, instances: 8}, ...more}));
	await engine.start(id);
	const port = (await list()).find(({container}) => container === id)?.port;
	return {id, own: `http://127.0.0.1:${port}/`, gateway: `http://${(await gateway()).addresses[0]}/`};
}

async function hello(rows: readonly (readonly [name: string, url: string])[]): Promise<void> {
	const found = new Map<string, Load[]>();
	for (const connections of CONNECTIONS) {
		for (const [name, url] of rows) {
			await load(url, connections, 1);
			found.set(name, [...(found.get(name) ?? []), await load(url, connections, SECONDS)]);
		}
	}
	const [first = []] = found.values();
	table(
		['hello', ...CONNECTIONS.flatMap(count => [`requests/s, ${count} connections`, 'p99', 'of node:http'])],
		[...found].map(([name, loads]) => [
			name,
			...loads.flatMap(({rate, p99}, index) => [rate.toFixed(0), `${(p99 / 1000).toFixed(2)} ms`, times(rate / (first[index]?.rate ?? 0))]),
		]),
	);
}

/** Megabytes in a second, there and back. */
async function echoed(url: string): Promise<number> {
	const body = new Uint8Array(SIZE);
	const rates: number[] = [];
	for (let round = 0; round < 9; round++) {
		const start = performance.now();
		const {byteLength} = await (await fetch(url, {method: 'POST', body})).arrayBuffer();
		if (byteLength !== SIZE) throw new Error(`${byteLength} bytes came back`);
		rates.push(SIZE / 1e3 / (performance.now() - start));
	}
	return median(rates);
}

async function bodies(rows: readonly (readonly [name: string, url: string])[]): Promise<void> {
	const found: [string, number][] = [];
	for (const [name, url] of rows) found.push([name, await echoed(url)]);
	const first = found[0]?.[1] ?? Number.NaN;
	table(
		['10 MB there and back', 'MB/s', 'of node:http'],
		found.map(([name, rate]) => [name, rate.toFixed(0), times(rate / first)]),
	);
}

/** Microseconds that one request of a container to another takes, of many in a row. */
async function asking({own}: Place, authority: string): Promise<number> {
	const found: number[] = [];
	for (let round = 0; round < 6; round++) {
		const begin = performance.now();
		const {status} = await fetch(`${own}?${ASKED}&${authority}`);
		if (status !== 200) throw new Error(`${authority} answered with ${status}`);
		found.push(((performance.now() - begin) * 1000) / ASKED);
	}
	// The first of all starts cells and compilers.
	return median(found.slice(1));
}

/** What it costs the kernel to ask a container, by a call and over loopback. */
async function neighbours(kernel: Kernel, {id, own}: Place): Promise<void> {
	const {open} = (await kernel.link(handlers))();
	const head = JSON.stringify({method: 'GET', path: '/', scheme: 'http', authority: 'web.front.internal', headers: []});
	const call = await perCall(async () => {
		const asked = await open(id, head);
		await asked.finish(undefined);
		await asked.reply();
		while (await asked.read());
	}, 5);
	const loopback = await perCall(async () => (await fetch(own)).arrayBuffer(), 5);
	const rows: [name: string, time: number][] = [];
	for (const isolation of ['process', 'thread', 'inline'] as const) {
		const name = `web-${isolation}`;
		const asked = await place(kernel, app, [], {name, networks: ['front'], isolation});
		const {host} = new URL(asked.own);
		const asker = await place(kernel, await guest('asker-as'), [], {networks: ['front'], egress: [host], isolation});
		for (const [how, authority] of [
			['by the network they share', `${name}.front.internal`],
			['over loopback HTTP', host],
		] as const) {
			rows.push([`another container (${isolation}), ${how}`, await asking(asker, authority)]);
		}
	}
	const between = rows[1]?.[1] ?? Number.NaN;
	table(
		['asking a container', 'microseconds', 'loopback HTTP, between processes, takes'],
		[
			['the kernel, by a call', (call / 1000).toFixed(0), times(loopback / call)],
			['the kernel, over loopback HTTP', (loopback / 1000).toFixed(0), ''],
			...rows.map(([name, time]) => [name, time.toFixed(0), times(between / time)]),
		],
	);
}

/** Requests and bodies through a port of the container's own and through the gateway, beside bare `node:http` and `jco serve`. */
export default async function bench(): Promise<void> {
	const state = mkdtempSync(join(tmpdir(), 'forge-bench-'));
	const kernel = createKernel({state});
	await kernel.boot({plugins: {policy: openPolicy, runtime, store, storage, network: {use: network, config: {gateway: [0]}}}});
	const script = await guest('http-js');
	const node = await served(port => [bare, String(port)]);
	const peer = await served(port => [jco, 'serve', '--port', String(port), script]);
	try {
		await (await kernel.link(networks))().create('front', []);
		const assembly = await place(kernel, app, ['/'], {name: 'web', networks: ['front']});
		const js = await place(kernel, script, []);
		for (const url of [assembly.own, assembly.gateway, js.own]) await (await fetch(url)).text();
		await hello([
			['node:http', node.url],
			['AssemblyScript, own port', assembly.own],
			['AssemblyScript, gateway', assembly.gateway],
			['JavaScript, own port', js.own],
			['jco serve, the same JavaScript', peer.url],
		]);
		console.log('');
		await bodies([
			['node:http', node.url],
			['AssemblyScript, own port', `${assembly.own}echo`],
			['AssemblyScript, gateway', `${assembly.gateway}echo`],
		]);
		console.log('');
		await neighbours(kernel, assembly);
		console.log('');
		await guarded(kernel, assembly.own, assembly.gateway);
	} finally {
		node.end();
		peer.end();
		await kernel.stop();
		rmSync(state, {recursive: true, force: true});
	}
}
