import {attachment, audit, calls, definePlugin, egress, handlers, listeners} from '@forgeone/sdk';
import type {Attachment} from '@forgeone/wasm';
import {createFetch} from './broker/fetch.ts';
import {createBroker} from './broker/index.ts';
import {systemLookup} from './broker/names.ts';
import {refusals} from './broker/refusals.ts';
import {createSockets, type Sockets} from './broker/sockets.ts';
import {allows, parse} from './egress.ts';
import {errors} from './errors.ts';
import {forward} from './http/forward.ts';
import {createHttpServer, usual} from './http/server.ts';
import {createPorts} from './ports.ts';

const cell = new URL('./cell/index.js', import.meta.url).href;

const some = (names: readonly string[], pattern: RegExp): boolean => names.some(name => pattern.test(name));

/** Whether a container has to do with the network at all. */
function networked({grants, imports, exports}: Attachment.Request): boolean {
	return grants.egress.length > 0 || some([...imports, ...exports], /^wasi:http\//) || some(imports, /^wasi:sockets\//);
}

/** The network: what a container may reach, and the ports at which it is reached. Hosts `wasi:http` and `wasi:sockets`. */
export default definePlugin({
	name: 'network',
	provides: {listeners, egress},
	uses: {handlers, audit},
	taps: [attachment, calls],
	setup({log, scope, uses, hooks}) {
		const ports = createPorts(log);
		scope.defer(() => ports.closeAll());
		const sockets = new Map<string, Sockets>();
		const broker = createBroker([
			party => {
				const made = createSockets(party, systemLookup);
				sockets.set(party.container, made);
				return made;
			},
			party => createFetch(party, systemLookup),
		]);
		scope.defer(() => [...sockets.keys()].forEach(broker.close));

		/** The HTTP server of a container, for as long as no cell of it listens itself. */
		const serverOf = (container: string) =>
			createHttpServer(async (incoming, outgoing, head) => {
				const call = await uses.handlers().open(container, JSON.stringify(head));
				await forward(incoming, outgoing, call, {container, limit: usual.body});
			}, usual);

		async function attach(parts: Attachment.Part[], request: Attachment.Request): Promise<Attachment.Part[]> {
			const {container, grants, imports, exports} = request;
			const rules = parse(grants.egress);
			const served = some(exports, /^wasi:http\/incoming-handler(@|$)/);
			if (grants.publish.length > 0 && !served && !some(imports, /^wasi:sockets\/tcp(@|$)/))
				throw errors.FORGE_PUBLISH_NOTHING({container});
			// A component that does not handle HTTP listens by itself.
			const [here, there] = served ? [grants.publish, []] : [[], grants.publish];
			const listeners = await ports.open(container, here, () => serverOf(container));
			if (here.length > 0) log.info({container, publish: here}, 'listening');
			if (!networked(request)) return parts;
			const refused = refusals(container, entry => uses.audit().append(entry), log);
			broker.open({container, rules, publish: there, refused});
			return [...parts, {plugin: 'network', module: cell, data: JSON.stringify({limits: usual}), folders: [], listeners}];
		}

		async function detach(container: string): Promise<void> {
			broker.close(container);
			sockets.delete(container);
			await ports.close(container);
		}

		hooks.tap(attachment, {attach, detach});
		hooks.tap(calls, {take: (container, plugin, call) => (plugin === 'network' ? broker.take(container, call) || undefined : undefined)});
		const listening = () => [...sockets].flatMap(([container, open]) => open.listening().map(place => ({container, ...place})));
		return {listeners: () => ({list: () => [...ports.list(), ...listening()]}), egress: () => ({parse, allows})};
	},
});
