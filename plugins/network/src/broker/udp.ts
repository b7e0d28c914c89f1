import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import {isIP} from 'node:net';
import type {KernelCall} from '@forgeone/sdk';
import {createDecoder, type Datagram, encode} from '../datagrams.ts';
import type {Slots} from '../slots.ts';
import {answer, codeOf, reply, SocketError, takeSlot} from './answers.ts';
import {createHeard, type Heard, keyOf} from './heard.ts';
import type {Head, Party, Service} from './index.ts';
import type {Names} from './names.ts';
import {checkSource, type Place, placeFrom, placeOf, publishedPlace} from './places.ts';

interface Open {
	readonly socket: Socket;
	peer: Place | undefined;
	/** Where it is published: those that it has heard, whom it may answer. */
	readonly heard: Heard | undefined;
}

/** How many datagrams may wait for a guest; more are lost, as datagrams may be. */
const WAITING = 64;

/** For how long an address is not checked again, in milliseconds, and of how many that is remembered. */
const KNOWN = 1_000;
const MOST = 256;

const nothing = new Uint8Array();

/** Whether an address may be reached, asked once a second for each. */
function remembering(names: Names): (place: Place) => boolean {
	const known = new Map<string, {reached: boolean; until: number}>();
	return place => {
		const key = keyOf(place);
		const found = known.get(key);
		if (found && performance.now() < found.until) return found.reached;
		if (known.size >= MOST) known.clear();
		const reached = names.reaches(place.address, place.port);
		known.set(key, {reached, until: performance.now() + KNOWN});
		return reached;
	};
}

/** What Node's call gives to its callback. */
function done(call: (settle: (error?: Error | null) => void) => void): Promise<void> {
	return new Promise((resolve, reject) => call(error => (error ? reject(error) : resolve())));
}

/** Sets what Node can set; the head may be of any shape. */
function setOptions(socket: Socket, {hopLimit, receiveBuffer, sendBuffer}: Head): void {
	const size = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) <= 1 << 24;
	if (size(hopLimit) && hopLimit <= 255) socket.setTTL(hopLimit);
	if (size(receiveBuffer)) socket.setRecvBufferSize(receiveBuffer);
	if (size(sendBuffer)) socket.setSendBufferSize(sendBuffer);
}

/** Serves UDP to one container. */
export function createUdp(party: Party, names: Names, slots: Slots): Service & {listening(): (Place & {protocol: 'udp'})[]} {
	const open = new Map<unknown, Open>();
	const reached = remembering(names);
	let last = 0;
	let over = false;

	/** From the network to the guest: all that comes where it is published, else what comes from where it may send to. */
	function receive({socket, heard}: Open, call: KernelCall): void {
		const waiting: Datagram[] = [];
		let passing = false;

		/** One after the other, for what is written at the same time may go in pieces. */
		async function pass(datagram: Datagram): Promise<void> {
			if (waiting.length < WAITING) waiting.push(datagram);
			if (passing) return;
			passing = true;
			for (let next = waiting.shift(); next; next = waiting.shift()) await call.write(encode(next));
			passing = false;
		}

		// Where the guest has dropped the socket, nobody listens any more.
		const tell = (datagram: Datagram) => void pass(datagram).catch(() => undefined);
		socket.on('message', (data, {address, port}) => {
			heard?.add({address, port});
			if (heard || reached({address, port})) tell({address, port, data});
		});
		socket.on('error', error => tell({address: codeOf(error), port: 0, data: nothing}));
	}

	async function sendOne({socket, peer, heard}: Open, {address, port, data}: Datagram): Promise<void> {
		// It was checked when the guest first sent there; the name may have gone since, or the cell may be no honest one.
		if (!heard?.has({address, port}) && !reached({address, port})) return;
		if (peer) await done(settle => socket.send(data, settle));
		else await done(settle => socket.send(data, port, address, settle));
	}

	/** From the guest to the network, until the guest has dropped the socket. */
	async function send(one: Open, call: KernelCall): Promise<void> {
		const decode = createDecoder();
		for (let bytes = await call.read(); bytes !== undefined; bytes = await call.read()) {
			for (const datagram of decode(bytes)) {
				const {peer} = one;
				if (!isIP(datagram.address) || (peer && (peer.address !== datagram.address || peer.port !== datagram.port))) continue;
				await sendOne(one, datagram).catch(error => one.socket.emit('error', error));
			}
		}
	}

	async function bind(place: Place, head: Head): Promise<Socket> {
		const six = isIP(place.address) === 6;
		const socket = createSocket({type: six ? 'udp6' : 'udp4', ipv6Only: six});
		try {
			await once(socket.bind({address: place.address, port: place.port, exclusive: true}), 'listening');
			setOptions(socket, head);
			// An error that nobody listens for would end the kernel.
			return socket.on('error', () => undefined);
		} catch (error) {
			socket.close();
			throw error;
		}
	}

	/** Binds, and carries datagrams for as long as the call lives. */
	async function binding(call: KernelCall, head: Head): Promise<void> {
		const id = ++last;
		let free: (() => void) | undefined;
		await answer(call, async () => {
			free = takeSlot(slots);
			const asked = placeOf(head);
			const published = publishedPlace(party, asked, 'udp');
			if (!published) checkSource(party, 'udp', asked);
			const socket = await bind(published ?? asked, head);
			open.set(id, {socket, peer: undefined, heard: published && createHeard()});
			return {id, local: placeFrom(socket.address().address, socket.address().port)};
		});
		const one = open.get(id);
		if (one && !over) {
			receive(one, call);
			await send(one, call).catch(() => undefined);
			await call.cancel('closed');
		}
		if (open.delete(id)) one?.socket.close();
		free?.();
	}

	/** Throws `access-denied` for whom nothing lets it send to, and nobody has heard. */
	function check(place: Place): void {
		if ([...open.values()].some(({heard}) => heard?.has(place))) return;
		names.check('udp', place.address, place.port);
	}

	function openOf(id: unknown): Open {
		const found = open.get(id);
		if (!found) throw new SocketError('invalid-state');
		return found;
	}

	/** Ties a socket to one peer, or to none. */
	async function tie({id, address, port}: Head): Promise<Place | undefined> {
		const one = openOf(id);
		const peer = address === undefined ? undefined : placeOf({address, port});
		if (peer && !one.heard?.has(peer)) names.check('udp', peer.address, peer.port);
		if (one.peer) one.socket.disconnect();
		one.peer = undefined;
		if (peer) await done(settle => one.socket.connect(peer.port, peer.address, settle as () => void));
		one.peer = peer;
		const {address: local, port: from} = one.socket.address();
		return placeFrom(local, from);
	}

	return {
		listening: () =>
			[...open.values()].flatMap(({socket, heard}) => {
				const {address, port} = socket.address();
				return heard ? [{address, port, protocol: 'udp'}] : [];
			}),
		operations: {
			'udp.bind': binding,
			'udp.connect': (call, head) => reply(call, () => tie(head)),
			'udp.check': (call, head) => reply(call, () => check(placeOf(head))),
			'udp.options': (call, head) => reply(call, () => setOptions(openOf(head.id).socket, head)),
		},
		close() {
			over = true;
			for (const {socket} of open.values()) socket.close();
			// Their calls end after this, and a socket that is closed twice throws.
			open.clear();
		},
	};
}
