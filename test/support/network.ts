import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import network from '@forgeone/plugin-network';
import {
	attachment,
	audit,
	calls,
	definePlugin,
	handlers,
	type KernelCall,
	type Log,
	listeners,
	networks,
	type PluginEntry,
	type Provider,
	silent,
	store,
} from '@forgeone/sdk';
import type {Call} from '@forgeone/sdk/cell';
import type {Attachment, Audit, RuntimeTypes} from '@forgeone/wasm';
import type {ExecutionContext} from 'ava';
import {callPair, kernelCall} from './calls.ts';
import {kernelOf, openPolicy} from './plugins.ts';
import {folderOf} from './runtime.ts';

type Head = {container: string; method: string; path: string; authority: string; headers: string[]};

/** Answers a call; the container's side of it is `call`. */
export type Handle = (head: Head, call: KernelCall, opener: Call) => unknown;

/** Answers at once. */
export const answer = async (call: KernelCall, status = 200, headers: string[] = [], body = '') => {
	await call.answer(JSON.stringify({status, headers}));
	if (body) await call.write(Buffer.from(body));
	await call.finish(undefined);
};

/** Gives back what came, and says what was asked. */
export const echo: Handle = async ({method, path, authority, headers}, call) => {
	const asked = ['x-asked', `${method} ${path} ${authority}`];
	await call.answer(JSON.stringify({status: 200, headers: [...headers, ...asked, 'connection', 'x-gone', 'x-gone', '1']}));
	for (let bytes = await call.read(); bytes; bytes = await call.read()) await call.write(bytes);
	await call.finish(await call.trailer());
};

/** A port of this machine that the system picks. */
export const local: RuntimeTypes.Port = {address: '127.0.0.1', port: 0};
const exports = ['wasi:http/incoming-handler@0.2.3'];

/** A kernel with the network, `more`, and, for a runtime, `handle`. */
export async function networkOf(
	t: ExecutionContext,
	handle: Handle = echo,
	config: unknown = {},
	more: Readonly<Record<string, PluginEntry>> = {},
	log: Log = silent,
) {
	let hook: Provider<typeof Attachment> | undefined;
	let taken: {take(container: string, plugin: string, call: KernelCall): unknown} | undefined;
	const entries: Audit.Entry[] = [];
	const runtime = definePlugin({
		name: 'runtime',
		provides: {handlers},
		opens: [attachment, calls],
		setup({hooks}) {
			hook = hooks.call(attachment);
			taken = hooks.call(calls);
			return {
				handlers: () => ({
					async open(container, head) {
						const {opener, other} = callPair(head);
						const call = kernelCall(other);
						const answered = handle({...JSON.parse(head), container}, call, other);
						if (answered instanceof Promise) answered.catch(error => call.cancel(`${error.message} (${error.code})`));
						return kernelCall(opener);
					},
				}),
			};
		},
	});
	const kept = new Map<string, Uint8Array>();
	const others = definePlugin({
		name: 'others',
		provides: {audit, store},
		setup: () => ({
			audit: () => ({
				append: (entry: Audit.Entry) => void entries.push(entry),
				appendAll: (some: Audit.Entry[]) => void entries.push(...some),
				recent: () => entries,
			}),
			store: () => ({
				get: key => kept.get(key),
				set: (key, value) => void kept.set(key, value),
				remove: key => kept.delete(key),
				keys: prefix => [...kept.keys()].filter(key => key.startsWith(prefix)).sort(),
			}),
		}),
	});
	const kernel = await kernelOf(
		t,
		{policy: openPolicy(), others, runtime, network: {use: network, config}, ...more},
		{state: await folderOf(t), log},
	);
	const {list, gateway} = (await kernel.link(listeners))();
	const networking = (await kernel.link(networks))();
	const {attach, detach} = hook as NonNullable<typeof hook>;
	const {take} = taken as NonNullable<typeof taken>;
	const request = (more: Partial<RuntimeTypes.Grants>, rest: Partial<Attachment.Request> = {}): Attachment.Request => ({
		container: 'c',
		name: 'web',
		grants: {mounts: [], publish: [], egress: [], routes: [], networks: [], isolation: 'thread', ...more},
		imports: [],
		exports,
		...rest,
	});
	const publish = async (publish = [local]) => {
		await attach([], request({publish}));
		return (await list())[0]?.port ?? 0;
	};
	return {kernel, attach, detach, list, gateway, networking, entries, take, request, publish};
}

/** One raw exchange: all that the server sends until it closes. */
export async function raw(port: number, message: string): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	socket.write(message);
	return text(socket);
}
