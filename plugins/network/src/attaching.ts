import type {Server} from 'node:http';
import type {Log, Provider} from '@forgeone/core';
import {type KernelListener, refusals} from '@forgeone/sdk';
import type {Attachment, Audit, RuntimeTypes} from '@forgeone/wasm';
import type {Broker} from './broker/index.ts';
import {parse} from './egress.ts';
import {errors} from './errors.ts';
import type {Gateway} from './gateway.ts';
import type {Attached, Handover} from './handover.ts';
import type {ServerLimits} from './http/server.ts';
import type {Networks} from './networks.ts';
import type {Ports} from './ports.ts';

const cell = new URL('./cell/index.js', import.meta.url).href;

/** What a component exports that handles HTTP. */
const handles = /^wasi:http\/incoming-handler(@|$)/;

const datagrams = ({protocol}: RuntimeTypes.Port): boolean => protocol === 'udp';

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
	readonly handover: Handover;
	/** The HTTP server of a container, for as long as no cell of it listens itself. */
	serverOf(container: string): Server;
	append(entry: Audit.Entry): Promise<void>;
	ended(container: string): void;
}

/** A listener that the runtime keeps, whichever generation has its port. */
const listenerOf = (attached: Attached, index: number): KernelListener => ({
	lend: back => attached.ports[index]?.lend(back),
	given: () => attached.ports[index]?.given(),
	returned: () => attached.ports[index]?.returned(),
});

/** Gives containers what they were granted of the network, and takes it back. `resume` does so anew for those that another generation has attached. */
export function createAttaching(parts: Attaching): Provider<typeof Attachment> & {resume(): Promise<void>} {
	const {log, limits, ports, networks, gateway, broker, handover} = parts;

	/** All but the ports. */
	async function join({container, name, grants, exports}: Attachment.Request): Promise<void> {
		await networks.join(container, name, grants.networks);
		gateway.add(container, grants.routes);
		// A component that does not handle HTTP listens by itself.
		const publish = some(exports, handles) ? grants.publish.filter(datagrams) : grants.publish;
		const record = refusals(container, parts.append, log);
		broker.open({container, rules: parse(grants.egress), publish, refused: (what, grant) => record('net', what, grant)});
	}

	async function attach(before: Attachment.Part[], request: Attachment.Request): Promise<Attachment.Part[]> {
		const {container, grants, imports, exports} = request;
		const {routes} = grants;
		const publish = grants.publish.filter(port => !datagrams(port));
		const served = some(exports, handles);
		const listens = served || (routes.length === 0 && some(imports, /^wasi:sockets\/tcp(@|$)/));
		const hears = publish.length === grants.publish.length || some(imports, /^wasi:sockets\/udp(@|$)/);
		if ((publish.length + routes.length > 0 && !listens) || !hears) throw errors.FORGE_PUBLISH_NOTHING({container});
		parse(grants.egress);
		if (!networked(request)) return before;
		await join(request);
		const opened = await ports.open(container, served ? publish : [], () => parts.serverOf(container));
		if (opened.length > 0) log.info({container, publish}, 'listening');
		const attached: Attached = {request, ports: opened};
		handover.set(container, attached);
		const listeners = opened.map((_, index) => listenerOf(attached, index));
		return [...before, {plugin: 'network', module: cell, data: JSON.stringify({limits}), folders: [], listeners}];
	}

	async function resume(): Promise<void> {
		for (const [container, attached] of handover) {
			try {
				await join(attached.request);
				attached.ports = await ports.takeOver(container, attached.ports, () => parts.serverOf(container));
			} catch (error) {
				log.error({err: error, container}, 'could not take over');
			}
		}
	}

	async function detach(container: string): Promise<void> {
		handover.delete(container);
		broker.close(container);
		networks.leave(container);
		gateway.remove(container);
		parts.ended(container);
		await ports.close(container);
	}

	return {attach, detach, resume};
}
