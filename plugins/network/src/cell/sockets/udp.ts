import {Bell, type Call, Pollable} from '@forgeone/sdk/cell';
import {suspending} from '@forgeone/wasm';
import {checkLocal, checkRemote, type IpAddressFamily, type IpSocketAddress, placeOf, socketAddress} from './addresses.ts';
import {type Answered, answered, ask, type Pending, type Place, pending} from './asking.ts';
import {IncomingDatagramStream, OutgoingDatagramStream} from './datagram-streams.ts';
import type {ErrorCode} from './errors.ts';
import {Exchange} from './exchange.ts';
import {bufferSize, hops} from './options.ts';
import {slotIn, type World} from './world.ts';

type Told = {readonly id: number; readonly local: Place};

type State =
	| {readonly is: 'unbound'}
	| {readonly is: 'binding'; readonly call: Call; readonly asked: Pending<Answered<Told>>}
	| {readonly is: 'bound'; readonly id: number; local: Place; readonly exchange: Exchange};

const usual = {hopLimit: 64, receiveBuffer: 212_992n, sendBuffer: 212_992n};

/** `wasi:sockets/udp` `udp-socket`. The kernel half makes what it stands for, and decides whether it may be. */
export class UdpSocket {
	static {
		suspending(UdpSocket.prototype.stream);
	}

	readonly #world: World;
	readonly #family: IpAddressFamily;
	readonly #free: () => void;
	readonly #bell = new Bell();
	#state: State = {is: 'unbound'};
	#options = usual;

	/** Throws `new-socket-limit`. */
	constructor(world: World, family: IpAddressFamily) {
		this.#free = slotIn(world);
		this.#world = world;
		this.#family = family;
	}

	startBind(_network: unknown, address: IpSocketAddress): void {
		const {is} = this.#state;
		if (is !== 'unbound') throw (is === 'binding' ? 'concurrency-conflict' : 'invalid-state') satisfies ErrorCode;
		checkLocal(this.#family, address);
		const call = this.#world.call(JSON.stringify({op: 'udp.bind', ...placeOf(address), ...this.#told()}));
		this.#state = {is: 'binding', call, asked: pending(answered<Told>(call), this.#bell)};
	}

	finishBind(): void {
		const state = this.#state;
		if (state.is !== 'binding') throw 'not-in-progress' satisfies ErrorCode;
		try {
			const {call, said} = state.asked.take();
			const exchange = new Exchange(call, this.#world);
			exchange.hold();
			this.#state = {is: 'bound', ...said, exchange};
		} catch (error) {
			if (error !== 'would-block') this.#state = {is: 'unbound'};
			throw error;
		}
	}

	/** Traps where the streams of before are not dropped, which would be of no use any more. */
	async stream(remote: IpSocketAddress | undefined): Promise<[IncomingDatagramStream, OutgoingDatagramStream]> {
		const state = this.#bound();
		const {id, exchange} = state;
		if (exchange.streaming) throw new Error('the streams of a socket are to be dropped before it gives others');
		if (remote) checkRemote(this.#family, remote);
		const peer = remote && placeOf(remote);
		if (peer || exchange.peer) state.local = await ask<Place>(this.#world.call, {op: 'udp.connect', id, ...peer});
		exchange.tie(peer);
		return [new IncomingDatagramStream(exchange), new OutgoingDatagramStream(exchange, this.#family)];
	}

	localAddress(): IpSocketAddress {
		return socketAddress(this.#bound().local);
	}

	remoteAddress(): IpSocketAddress {
		const {peer} = this.#bound().exchange;
		if (!peer) throw 'invalid-state' satisfies ErrorCode;
		return socketAddress(peer);
	}

	addressFamily(): IpAddressFamily {
		return this.#family;
	}

	unicastHopLimit(): number {
		return this.#options.hopLimit;
	}

	setUnicastHopLimit(value: number): void {
		this.#set({hopLimit: hops(value)});
	}

	receiveBufferSize(): bigint {
		return this.#options.receiveBuffer;
	}

	setReceiveBufferSize(value: bigint): void {
		this.#set({receiveBuffer: bufferSize(value)});
	}

	sendBufferSize(): bigint {
		return this.#options.sendBuffer;
	}

	setSendBufferSize(value: bigint): void {
		this.#set({sendBuffer: bufferSize(value)});
	}

	subscribe(): Pollable {
		const ready = () => this.#state.is !== 'binding' || this.#state.asked.ready();
		return new Pollable({ready, watch: this.#bell.watch});
	}

	[Symbol.dispose](): void {
		const state = this.#state;
		if (state.is === 'binding') state.call.cancel('dropped');
		if (state.is === 'bound') state.exchange.release();
		this.#free();
	}

	#bound(): Extract<State, {readonly is: 'bound'}> {
		if (this.#state.is !== 'bound') throw 'invalid-state' satisfies ErrorCode;
		return this.#state;
	}

	#told(): object {
		const {hopLimit, receiveBuffer, sendBuffer} = this.#options;
		return {hopLimit, receiveBuffer: Number(receiveBuffer), sendBuffer: Number(sendBuffer)};
	}

	#set(change: Partial<typeof usual>): void {
		this.#options = {...this.#options, ...change};
		if (this.#state.is !== 'bound') return;
		ask(this.#world.call, {op: 'udp.options', id: this.#state.id, ...this.#told()}).catch(() => undefined);
	}
}
