import type {Server} from 'node:http';
import type {Log, Provider} from '@forgeone/core';
import {refusals} from '@forgeone/sdk';
import type {Attachment, Audit} from '@forgeone/wasm';
import type {Broker} from './broker/index.ts';
import {parse} from './egress.ts';
import {errors} from './errors.ts';
import type {Gateway} from './gateway.ts';
import type {ServerLimits} from './http/server.ts';
import type {Networks} from './networks.ts';
import type {Ports} from './ports.ts';

const cell = new URL('./cell/index.js', import.meta.url).href;

const some = (names: readonly string[], pattern: RegExp): boolean => names.some(name => pattern.test(name));

/** Whether a container has to do with the network at all. */
function networked({grants, imports, exports}: Attachment.Request): boolean {
	return grants.egress.length > 0 || some([...imports, ...exports], /^wasi:http\//) || some(imports, /^wasi:sockets\//);
}

/** What there is to give to containers. */
export interface Attaching {
	readonly log: Log;
	readonly limits: ServerLimits;
	readonly ports: Ports;
	readonly networks: Networks;
	readonly gateway: Gateway;
	readonly broker: Broker;
	/** The HTTP server of a container, for as long as no cell of it listens itself. */
	serverOf(container: string): Server;
	append(entry: Audit.Entry): Promise<void>;
	ended(container: string): void;
}

/** Gives containers what they were granted of the network, and takes it back. */
export function createAttaching(parts: Attaching): Provider<typeof Attachment> {
	const {log, limits, ports, networks, gateway, broker} = parts;

	async function attach(before: Attachment.Part[], request: Attachment.Request): Promise<Attachment.Part[]> {
		const {container, name, grants, imports, exports} = request;
		const {publish, routes} = grants;
		const rules = parse(grants.egress);
		const served = some(exports, /^wasi:http\/incoming-handler(@|$)/);
		const listens = served || (routes.length === 0 && some(imports, /^wasi:sockets\/tcp(@|$)/));
		if (publish.length + routes.length > 0 && !listens) throw errors.FORGE_PUBLISH_NOTHING({container});
		await networks.join(container, name, grants.networks);
		gateway.add(container, routes);
		// A component that does not handle HTTP listens by itself.
		const [here, there] = served ? [publish, []] : [[], publish];
		const listeners = await ports.open(container, here, () => parts.serverOf(container));
		if (here.length > 0) log.info({container, publish: here}, 'listening');
		if (!networked(request)) return before;
		const record = refusals(container, parts.append, log);
		broker.open({container, rules, publish: there, refused: (what, grant) => record('net', what, grant)});
		return [...before, {plugin: 'network', module: cell, data: JSON.stringify({limits}), folders: [], listeners}];
	}

	async function detach(container: string): Promise<void> {
		broker.close(container);
		networks.leave(container);
		gateway.remove(container);
		parts.ended(container);
		await ports.close(container);
	}

	return {attach, detach};
}
