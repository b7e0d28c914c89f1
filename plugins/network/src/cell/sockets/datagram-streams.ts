import {Pollable} from '@forgeone/sdk/cell';
import {suspending} from '@forgeone/wasm';
import {checkRemote, type IpAddressFamily, type IpSocketAddress, placeOf, socketAddress} from './addresses.ts';
import type {Place} from './asking.ts';
import type {ErrorCode} from './errors.ts';
import type {Exchange} from './exchange.ts';

export interface IncomingDatagram {
	readonly data: Uint8Array;
	readonly remoteAddress: IpSocketAddress;
}

export interface OutgoingDatagram {
	readonly data: Uint8Array;
	readonly remoteAddress?: IpSocketAddress | undefined;
}

/** The largest datagram that fits into a packet. */
const largest = {ipv4: 65_507, ipv6: 65_527};

/** How far a list of datagrams has got, and whom must be asked for before it goes on. */
type Progress = {readonly at: number; readonly asking?: Place};

/** `wasi:sockets/udp` `incoming-datagram-stream`. */
export class IncomingDatagramStream {
	readonly #exchange: Exchange;

	constructor(exchange: Exchange) {
		this.#exchange = exchange;
		exchange.hold();
	}

	receive(most: bigint): IncomingDatagram[] {
		const datagrams = this.#exchange.receive(Number(most));
		return datagrams.map(({address, port, data}) => ({data, remoteAddress: socketAddress({address, port})}));
	}

	subscribe(): Pollable {
		return new Pollable(this.#exchange.incoming);
	}

	[Symbol.dispose](): void {
		this.#exchange.release();
	}
}

/** `wasi:sockets/udp` `outgoing-datagram-stream`. */
export class OutgoingDatagramStream {
	static {
		suspending(OutgoingDatagramStream.prototype.send);
	}

	readonly #exchange: Exchange;
	readonly #family: IpAddressFamily;
	#permitted = 0;

	constructor(exchange: Exchange, family: IpAddressFamily) {
		this.#exchange = exchange;
		this.#family = family;
		exchange.hold();
	}

	checkSend(): bigint {
		this.#permitted = this.#exchange.permits();
		return BigInt(this.#permitted);
	}

	/** Traps where there are more of them than `checkSend` permitted, as WASI says. Waits where a place is sent to for the first time. */
	send(datagrams: readonly OutgoingDatagram[]): bigint | Promise<bigint> {
		const {length} = datagrams;
		if (length > this.#permitted) throw new Error(`a send of ${length} datagrams where ${this.#permitted} are permitted`);
		this.#permitted -= length;
		const progress = this.#advance(datagrams, 0);
		return progress.asking ? this.#ask(datagrams, progress) : BigInt(progress.at);
	}

	subscribe(): Pollable {
		return new Pollable(this.#exchange.outgoing);
	}

	[Symbol.dispose](): void {
		this.#exchange.release();
	}

	async #ask(datagrams: readonly OutgoingDatagram[], {at, asking}: Progress): Promise<bigint> {
		try {
			while (asking) {
				await this.#exchange.askFor(asking);
				({at, asking} = this.#advance(datagrams, at));
			}
		} catch (error) {
			// What has been sent before counts, and the next call meets with the same.
			if (at === 0) throw error;
		}
		return BigInt(at);
	}

	/** Sends from `at` on, until there is no room, one is wrong, or it must be asked whether one may be sent. */
	#advance(datagrams: readonly OutgoingDatagram[], at: number): Progress {
		for (const {data, remoteAddress} of datagrams.slice(at)) {
			try {
				const place = this.#placeOf(remoteAddress);
				if (data.length > largest[this.#family]) throw 'datagram-too-large' satisfies ErrorCode;
				if (!this.#exchange.allows(place)) return {at, asking: place};
				if (!this.#exchange.send({...place, data})) break;
			} catch (error) {
				if (at === 0) throw error;
				break;
			}
			at++;
		}
		return {at};
	}

	/** Where a datagram goes. Throws `invalid-argument`. */
	#placeOf(remote: IpSocketAddress | undefined): Place {
		const {peer} = this.#exchange;
		if (!remote && peer) return peer;
		if (!remote) throw 'invalid-argument' satisfies ErrorCode;
		checkRemote(this.#family, remote);
		const place = placeOf(remote);
		if (peer && (peer.address !== place.address || peer.port !== place.port)) throw 'invalid-argument' satisfies ErrorCode;
		return place;
	}
}
