import {isIP} from 'node:net';
import {canonicalHost, hostPort} from '../egress.ts';
import {SocketError} from './answers.ts';
import type {Head, Party} from './index.ts';

/** An address and a port. */
export interface Place {
	readonly address: string;
	readonly port: number;
}

const unspecified = new Set(['0.0.0.0', '::']);

/** The place that a head names. Throws `invalid-argument`. */
export function placeOf({address, port}: Head): Place {
	const known = typeof address === 'string' && isIP(address) ? canonicalHost(address) : undefined;
	const counted = typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535;
	if (known === undefined || !counted) throw new SocketError('invalid-argument');
	return {address: known, port};
}

/** As the other half is told of it; undefined where a socket has none. */
export function placeFrom(address: string | undefined, port: number | undefined): Place | undefined {
	return address === undefined || port === undefined ? undefined : {address, port};
}

/**
 * Where a container that asks for `asked` may listen: at an address and port that are published. The unspecified address stands for the
 * address that is, so that a guest which binds to all has what it was granted. Undefined where nothing is.
 */
export function publishedPlace({publish}: Party, {address, port}: Place, protocol: 'tcp' | 'udp'): Place | undefined {
	const found = publish.find(granted => {
		if (granted.port !== port || (granted.protocol ?? 'tcp') !== protocol || isIP(granted.address) !== isIP(address)) return false;
		return canonicalHost(granted.address) === address || unspecified.has(address) || unspecified.has(granted.address);
	});
	return found && {address: unspecified.has(address) ? found.address : address, port};
}

/** A place to send from: any port of the machine's choice, for those who may send at all. Throws `access-denied`, and puts it on record. */
export function checkSource({rules, refused}: Party, protocol: 'tcp' | 'udp', {address, port}: Place): void {
	if (port === 0 && rules.length > 0) return;
	const place = hostPort(address, port);
	const source = protocol === 'udp' && port === 0;
	const published = `--publish ${place}${protocol === 'udp' ? '/udp' : ''}`;
	refused(`${protocol} bind ${place}`, source ? '--allow-net HOST:PORT, for a bind to port 0' : published);
	throw new SocketError('access-denied');
}
