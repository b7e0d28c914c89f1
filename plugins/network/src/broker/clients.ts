import {isIP} from 'node:net';
import type {buildConnector, Pool} from 'undici';
import {canonicalHost} from '../egress.ts';
import type {Destination} from './destinations.ts';
import {Failure} from './failures.ts';

/** The connections of one container to HTTP servers. */
export interface Clients {
	/** One that connects to this very address, whatever the name leads to by then; its connection may have been used before. */
	at(to: Destination, address: string, timeout: number): Promise<Pool>;
	close(): void;
}

/** The most clients that are kept, and how long a connection is kept that nobody uses, in milliseconds. */
const KEPT = 32;
const IDLE = 4_000;

/** The most connections to one server at one address. */
const OPEN = 64;

/** The largest head of a response, in bytes. */
const HEAD = 64 * 1024;

type Connector = ReturnType<typeof buildConnector>;

/** Connects to an address, and makes sure of it afterwards. */
function pinned(connect: Connector, host: string, address: string): Connector {
	return (options, done) =>
		connect({...options, hostname: address, host: address, servername: isIP(host) ? '' : host}, (error, socket) => {
			if (error) return done(error, null);
			if (canonicalHost(socket.remoteAddress ?? '') === canonicalHost(address)) return done(null, socket);
			socket.destroy();
			done(new Failure('HTTP-request-denied'), null);
		});
}

/** Makes the clients of a container. Each is for one host at one address that was checked, and for nothing else. */
export function createClients(): Clients {
	const clients = new Map<string, Pool>();

	return {
		async at({secure, host, port}, address, timeout) {
			// Loaded when it is needed, for most processes never do.
			const {Pool, buildConnector} = await import('undici');
			const key = `${secure} ${host} ${port} ${address} ${timeout}`;
			const known = clients.get(key);
			clients.delete(key);
			const origin = `${secure ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
			const connect = pinned(buildConnector({timeout, allowH2: false}), host, address);
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
		close() {
			for (const client of clients.values()) void client.destroy();
			clients.clear();
		},
	};
}
