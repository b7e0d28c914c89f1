import {once} from 'node:events';
import {type AddressInfo, createServer, isIP, type Server, type Socket} from 'node:net';
import type {Slots} from '../slots.ts';
import type {Place} from './places.ts';

/** A port that a guest has, and the connections that wait there. */
export interface Listening {
	readonly place: Place;
	/** Whether connections are taken. */
	readonly listens: boolean;
	/** Connections are refused until then; of those that come later, `backlog` may wait. */
	listen(backlog: number): void;
	/** The next connection, which nothing has been read of; undefined once `until` settles or it is closed. */
	next(until: Promise<unknown>): Promise<Socket | undefined>;
	/** Frees the port, and cuts what waits. */
	close(): Promise<void>;
}

/** The most connections that may wait at one port. */
const BACKLOG = 128;

async function open(server: Server, {address, port}: Place): Promise<Place> {
	await once(server.listen({host: address, port, ipv6Only: isIP(address) === 6}), 'listening');
	return server.address() as AddressInfo;
}

/** A port of the machine's choice that nobody has at this moment. It is not kept: nobody may connect to a port that was not published. */
export async function freePlace(place: Place): Promise<Place> {
	const server = createServer();
	const {address, port} = await open(server, place);
	await new Promise(closed => server.close(closed));
	return {address, port};
}

/** Takes a port. */
export async function createListening(wanted: Place, slots: Slots): Promise<Listening> {
	const server = createServer({allowHalfOpen: true, pauseOnConnect: true});
	const waiting: Socket[] = [];
	const takers: ((socket: Socket | undefined) => void)[] = [];
	let most = 0;

	function arrive(socket: Socket): void {
		const free = waiting.length < most ? slots.take() : undefined;
		if (!free) return void socket.resetAndDestroy();
		socket.on('error', () => undefined).once('close', free);
		const taker = takers.shift();
		if (taker) taker(socket);
		else waiting.push(socket);
	}

	server.on('connection', arrive);
	const {address, port} = await open(server, wanted);
	return {
		place: {address, port},
		get listens() {
			return most > 0 && server.listening;
		},
		listen(backlog) {
			most = Math.min(backlog, BACKLOG);
		},
		async next(until) {
			const first = waiting.shift();
			if (first || !server.listening) return first;
			const {promise, resolve} = Promise.withResolvers<Socket | undefined>();
			takers.push(resolve);
			until.then(() => {
				const at = takers.indexOf(resolve);
				if (at >= 0) takers.splice(at, 1);
				resolve(undefined);
			});
			return promise;
		},
		async close() {
			for (const socket of waiting.splice(0)) socket.destroy();
			for (const taker of takers.splice(0)) taker(undefined);
			await new Promise(closed => server.close(closed));
		},
	};
}
