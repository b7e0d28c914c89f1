import type {RuntimeTypes} from '@forgeone/wasm';
import {createSlots} from '../slots.ts';
import type {Party, Service} from './index.ts';
import {createNames, type Lookup} from './names.ts';
import type {Place} from './places.ts';
import {createTcp} from './tcp.ts';
import {createUdp} from './udp.ts';

export type {Lookup};

/** What may be other than usual. */
export interface SocketLimits {
	/** How many sockets a container may have open. */
	readonly sockets: number;
	/** How long a connection may take to be made, in milliseconds. */
	readonly connect: number;
}

/** What holds where nothing else is said. */
export const usual: SocketLimits = {sockets: 512, connect: 30_000};

/** What `wasi:sockets` needs of the kernel, for one container. */
export interface Sockets extends Service {
	/** Where the guest itself listens. */
	listening(): (Place & Pick<RuntimeTypes.Port, 'protocol'>)[];
}

/** Serves `wasi:sockets` to one container. */
export function createSockets(party: Party, lookup: Lookup, {sockets, connect}: SocketLimits = usual): Sockets {
	const names = createNames(party, lookup);
	const slots = createSlots(sockets);
	const tcp = createTcp(party, names, slots, connect);
	const udp = createUdp(party, names, slots);
	return {
		listening: () => [...tcp.listening(), ...udp.listening()],
		operations: {resolve: names.resolve, ...tcp.operations, ...udp.operations},
		close() {
			tcp.close();
			udp.close();
		},
	};
}
