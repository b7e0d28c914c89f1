import {mkdtemp, rm} from 'node:fs/promises';
import {type IncomingMessage, type RequestOptions, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import api from '@forgeone/plugin-api';
import {
	appraisal,
	audit,
	containers,
	definePlugin,
	type Identity,
	identities,
	listeners,
	networks,
	type Provider,
	principals,
	volumes,
} from '@forgeone/sdk';
import {connect} from '@forgeone/sdk/client';
import {type Containers, errorTable} from '@forgeone/wasm';
import type {ExecutionContext} from 'ava';
import {kernelOf, openPolicy} from '../support/plugins.ts';

const errors = errorTable({FORGE_TEST_REFUSED: ['refused', 'no "{name}" here', 'ask for another']});

const zero = {integrity: 0, authenticity: 0, provenance: 0, freshness: 0, configuration: 0, executables: 0, isolation: 0, behaviour: 0};

/** A container as a runtime would have it. */
function containerOf(id: string, spec: Containers.Spec): Containers.Container {
	const {mounts, publish, egress, routes, networks, name = id} = spec;
	return {
		id,
		name,
		spec,
		digest: `sha256:${'0'.repeat(64)}`,
		state: 'exited',
		exitCode: 0,
		created: 1n,
		restarts: 0,
		owner: 'user:1',
		grants: {mounts, publish, egress, routes, networks, isolation: 'thread'},
		trust: zero,
	};
}

/** What the engine behind the API was called with: the caller, the function, the arguments. */
type Call = readonly [caller: Identity, name: string, ...args: unknown[]];

/** The API on a socket of its own, before an engine that keeps nothing and writes down each call. */
export async function apiOf(t: ExecutionContext, output: readonly Containers.Output[] = [], config: {readonly rate?: number} = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'forge-api-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const socket = join(folder, 'run/forge.sock');
	const calls: Call[] = [];
	let made: Containers.Spec | undefined;

	const engine = definePlugin({
		name: 'engine',
		uses: {identities},
		provides: {containers, volumes, listeners, networks, appraisal, audit, principals},
		setup: ({uses}) => ({
			containers(caller): Provider<typeof Containers> {
				const note =
					<A extends unknown[], R>(name: string, answer: (...args: A) => R) =>
					(...args: A): R => {
						calls.push([caller, name, ...args]);
						return answer(...args);
					};
				const one = (id: string) => {
					if (id === 'refused') throw errors.FORGE_TEST_REFUSED({name: id});
					if (id === 'broken') throw new TypeError('broken');
					return containerOf(id, made as Containers.Spec);
				};
				return {
					create: note('create', spec => {
						made = spec;
						return containerOf('0123456789ab', spec);
					}),
					start: note('start', one),
					stop: note('stop', one),
					kill: note('kill', one),
					wait: note('wait', one),
					list: note('list', () => (made ? [one('0123456789ab')] : [])),
					inspect: note('inspect', id => (made ? one(id) : containerOf(id, {...bare, image: '/a'}))),
					remove: note('remove', () => undefined),
					stats: note('stats', () => ({cpu: 1n, memory: 2n, read: 3n, written: 4n, requests: 5n, fuel: 7n, instances: 6, dropped: 8n})),
					isolations: note('isolations', () => [{isolation: 'thread'}, {isolation: 'sandbox', lack: 'no bubblewrap'}]),
					logs: note('logs', (_id, cursor) => output.slice(Number(cursor), Number(cursor) + 10)),
					write: note('write', () => undefined),
				};
			},
			volumes: () => ({
				create: name => ({name, created: 1n, path: `/${name}`, quota: {}}),
				list: () => [],
				inspect: name => ({name, created: 1n, path: `/${name}`, quota: {}}),
				remove: () => undefined,
			}),
			listeners: () => ({
				list: () => [{container: 'a', address: '::1', port: 1}],
				gateway: () => ({
					addresses: ['127.0.0.1:1'],
					routes: [
						{container: 'a', host: 'a.example', path: '/'},
						{container: 'b', path: '/b'},
					],
				}),
			}),
			networks: () => ({
				create: (name, egress) => ({name, egress: [...egress], created: 1n, containers: []}),
				list: () => [],
				inspect: name => ({name, egress: [], created: 1n, containers: ['a']}),
				remove: () => undefined,
			}),
			appraisal: () => ({appraise: () => zero}),
			audit: () => ({append: () => undefined, appendAll: () => undefined, recent: () => []}),
			principals: () => ({
				// Frozen as the kernel made it: one copied would be refused.
				user: uid => uses.identities().mint('user', String(uid)),
				container: id => uses.identities().mint('container', id),
			}),
		}),
	});
	const kernel = await kernelOf(t, {policy: openPolicy(), engine, api: {use: api, config: {socket, ...config}}}, {state: folder});

	/** One request, by hand. */
	async function ask(path: string, options: RequestOptions = {}, body?: string | Uint8Array) {
		const message = await new Promise<IncomingMessage>((resolve, reject) => {
			const call = request({socketPath: socket, path, headers: {host: 'localhost'}, ...options}, resolve);
			call.on('error', reject);
			call.end(body);
		});
		return {status: message.statusCode, text: await text(message), headers: message.headers};
	}
	const post = (path: string, body: string | Uint8Array, type = 'application/json', method = 'POST') =>
		ask(path, {method, headers: {host: 'localhost', 'content-type': type}}, body);
	const remote = async () => {
		const found = await connect(socket);
		if (!found) throw new Error('nobody listens');
		t.teardown(() => found.engine.close());
		return found;
	};
	return {folder, socket, calls, kernel, ask, post, remote};
}

/** A spec with nothing in it. */
export const bare: Omit<Containers.Spec, 'image'> = {
	arguments: [],
	environment: [],
	config: [],
	mounts: [],
	publish: [],
	egress: [],
	routes: [],
	networks: [],
	limits: {memory: 134_217_728n},
	restart: 'no',
	attached: false,
	interactive: false,
	remove: false,
};
