import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createKernel, link, type PluginEntry} from '@forgeone/core';
import type {Descriptor} from '@forgeone/plugin-storage';
import storage from '@forgeone/plugin-storage';
import store from '@forgeone/plugin-storage/store';
import {attachment, calls, definePlugin, type KernelCall} from '@forgeone/sdk';
import type {Call, Hosted, OpenHalf} from '@forgeone/sdk/cell';
import type {Attachment, Link, RuntimeTypes} from '@forgeone/wasm';
import {callPair, kernelCall} from '../support/calls.ts';

/** A policy that allows every link, for tests that are not about it. */
const allowing = definePlugin({
	name: 'policy',
	taps: [link],
	setup({hooks}) {
		hooks.tap(link, {decide: (): Link.Verdict => ({tag: 'allowed'})});
		return {};
	},
});

type Attaching = {attach(request: Attachment.Request): Promise<Attachment.Part[]>; detach(container: string): Promise<void>};

type Take = (container: string, plugin: string, call: KernelCall) => unknown;

/** A kernel with storage, a state folder of its own, and one plugin that opens the hooks of the runtime. */
export async function bootStorage(plugins: Readonly<Record<string, PluginEntry>> = {}, state = mkdtempSync(join(tmpdir(), 'forge-'))) {
	let attaching: Attaching | undefined;
	let take: Take | undefined;
	const refusals: string[] = [];
	const runtime = definePlugin({
		name: 'runtime',
		opens: [attachment, calls],
		setup({hooks}) {
			const {attach, detach} = hooks.call(attachment);
			take = hooks.call(calls).take;
			attaching = {attach: async request => attach([], request), detach: async container => detach(container)};
			return {};
		},
	});
	const kernel = createKernel({state});
	await kernel.boot({plugins: {policy: allowing, store, storage, runtime, ...plugins}});
	const end = async () => {
		await kernel.stop();
		rmSync(state, {recursive: true, force: true});
	};
	/** Opens the cell half of a container that was granted these, and gives what one instance in it is given. */
	async function host(container: string, mounts: RuntimeTypes.Mount[], stores: RuntimeTypes.Store[] = []): Promise<Hosted['imports']> {
		const grants = {mounts, publish: [], egress: [], routes: [], networks: [], stores, isolation: 'thread' as const};
		const [part] = await (attaching as Attaching).attach({
			container,
			name: container,
			grants,
			imports: ['wasi:keyvalue/store'],
			exports: [],
		});
		const {default: open}: {default: OpenHalf} = await import(part?.module ?? '');
		const half = open({
			container,
			data: JSON.parse(part?.data ?? ''),
			usage: {read: 0, written: 0, requests: 0},
			refused: (action, what, grant) => void refusals.push(`${container} ${action} ${what} ${grant}`),
			call: head => callOf(container, head),
		});
		return half.host().imports;
	}

	/** A call of any head, as a cell of this container may open it. */
	function callOf(container: string, head: string): Call {
		const {opener, other} = callPair(head);
		void take?.(container, 'storage', kernelCall(other));
		return opener;
	}

	/** The reply to it. */
	function call(container: string, head: string): Promise<string> {
		const opened = callOf(container, head);
		opened.outgoing.end();
		return opened.reply();
	}

	async function folders(container: string, ...mounts: RuntimeTypes.Mount[]): Promise<Descriptor[]> {
		const imports = await host(container, mounts);
		const preopens = imports['wasi:filesystem/preopens@0.2.9'] as {getDirectories(): [Descriptor, string][]};
		return preopens.getDirectories().map(([folder]) => folder);
	}
	return {kernel, state, attachments: attaching as Attaching, host, callOf, call, folders, refusals, [Symbol.asyncDispose]: end};
}
