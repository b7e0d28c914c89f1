import {once} from 'node:events';
import type {Server} from 'node:http';
import {type AddressInfo, Server as Listening} from 'node:net';
import {type Log, reasonOf} from '@forgeone/core';
import type {KernelListener} from '@forgeone/sdk';
import type {Listeners, RuntimeTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** The ports that containers are reached at. */
export interface Ports {
	/**
	 * Listens at all of them or, where one fails, at none. What it gives can hand each over to a cell, and take it back. Throws
	 * FORGE_PORT_IN_USE, FORGE_LISTEN_FAILED.
	 */
	open(container: string, publish: readonly RuntimeTypes.Port[], serve: () => Server): Promise<readonly Port[]>;
	/** The same at ports that another generation of this plugin has open, which it may close from then on. */
	takeOver(container: string, theirs: readonly Port[], serve: () => Server): Promise<readonly Port[]>;
	/** Frees the ports at once; requests under way get a second, then their connections are destroyed. */
	close(container: string): Promise<void>;
	closeAll(): Promise<void>;
	/** Takes all back that cells have taken over. */
	reclaim(): Promise<void>;
	list(): Listeners.Listener[];
}

/** How long requests under way may take once their port is closed, in milliseconds. */
const GRACE = 1_000;

/** Listens at a place, and gives the one that it is. Throws FORGE_PORT_IN_USE, FORGE_LISTEN_FAILED. */
export async function listen(server: Server, {address, port}: RuntimeTypes.Port, shared: boolean): Promise<RuntimeTypes.Port> {
	try {
		await once(server.listen({host: address, port, reusePort: shared}), 'listening');
		// A server that listens at a host and a port has an address of this kind.
		const {address: actual, port: found} = server.address() as AddressInfo;
		return {address: actual, port: found};
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'EADDRINUSE') throw errors.FORGE_PORT_IN_USE({address, port}, {cause: error});
		throw errors.FORGE_LISTEN_FAILED({address, port, reason: reasonOf(error)}, {cause: error});
	}
}

/** Makes sure that nobody listens at a place, for who listens there beside others hears nothing of them. Throws FORGE_PORT_IN_USE. */
export async function claim(place: RuntimeTypes.Port, serve: () => Server): Promise<void> {
	if (place.port === 0) return;
	const probe = serve();
	await listen(probe, place, false);
	await shut(probe);
}

/**
 * Listens no more, and lets clients go as they are answered: whoever asks again over a connection that it has kept open is answered too. An
 * HTTP server of Node would close these at once, even as a request arrives.
 */
function fade(server: Server): void {
	Listening.prototype.close.call(server);
	// It looks after late connections until it is closed by its own means.
	server.once('close', () => server.close());
}

/** Listens no more; requests under way get a second, then their connections are destroyed. */
export async function shut(server: Server): Promise<void> {
	if (!server.listening) return server.closeAllConnections();
	const closed = once(server, 'close');
	const late = setTimeout(() => server.closeAllConnections(), GRACE);
	server.close();
	await closed;
	clearTimeout(late);
}

/** A port, whoever listens at it. */
export interface Port extends KernelListener {
	readonly at: RuntimeTypes.Port;
	/** What listens, or did until a cell took that over. */
	readonly server: Server;
	/** Takes it from the cell that has it, or is about to; undefined where none is. */
	readonly back: (() => Promise<void>) | undefined;
	end(): Promise<void>;
}

/** What holds for every port: whether it is kept from cells now. */
interface Keeping {
	kept(): boolean;
	readonly log: Log;
}

function portAt(at: RuntimeTypes.Port, first: Server, serve: () => Server, {kept, log}: Keeping, lent?: Port['back']): Port {
	let server = first;
	let back = lent;
	let over = false;
	let returning: Promise<void> | undefined;

	async function listenAgain(): Promise<void> {
		if (over || server.listening) return;
		const next = serve();
		try {
			await listen(next, at, true);
			server = next;
			if (over) await shut(next);
		} catch (error) {
			log.error({err: error, port: at.port}, 'could not listen again');
		}
	}

	return {
		at,
		get server() {
			return server;
		},
		get back() {
			return back;
		},
		lend(take) {
			if (kept()) return undefined;
			back = take;
			return server;
		},
		given() {
			fade(server);
		},
		returned() {
			back = undefined;
			returning ??= listenAgain().finally(() => {
				returning = undefined;
			});
			return returning;
		},
		async end() {
			over = true;
			await shut(server);
		},
	};
}

/**
 * Listens at a port in such a way that a cell and the daemon can, one after the other and for a moment both. A port at which anybody else
 * listens is in use nevertheless.
 */
async function openPort(wanted: RuntimeTypes.Port, serve: () => Server, keeping: Keeping): Promise<Port> {
	await claim(wanted, serve);
	const server = serve();
	return portAt(await listen(server, wanted, true), server, serve, keeping);
}

/** Listens where another one does, beside it; not where a cell does. */
async function takeOver({at, server: old, back}: Port, serve: () => Server, keeping: Keeping): Promise<Port> {
	const server = serve();
	if (old.listening) await listen(server, at, true);
	return portAt(at, server, serve, keeping, back);
}

/** Makes the ports of a kernel, none open yet. */
export function createPorts(keeping: Keeping): Ports {
	const ports = new Map<string, Port[]>();

	async function close(container: string): Promise<void> {
		const open = ports.get(container) ?? [];
		ports.delete(container);
		await Promise.all(open.map(port => port.end()));
	}

	async function openAll(container: string, opening: readonly (() => Promise<Port>)[]): Promise<readonly Port[]> {
		await close(container);
		const made: Port[] = [];
		ports.set(container, made);
		try {
			for (const open of opening) {
				const port = await open();
				made.push(port);
				// It was closed while it was opened: what has begun to listen since is not known to anybody else.
				if (ports.get(container) !== made) await port.end();
			}
		} catch (error) {
			if (ports.get(container) === made) ports.delete(container);
			await Promise.all(made.map(port => port.end()));
			throw error;
		}
		return made;
	}

	return {
		open: (container, publish, serve) =>
			openAll(
				container,
				publish.map(wanted => () => openPort(wanted, serve, keeping)),
			),
		takeOver: (container, theirs, serve) =>
			openAll(
				container,
				theirs.map(port => () => takeOver(port, serve, keeping)),
			),
		close,
		async closeAll() {
			await Promise.all([...ports.keys()].map(close));
		},
		async reclaim() {
			await Promise.all([...ports.values()].flat().map(port => port.back?.()));
		},
		list: () => [...ports].flatMap(([container, open]) => open.map(({at}) => ({container, ...at}))),
	};
}
