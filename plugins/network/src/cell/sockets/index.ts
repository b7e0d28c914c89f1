import type {CellContext, Hosted} from '@forgeone/sdk/cell';
import {createSlots} from '../../slots.ts';
import type {IpAddressFamily} from './addresses.ts';
import {IncomingDatagramStream, OutgoingDatagramStream} from './datagram-streams.ts';
import {networkErrorCode} from './errors.ts';
import {ResolveAddressStream, resolveAddresses} from './names.ts';
import {TcpSocket} from './tcp.ts';
import {UdpSocket} from './udp.ts';

/** Any network is the same one: what may be reached through it, the kernel half decides. */
class Network {}

/** How many sockets the guests of a cell may hold. */
const SOCKETS = 1024;

/** `wasi:sockets`, for all instances of a cell. */
export function sockets({call, usage}: Pick<CellContext, 'call' | 'usage'>): Hosted['imports'] {
	const world = {call, usage, slots: createSlots(SOCKETS)};
	return {
		'wasi:sockets/instance-network@0.2.12': {instanceNetwork: () => new Network()},
		'wasi:sockets/network@0.2.12': {Network, networkErrorCode},
		'wasi:sockets/ip-name-lookup@0.2.12': {resolveAddresses: resolveAddresses(call), ResolveAddressStream},
		'wasi:sockets/tcp@0.2.12': {TcpSocket},
		'wasi:sockets/tcp-create-socket@0.2.12': {createTcpSocket: (family: IpAddressFamily) => new TcpSocket(world, family)},
		'wasi:sockets/udp@0.2.12': {UdpSocket, IncomingDatagramStream, OutgoingDatagramStream},
		'wasi:sockets/udp-create-socket@0.2.12': {createUdpSocket: (family: IpAddressFamily) => new UdpSocket(world, family)},
	};
}
