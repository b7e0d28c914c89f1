import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type AnyPlugin, type Client, type Kernel, link, type PluginEntry} from '@forgeone/core';
import runtime from '@forgeone/plugin-runtime';
import storage from '@forgeone/plugin-storage';
import store from '@forgeone/plugin-storage/store';
import {admission, audit, containers} from '@forgeone/sdk';
import type {Audit, Containers, RuntimeTypes} from '@forgeone/wasm';
import type {ExecutionContext} from 'ava';
import {kernelOf} from './plugins.ts';

export type ContainersClient = Client<typeof Containers>;

const trust = {integrity: 2, authenticity: 2, provenance: 2, freshness: 2, configuration: 2, executables: 2, isolation: 2, behaviour: 2};

/** A policy that allows every link and grants every container what it asks for; it keeps what it is told to record. */
export const openPolicy: AnyPlugin = {
	name: 'policy',
	provides: {audit},
	taps: [link, admission],
	setup({hooks}) {
		const entries: Audit.Entry[] = [];
		hooks.tap(link, {decide: () => ({tag: 'allowed'}) as const});
		hooks.tap(admission, {
			admit(verdict, {spec, isolation}) {
				if (verdict.tag === 'refused') return verdict;
				const {mounts, publish, egress, routes, networks, stores = []} = spec;
				return {tag: 'allowed', val: {grants: {mounts, publish, egress, routes, networks, stores, isolation}, trust}} as const;
			},
		});
		return {
			audit: () => ({
				append: (entry: Audit.Entry) => void entries.unshift(entry),
				appendAll: (some: Audit.Entry[]) => void entries.unshift(...some.toReversed()),
				recent: (limit: number) => entries.slice(0, limit),
			}),
		};
	},
};

/** A folder that goes with the test. */
export async function folderOf(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	return folder;
}

/** A kernel that runs containers, with its state in `state`. */
export async function engineOf(
	t: Pick<ExecutionContext, 'teardown'>,
	state: string,
	plugins: Record<string, PluginEntry> = {},
): Promise<{kernel: Kernel; containers: ContainersClient}> {
	const kernel = await kernelOf(t, {policy: openPolicy, runtime, store, storage, ...plugins}, {state});
	return {kernel, containers: (await kernel.link(containers))()};
}

/** What a container is to be, where the test says nothing else. */
export function specOf(image: string, more: Partial<RuntimeTypes.Spec> = {}): RuntimeTypes.Spec {
	const nothing = {arguments: [], environment: [], config: [], mounts: [], publish: [], egress: [], routes: [], networks: []};
	const quiet = {restart: 'no', attached: false, interactive: false, remove: false} as const;
	return {image, ...nothing, ...quiet, limits: {memory: 64n * 1024n * 1024n}, ...more};
}

const text = new TextDecoder();

/** All that a container wrote, to its end. */
export async function outputOf(engine: ContainersClient, id: string): Promise<{stdout: string; stderr: string}> {
	const all = {stdout: '', stderr: ''};
	for (let cursor = 0n; ; ) {
		const found = await engine.logs(id, cursor, 1000);
		for (const {source, data, sequence} of found) {
			all[source] += text.decode(data);
			cursor = sequence + 1n;
		}
		if (found.length === 0 && (await engine.inspect(id)).state === 'exited') return all;
	}
}

/** Runs a container to its end, with `input` on its standard input. */
export async function runToEnd(engine: ContainersClient, spec: RuntimeTypes.Spec, input = '') {
	const {id} = await engine.create({...spec, attached: true, interactive: true});
	await engine.start(id);
	const [output] = await Promise.all([outputOf(engine, id), write(engine, id, input)]);
	return {...(await engine.inspect(id)), ...output};
}

/** Writes to a container's standard input and ends it; a container that has ended by then misses it. */
async function write(engine: ContainersClient, id: string, input: string): Promise<void> {
	try {
		if (input) await engine.write(id, new TextEncoder().encode(input));
		await engine.write(id, new Uint8Array());
	} catch (error) {
		if ((error as {code?: string}).code !== 'FORGE_CONTAINER_EXITED') throw error;
	}
}

/** How many threads and how many descriptors this process has. */
export async function held(): Promise<{threads: number; descriptors: number}> {
	// One after the other, for to read one opens a descriptor that the other would count.
	const threads = await readdir('/proc/self/task');
	const descriptors = await readdir('/proc/self/fd');
	return {threads: threads.length, descriptors: descriptors.length};
}

/** The most memory that this process has had since it was asked before, in bytes: the system keeps count. */
async function highest(): Promise<number> {
	const [, size] = /VmHWM:\s+(\d+) kB/.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
	// proc(5): this sets the count to what there is now.
	await writeFile('/proc/self/clear_refs', '5');
	return Number(size) * 1024;
}

/** How much more memory this process had while it did something than before, at its peak, in bytes. */
export async function peakOf(work: () => Promise<void>): Promise<number> {
	await highest();
	const before = process.memoryUsage.rss();
	await work();
	return (await highest()) - before;
}
