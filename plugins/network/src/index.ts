import {attachment, definePlugin, egress, handlers, listeners} from '@forgeone/sdk';
import type {Attachment} from '@forgeone/wasm';
import {allows, parse} from './egress.ts';
import {errors} from './errors.ts';
import {createPorts} from './listeners.ts';
import {createHttpServer} from './server.ts';

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
	uses: {handlers},
	taps: [attachment],
	setup({log, scope, uses, hooks}) {
		const ports = createPorts();
		scope.defer(() => ports.closeAll());

		async function attach(parts: Attachment.Part[], request: Attachment.Request): Promise<Attachment.Part[]> {
			const {container, grants, exports} = request;
			const rules = parse(grants.egress);
			if (grants.publish.length > 0 && !some(exports, /^wasi:http\/incoming-handler(@|$)/)) throw errors.FORGE_PUBLISH_NOTHING({container});
			await ports.open(container, grants.publish, () => createHttpServer(container, asked => uses.handlers().handle(container, asked)));
			if (grants.publish.length > 0) log.info({container, publish: grants.publish}, 'listening');
			return networked(request) ? [...parts, {plugin: 'network', module: cell, data: JSON.stringify({egress: rules})}] : parts;
		}

		hooks.tap(attachment, {attach, detach: ports.close});
		return {listeners: () => ({list: ports.list}), egress: () => ({parse, allows})};
	},
});
