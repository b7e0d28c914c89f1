import {Bell, type Call, type InputStream, type OutputStream, Pollable} from '@forgeone/sdk/cell';
import {checkLocal, checkPeer, type IpAddressFamily, type IpSocketAddress, placeOf, socketAddress} from './addresses.ts';
import {type Answered, answered, ask, type Pending, type Place, pending} from './asking.ts';
import {Connection, type Peer, type ShutdownType} from './connection.ts';
import type {ErrorCode} from './errors.ts';
import {TcpOptions} from './options.ts';
import {slotIn, type World} from './world.ts';

/** A call that has been opened, and its answer. */
interface Asked<T> extends Pending<Answered<T>> {
	readonly call: Call;
}

type Bound = {readonly id: number; readonly local: Place};

type State =
	| {readonly is: 'unbound' | 'closed'}
	| {readonly is: 'binding'; readonly asked: Asked<Bound>}
	| {readonly is: 'bound'; readonly bound: Answered<Bound>}
	| {readonly is: 'connecting'; readonly bound: Answered<Bound> | undefined; readonly asked: Asked<Peer>}
	| {readonly is: 'connected'; readonly connection: Connection}
	| {readonly is: 'starting'; readonly bound: Answered<Bound>; readonly asked: Pending<unknown>}
	| {readonly is: 'listening'; readonly bound: Answered<Bound>; readonly asked: Asked<Peer>};

type In<S extends State['is']> = Extract<State, {readonly is: S}>;

/** How many connections wait where the guest does not say. */
const BACKLOG = 128n;

/** `wasi:sockets/tcp` `tcp-socket`. The kernel half makes what it stands for, and decides whether it may be. */
export class TcpSocket extends TcpOptions {
	readonly #world: World;
	readonly #family: IpAddressFamily;
	readonly #free: () => void;
	readonly #bell = new Bell();
	#state: State = {is: 'unbound'};
	#backlog = BACKLOG;

	/** Throws `new-socket-limit`. */
	constructor(world: World, family: IpAddressFamily) {
		super();
		this.#free = slotIn(world);
		this.#world = world;
		this.#family = family;
	}

	startBind(_network: unknown, address: IpSocketAddress): void {
		this.#expect('unbound');
		checkLocal(this.#family, address);
		this.#state = {is: 'binding', asked: this.#ask('tcp.bind', placeOf(address))};
	}

	finishBind(): void {
		const bound = this.#finish(this.#under('binding').asked, {is: 'unbound'});
		this.#state = {is: 'bound', bound};
	}

	startConnect(_network: unknown, address: IpSocketAddress): void {
		const state = this.#expect('unbound', 'bound');
		checkPeer(this.#family, address);
		const bound = state.is === 'bound' ? state.bound : undefined;
		const head = {...placeOf(address), from: bound?.said.id, ...this.options()};
		this.#state = {is: 'connecting', bound, asked: this.#ask('tcp.connect', head)};
	}

	finishConnect(): [InputStream, OutputStream] {
		const {bound, asked} = this.#under('connecting');
		if (asked.ready()) bound?.call.cancel('connected');
		const connection = new Connection(this.#finish(asked, {is: 'closed'}), this.#world);
		this.#state = {is: 'connected', connection};
		return connection.streams();
	}

	startListen(): void {
		const {bound} = this.#expect('bound');
		const head = {op: 'tcp.listen', id: bound.said.id, backlog: Number(this.#backlog)};
		this.#state = {is: 'starting', bound, asked: pending(ask(this.#world.call, head), this.#bell)};
	}

	finishListen(): void {
		const {bound, asked} = this.#under('starting');
		this.#finish(asked, {is: 'closed'}, bound);
		this.#state = {is: 'listening', bound, asked: this.#accepting(bound)};
	}

	accept(): [TcpSocket, InputStream, OutputStream] {
		const {bound, asked} = this.#expect('listening');
		if (!asked.ready()) throw 'would-block' satisfies ErrorCode;
		const socket = new TcpSocket(this.#world, this.#family);
		this.#state = {is: 'listening', bound, asked: this.#accepting(bound)};
		try {
			const connection = new Connection(asked.take(), this.#world);
			socket.inherit(this);
			socket.#state = {is: 'connected', connection};
			if (socket.keepAliveEnabled()) socket.changed();
			return [socket, ...connection.streams()];
		} catch (error) {
			socket.#free();
			throw error;
		}
	}

	localAddress(): IpSocketAddress {
		const state = this.#state;
		const local = state.is === 'connected' ? state.connection.peer.local : 'bound' in state ? state.bound?.said.local : undefined;
		return this.#addressOf(local);
	}

	remoteAddress(): IpSocketAddress {
		return this.#addressOf(this.#state.is === 'connected' ? this.#state.connection.peer.remote : undefined);
	}

	isListening(): boolean {
		return this.#state.is === 'listening';
	}

	addressFamily(): IpAddressFamily {
		return this.#family;
	}

	setListenBacklogSize(value: bigint): void {
		if (value === 0n) throw 'invalid-argument' satisfies ErrorCode;
		const {is} = this.#state;
		if (is === 'connecting' || is === 'connected') throw 'invalid-state' satisfies ErrorCode;
		if (is === 'listening') throw 'not-supported' satisfies ErrorCode;
		this.#backlog = value < BACKLOG ? value : BACKLOG;
	}

	subscribe(): Pollable {
		const ready = () => !('asked' in this.#state) || this.#state.asked.ready();
		return new Pollable({ready, watch: this.#bell.watch});
	}

	shutdown(type: ShutdownType): void {
		this.#expect('connected').connection.shutdown(type);
	}

	[Symbol.dispose](): void {
		const state = this.#state;
		this.#state = {is: 'closed'};
		if (state.is === 'connected') state.connection.release();
		if ('bound' in state) state.bound?.call.cancel('dropped');
		if ('asked' in state && 'call' in state.asked) state.asked.call.cancel('dropped');
		this.#free();
	}

	protected changed(): void {
		if (this.#state.is === 'connected') this.#state.connection.tell('tcp.options', this.options());
	}

	/** The state, where it is one of these; throws `concurrency-conflict` while something is under way, else `invalid-state`. */
	#expect<S extends State['is']>(...wanted: S[]): In<S> {
		const {is} = this.#state;
		if ((wanted as string[]).includes(is)) return this.#state as In<S>;
		const busy = is === 'binding' || is === 'connecting' || is === 'starting';
		throw (busy && !(wanted as string[]).includes('connected') ? 'concurrency-conflict' : 'invalid-state') satisfies ErrorCode;
	}

	#under<S extends State['is']>(wanted: S): In<S> {
		if (this.#state.is !== wanted) throw 'not-in-progress' satisfies ErrorCode;
		return this.#state as In<S>;
	}

	/** What has come; where it has failed, the socket is as `failed` says. */
	#finish<T>(asked: Pending<T>, failed: State, bound?: Answered<Bound>): T {
		try {
			return asked.take();
		} catch (error) {
			if (error === 'would-block') throw error;
			bound?.call.cancel('failed');
			this.#state = failed;
			throw error;
		}
	}

	#ask<T>(op: string, head: object): Asked<T> {
		const call = this.#world.call(JSON.stringify({op, ...head}));
		return {call, ...pending(answered<T>(call), this.#bell)};
	}

	#accepting({said: {id}}: Answered<Bound>): Asked<Peer> {
		return this.#ask('tcp.accept', {id});
	}

	#addressOf(place: Place | undefined): IpSocketAddress {
		if (!place) throw 'invalid-state' satisfies ErrorCode;
		return socketAddress(place);
	}
}
