import {Bell, InputStream, OutputStream} from '@forgeone/sdk/cell';
import {type Answered, ask, type Place} from './asking.ts';
import type {World} from './world.ts';

/** A connection, as the kernel half tells of it. */
export interface Peer {
	readonly id: number;
	readonly local?: Place;
	readonly remote?: Place;
}

export type ShutdownType = 'receive' | 'send' | 'both';

/** A connection and its streams: once both of them and the socket are dropped, it is closed. */
export class Connection {
	readonly peer: Peer;
	readonly #call: Answered<Peer>['call'];
	readonly #world: World;
	readonly #bell = new Bell();
	#receiving = true;
	#sending = true;
	#holders = 3;

	constructor({call, said}: Answered<Peer>, world: World) {
		this.peer = said;
		this.#call = call;
		this.#world = world;
	}

	/** Both streams; to be called once. */
	streams(): [InputStream, OutputStream] {
		const {usage} = this.#world;
		const {incoming, outgoing} = this.#call;
		const watching = (side: {watch(wake: () => void): () => void}) => (wake: () => void) => {
			const ends = [this.#bell.watch(wake), side.watch(wake)];
			return () => {
				for (const end of ends) end();
			};
		};
		const close = () => this.release();
		const input = new InputStream({
			ready: () => !this.#receiving || incoming.ready(),
			watch: watching(incoming),
			read: most => {
				const bytes = this.#receiving ? incoming.read(most) : undefined;
				usage.read += bytes?.length ?? 0;
				return bytes;
			},
			close,
		});
		const output = new OutputStream({
			ready: () => !this.#sending || outgoing.ready(),
			watch: watching(outgoing),
			room: () => (this.#sending ? outgoing.room() : undefined),
			write(bytes) {
				outgoing.write(bytes);
				usage.written += bytes.length;
			},
			flushed: () => outgoing.flushed?.() !== false,
			close,
		});
		return [input, output];
	}

	/** Ends one direction or both; what was written before still goes. */
	shutdown(type: ShutdownType): void {
		if (type !== 'send') this.#receiving = false;
		if (type !== 'receive') this.#end();
		this.#bell.ring();
	}

	/** Asks the kernel half for something that concerns this connection; it may be gone by then. */
	tell(op: string, more: object = {}): void {
		ask(this.#world.call, {op, id: this.peer.id, ...more}).catch(() => undefined);
	}

	/** One of the three is dropped. */
	release(): void {
		this.#holders--;
		if (this.#holders > 0) return;
		this.#end();
		this.tell('tcp.drop');
	}

	#end(): void {
		if (this.#sending) this.#call.outgoing.end();
		this.#sending = false;
	}
}
