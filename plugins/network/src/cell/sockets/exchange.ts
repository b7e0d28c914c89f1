import {type Call, IoError, type Readiness} from '@forgeone/sdk/cell';
import {createDecoder, type Datagram, encode, LARGEST} from '../../datagrams.ts';
import {ask, type Place} from './asking.ts';
import {codeOf, type ErrorCode, networkErrorCode} from './errors.ts';
import type {World} from './world.ts';

/** How many datagrams one call sends or receives at most. */
const MOST = 32;

/** Of how many places it is remembered that they may be sent to. */
const ALLOWED = 256;

const keyOf = ({address, port}: Place): string => `${address} ${port}`;

/** The datagrams of a bound socket, in both directions, and the peer that it is tied to. It is closed once nobody holds it. */
export class Exchange {
	readonly #call: Call;
	readonly #world: World;
	readonly #decode = createDecoder();
	readonly #allowed = new Set<string>();
	#queue: Datagram[] = [];
	#error: ErrorCode | undefined;
	#peer: Place | undefined;
	#holders = 0;

	constructor(call: Call, world: World) {
		this.#call = call;
		this.#world = world;
	}

	/** A datagram for the guest is there, or an error. */
	readonly incoming: Readiness = {ready: () => this.#fill(), watch: wake => this.#call.incoming.watch(wake)};

	/** There is room for a datagram, or an error. */
	readonly outgoing: Readiness = {
		ready: () => this.room() > 0 || this.#error !== undefined,
		watch: wake => {
			const ends = [this.#call.incoming.watch(wake), this.#call.outgoing.watch(wake)];
			return () => {
				for (const end of ends) end();
			};
		},
	};

	get peer(): Place | undefined {
		return this.#peer;
	}

	/** Whether anything but the socket itself holds it. */
	get streaming(): boolean {
		return this.#holders > 1;
	}

	/** Ties it to one peer or to none; what others have sent is lost. */
	tie(peer: Place | undefined): void {
		this.#peer = peer;
		if (!peer) return;
		this.#allowed.add(keyOf(peer));
		this.#queue = this.#queue.filter(datagram => keyOf(datagram) === keyOf(peer));
	}

	hold(): void {
		this.#holders++;
	}

	/** What was sent before still goes. */
	release(): void {
		this.#holders--;
		if (this.#holders === 0) this.#call.outgoing.end();
	}

	/** How many datagrams may be sent now, of any size. Throws what became of earlier ones. */
	permits(): number {
		this.#fill();
		this.#throwOnce();
		return this.room();
	}

	room(): number {
		return (this.#call.outgoing.room() ?? 0) >= LARGEST ? MOST : 0;
	}

	/** What has come, `most` at most. Throws what became of earlier ones that were sent. */
	receive(most: number): readonly Datagram[] {
		const found: Datagram[] = [];
		while (found.length < Math.min(most, MOST) && this.#fill()) {
			const next = this.#queue.shift();
			if (!next) break;
			this.#world.usage.read += next.data.length;
			found.push(next);
		}
		if (found.length === 0 && most > 0) this.#throwOnce();
		return found;
	}

	/** Whether this may be sent to, as far as is known here; the kernel half checks each datagram itself. */
	allows(place: Place): boolean {
		return this.#allowed.has(keyOf(place));
	}

	/** Asks whether this may be sent to. Rejects with an `error-code`. */
	async askFor({address, port}: Place): Promise<void> {
		await ask(this.#world.call, {op: 'udp.check', address, port});
		if (this.#allowed.size >= ALLOWED) this.#allowed.clear();
		this.#allowed.add(keyOf({address, port}));
	}

	/** False where there is no room. */
	send(datagram: Datagram): boolean {
		const bytes = encode(datagram);
		if (bytes.length > (this.#call.outgoing.room() ?? 0)) return false;
		this.#call.outgoing.write(bytes);
		this.#world.usage.written += datagram.data.length;
		return true;
	}

	#throwOnce(): void {
		const error = this.#error;
		this.#error = undefined;
		if (error !== undefined) throw error;
	}

	/** Whether there is anything for the guest; where there was nothing, takes what has come. */
	#fill(): boolean {
		while (this.#queue.length === 0 && this.#error === undefined) {
			const bytes = this.#read();
			if (bytes?.length === 0) return false;
			if (bytes) this.#sort(this.#decode(bytes));
		}
		return true;
	}

	#read(): Uint8Array | undefined {
		try {
			const bytes = this.#call.incoming.read(LARGEST);
			if (!bytes) this.#error = 'unknown';
			return bytes;
		} catch (error) {
			if (!(error instanceof IoError)) throw error;
			this.#error = networkErrorCode(error) ?? 'unknown';
			return undefined;
		}
	}

	#sort(datagrams: readonly Datagram[]): void {
		for (const datagram of datagrams) {
			if (datagram.port === 0) this.#error = codeOf(datagram.address);
			else if (!this.#peer || keyOf(datagram) === keyOf(this.#peer)) this.#queue.push(datagram);
		}
	}
}
