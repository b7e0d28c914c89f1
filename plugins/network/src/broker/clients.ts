import {isIP, type Socket} from 'node:net';
import type {buildConnector, Pool} from 'undici';
import {canonicalHost} from '../egress.ts';
import type {Destination} from './destinations.ts';
import {Failure} from './failures.ts';

/** The connections of one container to HTTP servers. */
export interface Clients {
	/** One that connects to this very address, whatever the name leads to by then; its connection may have been used before. */
	at(to: Destination, address: string, timeout: number): Promise<Pool>;
	/** A connection to this very address that nobody else uses. */
	connect(to: Destination, address: string, timeout: number): Promise<Socket>;
	close(): void;
}

/** The most clients that are kept, and how long a connection is kept that nobody uses, in milliseconds. */
const KEPT = 32;
const IDLE = 4_000;

/** The most connections to one server at one address. */
const OPEN = 64;

/** The largest head of a response, in bytes. */
export const HEAD = 64 * 1024;

type Connector = ReturnType<typeof buildConnector>;

/** Connects to an address, and makes sure of it afterwards. */
async function connectorOf({host}: Destination, address: string, timeout: number): Promise<Connector> {
	// Loaded when it is needed, for most processes never do.
	const {buildConnector} = await import('undici');
	const connect = buildConnector({timeout, allowH2: false});
	return (options, done) =>
		connect({...options, hostname: address, host: address, servername: isIP(host) ? '' : host}, (error, socket) => {
			if (error) return done(error, null);
			if (canonicalHost(socket.remoteAddress ?? '') === canonicalHost(address)) return done(null, socket);
			socket.destroy();
			done(new Failure('HTTP-request-denied'), null);
		});
}

/** The origin of a destination: what is said to it as its host is there, too. */
export const originOf = ({secure, host, port}: Destination): URL =>
	new URL(`${secure ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`);

/** Makes the clients of a container. Each is for one host at one address that was checked, and for nothing else. */
export function createClients(): Clients {
	const clients = new Map<string, Pool>();
	const sockets = new Set<Socket>();

	return {
		async at(to, address, timeout) {
			const {Pool} = await import('undici');
			const origin = originOf(to);
			const key = `${origin} ${address} ${timeout}`;
			const known = clients.get(key);
			clients.delete(key);
			const connect = await connectorOf(to, address, timeout);
			const client =
				known && !known.destroyed ? known : new Pool(origin, {connect, connections: OPEN, keepAliveTimeout: IDLE, maxHeaderSize: HEAD});
			clients.set(key, client);
			const [oldest] = clients.keys();
			if (clients.size > KEPT && oldest !== undefined) {
				// Ends once what it is doing is done.
				void clients.get(oldest)?.close();
				clients.delete(oldest);
			}
			return client;
		},
		async connect(to, address, timeout) {
			const connect = await connectorOf(to, address, timeout);
			const {protocol, hostname, port} = originOf(to);
			const socket = await new Promise<Socket>((resolve, reject) =>
				connect({protocol, hostname, port}, (error, socket) => (error ? reject(error) : resolve(socket))),
			);
			sockets.add(socket.once('close', () => sockets.delete(socket)));
			return socket;
		},
		close() {
			for (const client of clients.values()) void client.destroy();
			clients.clear();
			for (const socket of sockets) socket.destroy();
		},
	};
}
