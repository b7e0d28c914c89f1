import {once} from 'node:events';
import type {Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {reasonOf} from '@forgeone/core';
import type {Listeners, RuntimeTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** The ports that containers are reached at. */
export interface Ports {
	/** Listens at all of them or, where one fails, at none. Throws FORGE_PORT_IN_USE, FORGE_LISTEN_FAILED. */
	open(container: string, publish: readonly RuntimeTypes.Port[], serve: () => Server): Promise<void>;
	/** Frees the ports at once; requests under way get a second, then their connections are destroyed. */
	close(container: string): Promise<void>;
	closeAll(): Promise<void>;
	list(): Listeners.Listener[];
}

/** How long requests under way may take once their port is closed, in milliseconds. */
const GRACE = 1_000;

async function listen(server: Server, {address, port}: RuntimeTypes.Port): Promise<void> {
	try {
		await once(server.listen({host: address, port}), 'listening');
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'EADDRINUSE') throw errors.FORGE_PORT_IN_USE({address, port}, {cause: error});
		throw errors.FORGE_LISTEN_FAILED({address, port, reason: reasonOf(error)}, {cause: error});
	}
}

async function end(server: Server): Promise<void> {
	if (!server.listening) return;
	const closed = once(server, 'close');
	const late = setTimeout(() => server.closeAllConnections(), GRACE);
	server.close();
	await closed;
	clearTimeout(late);
}

/** Makes the ports of a kernel, none open yet. */
export function createPorts(): Ports {
	const servers = new Map<string, readonly Server[]>();

	async function close(container: string): Promise<void> {
		const open = servers.get(container) ?? [];
		servers.delete(container);
		await Promise.all(open.map(end));
	}

	return {
		async open(container, publish, serve) {
			await close(container);
			const made = publish.map(serve);
			servers.set(container, made);
			try {
				for (const [index, server] of made.entries()) {
					await listen(server, publish[index] as RuntimeTypes.Port);
					// It was closed while it was opened: what has begun to listen since is not known to anybody else.
					if (servers.get(container) !== made) await end(server);
				}
			} catch (error) {
				await close(container);
				throw error;
			}
		},
		close,
		async closeAll() {
			await Promise.all([...servers.keys()].map(close));
		},
		list: () =>
			[...servers].flatMap(([container, open]) =>
				open
					.filter(({listening}) => listening)
					.map(server => {
						// A server that listens at a host and a port has an address of this kind.
						const {address, port} = server.address() as AddressInfo;
						return {container, address, port};
					}),
			),
	};
}
