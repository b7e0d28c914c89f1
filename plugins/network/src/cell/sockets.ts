import type {CellHalf} from '@forgeone/sdk/cell';

function denied(): never {
	// An error of a WIT result is thrown as the value that it is.
	throw 'access-denied';
}

/** A resource that a guest can name and never gets. */
function refused(...methods: readonly string[]): unknown {
	class Refused {}
	for (const method of methods) Object.defineProperty(Refused.prototype, method, {value: denied});
	return Refused;
}

class Network {}

const names = ['startBind', 'finishBind', 'localAddress', 'remoteAddress', 'addressFamily', 'subscribe'];
const buffers = ['receiveBufferSize', 'setReceiveBufferSize', 'sendBufferSize', 'setSendBufferSize'];
const connecting = ['startConnect', 'finishConnect', 'startListen', 'finishListen', 'accept', 'isListening', 'setListenBacklogSize'];
const alive = ['keepAliveEnabled', 'keepAliveIdleTime', 'keepAliveInterval', 'keepAliveCount'];
const setAlive = alive.map(name => name.replace('keep', 'setKeep'));
const TcpSocket = refused(...names, ...buffers, ...connecting, ...alive, ...setAlive, 'hopLimit', 'setHopLimit', 'shutdown');
const UdpSocket = refused(...names, ...buffers, 'stream', 'unicastHopLimit', 'setUnicastHopLimit');

/** `wasi:sockets`, every function of it refusing: a component that imports it loads, and is told `access-denied`. */
export const sockets: CellHalf['imports'] = {
	'wasi:sockets/instance-network@0.2.12': {instanceNetwork: () => new Network()},
	'wasi:sockets/network@0.2.12': {Network, networkErrorCode: () => undefined},
	'wasi:sockets/ip-name-lookup@0.2.12': {
		resolveAddresses: denied,
		ResolveAddressStream: refused('resolveNextAddress', 'subscribe'),
	},
	'wasi:sockets/tcp@0.2.12': {TcpSocket},
	'wasi:sockets/tcp-create-socket@0.2.12': {createTcpSocket: denied},
	'wasi:sockets/udp@0.2.12': {
		UdpSocket,
		IncomingDatagramStream: refused('receive', 'subscribe'),
		OutgoingDatagramStream: refused('checkSend', 'send', 'subscribe'),
	},
	'wasi:sockets/udp-create-socket@0.2.12': {createUdpSocket: denied},
};
