import type {IncomingMessage} from 'node:http';
import {errors} from '../errors.ts';
import {endToEnd, type RequestHead} from './heads.ts';
import {COUNT, isAuthority} from './syntax.ts';

/** The target in origin form, and the authority; one inside the target wins over the header (RFC 9112, 3.2.2). */
function targetOf({url = '', headers: {host = ''}}: IncomingMessage): {path: string; authority: string} {
	if (url.startsWith('/') || url === '*') return {path: url, authority: host};
	const absolute = /^https?:\/\//i.test(url) ? URL.parse(url) : null;
	if (!absolute) throw errors.FORGE_REQUEST_INVALID({reason: 'has no path'});
	return {path: absolute.pathname + absolute.search, authority: absolute.host};
}

/** Whether a request has a body at all (RFC 9112, 6.3). */
export function bodied({headers}: IncomingMessage): boolean {
	return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * The head of what has come in, without what is the connection's. Throws FORGE_REQUEST_INVALID, FORGE_REQUEST_UPGRADE,
 * FORGE_REQUEST_FIELDS, and FORGE_REQUEST_SIZE where a body of more than `limit` bytes is announced.
 */
export function headOf(incoming: IncomingMessage, limit: number): RequestHead {
	const {method = '', headers, rawHeaders} = incoming;
	if (headers.upgrade !== undefined && /\bwebsocket\b/i.test(headers.upgrade)) throw errors.FORGE_REQUEST_UPGRADE({protocol: 'websocket'});
	if (Number(headers['content-length'] ?? 0) > limit) throw errors.FORGE_REQUEST_SIZE({limit});
	if (rawHeaders.length > 2 * COUNT) throw errors.FORGE_REQUEST_FIELDS({limit: COUNT});
	let hosts = 0;
	for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') hosts++;
	if (hosts > 1) throw errors.FORGE_REQUEST_INVALID({reason: 'has more than one host'});
	const {path, authority} = targetOf(incoming);
	if (!isAuthority(authority)) throw errors.FORGE_REQUEST_INVALID({reason: 'has a host that is none'});
	if (path.includes('#')) throw errors.FORGE_REQUEST_INVALID({reason: 'has a path that is none'});
	return {method, scheme: 'http', path, authority, headers: endToEnd(rawHeaders)};
}
