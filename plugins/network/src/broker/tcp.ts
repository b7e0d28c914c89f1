import {connect, type Socket} from 'node:net';
import type {KernelCall} from '@forgeone/sdk';
import {hostPort} from '../egress.ts';
import type {Slots} from '../slots.ts';
import {answer, reply, SocketError, takeSlot} from './answers.ts';
import {type Carried, carry} from './carrying.ts';
import type {Head, Party, Service} from './index.ts';
import {createListening, freePlace, type Listening} from './listening.ts';
import type {Names} from './names.ts';
import {checkSource, type Place, placeFrom, placeOf, publishedPlace} from './places.ts';

/** A place that a guest has bound to: one that others reach, or one to connect from. */
type Bound = {readonly place: Place; readonly listening?: Listening};

type Connection = {readonly socket: Socket; readonly carried: Carried};

/** `wasi:sockets` TCP for one container. */
export interface Tcp extends Service {
	/** Where the guest listens. */
	listening(): Place[];
}

interface KeepAlive {
	readonly enabled: boolean;
	/** Seconds. */
	readonly idle: number;
	readonly interval: number;
	readonly count: number;
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 32_767;

/** Sets what Node can set of a socket's options; the head may be of any shape. */
function keepAlive(socket: Socket, {keepAlive}: Head): void {
	const {enabled, idle, interval, count} = Object(keepAlive) as Partial<KeepAlive>;
	if (typeof enabled !== 'boolean' || ![idle, interval, count].every(isCount)) return;
	socket.setKeepAlive({enable: enabled, initialDelay: Number(idle) * 1000, interval: Number(interval) * 1000, count: Number(count)});
}

function begin({address, port}: Place, from: Place | undefined): Socket {
	const local = from && {localAddress: from.address, localPort: from.port};
	return connect({host: address, port, allowHalfOpen: true, noDelay: true, ...local});
}

/** Settles once it is connected, within `limit` milliseconds and as long as the call lives. Throws what Node throws, or a SocketError. */
async function connected(call: KernelCall, socket: Socket, limit: number): Promise<void> {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	const late = setTimeout(() => socket.destroy(new SocketError('timeout')), limit);
	socket.once('connect', resolve);
	// It stays: an error that nobody listens for would end the kernel.
	socket.on('error', reject);
	socket.once('close', () => reject(new SocketError('connection-aborted')));
	Promise.resolve(call.cancelled()).then(() => socket.connecting && socket.destroy());
	return promise.finally(() => clearTimeout(late));
}

/** Serves TCP to one container. A connection may take `limit` milliseconds to be made. */
export function createTcp(party: Party, names: Names, slots: Slots, limit: number): Tcp {
	const bound = new Map<unknown, Bound>();
	const open = new Map<unknown, Connection>();
	const dialling = new Set<Socket>();
	let last = 0;
	let over = false;

	/** Answers with the connection, and carries it until it is closed. */
	async function run(call: KernelCall, socket: Socket): Promise<void> {
		const id = ++last;
		const {localAddress, localPort, remoteAddress, remotePort} = socket;
		const told = {id, local: placeFrom(localAddress, localPort), remote: placeFrom(remoteAddress, remotePort)};
		try {
			await answer(call, () => told);
			if (socket.destroyed) throw new SocketError('connection-reset');
			const carried = carry(socket, call);
			open.set(id, {socket, carried});
			if (over) carried.drop();
			await carried.closed;
		} finally {
			open.delete(id);
			socket.destroy();
		}
	}

	async function dial(call: KernelCall, head: Head): Promise<Socket> {
		const to = placeOf(head);
		names.check('tcp', to.address, to.port);
		const from = bound.get(head.from);
		if (head.from !== undefined && !from) throw new SocketError('invalid-state');
		await from?.listening?.close();
		const free = takeSlot(slots);
		const socket = begin(to, from?.place);
		dialling.add(socket.once('close', free));
		await connected(call, socket, limit).finally(() => dialling.delete(socket));
		keepAlive(socket, head);
		return socket;
	}

	async function connecting(call: KernelCall, head: Head): Promise<void> {
		let socket: Socket | undefined;
		try {
			socket = await dial(call, head);
		} catch (error) {
			return reply(call, () => Promise.reject(error));
		}
		await run(call, socket);
	}

	async function bind(place: Place): Promise<Bound> {
		const published = publishedPlace(party, place, 'tcp');
		if (!published) {
			checkSource(party, 'tcp', place);
			return {place: await freePlace(place)};
		}
		const listening = await createListening(published, slots);
		return {place: listening.place, listening};
	}

	/** Binds for as long as the call lives. */
	async function binding(call: KernelCall, head: Head): Promise<void> {
		const id = ++last;
		let free: (() => void) | undefined;
		const good = await answer(call, async () => {
			const place = placeOf(head);
			free = takeSlot(slots);
			const made = await bind(place);
			bound.set(id, made);
			return {id, local: made.place};
		});
		if (good && !over) await call.cancelled();
		await bound.get(id)?.listening?.close();
		bound.delete(id);
		free?.();
	}

	function listeningOf(id: unknown): Listening {
		const found = bound.get(id);
		if (!found) throw new SocketError('invalid-state');
		if (found.listening) return found.listening;
		const place = hostPort(found.place.address, found.place.port);
		party.refused(`tcp listen ${place}`, `--publish ${place}`);
		throw new SocketError('access-denied');
	}

	async function accept(call: KernelCall, {id}: Head): Promise<void> {
		const socket = await bound.get(id)?.listening?.next(Promise.resolve(call.cancelled()));
		if (!socket) return reply(call, () => Promise.reject(new SocketError('invalid-state')));
		await run(call, socket);
	}

	function close(): void {
		over = true;
		for (const {listening} of bound.values()) void listening?.close();
		// What a guest has written before its end still goes, as it does where a program ends.
		for (const {carried} of open.values()) carried.drop();
		for (const socket of dialling) socket.destroy();
	}

	return {
		listening: () => [...bound.values()].filter(({listening}) => listening?.listens).map(({place}) => place),
		operations: {
			'tcp.bind': binding,
			'tcp.connect': connecting,
			'tcp.listen': (call, {id, backlog}) => reply(call, () => listeningOf(id).listen(isCount(backlog) ? backlog : 1)),
			'tcp.accept': accept,
			'tcp.options': (call, head) => {
				const found = open.get(head.id);
				if (found) keepAlive(found.socket, head);
				return reply(call, () => undefined);
			},
			'tcp.drop': (call, {id}) => {
				open.get(id)?.carried.drop();
				return reply(call, () => undefined);
			},
		},
		close,
	};
}
