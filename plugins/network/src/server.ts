import type {IncomingMessage, Server, ServerResponse} from 'node:http';
import {reasonOf} from '@forgeone/core';
import {ForgeError, type Handlers} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** Answers a request; rejects with a ForgeError where it can not. */
export type Handle = (request: Handlers.Request) => Promise<Handlers.Response>;

/** The largest body of a request, in bytes. */
const BODY = 10 * 1024 * 1024;

/** The most that the bodies of the requests to one port may hold at one time, in bytes. */
const HELD = 8 * BODY;

const CONNECTIONS = 1024;

const limits = {
	headersTimeout: 10_000,
	requestTimeout: 30_000,
	keepAliveTimeout: 5_000,
	connectionsCheckingInterval: 1_000,
	maxHeaderSize: 16 * 1024,
	insecureHTTPParser: false,
};

/** Headers that concern a connection, not what it carries (RFC 9110, 7.6.1). */
const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

type Header = [name: string, value: Uint8Array];

function endToEnd(headers: readonly Header[]): Header[] {
	const named = headers
		.filter(([name]) => name.toLowerCase() === 'connection')
		.flatMap(([, value]) => text(value).toLowerCase().split(','));
	const dropped = new Set([...hopByHop, ...named.map(name => name.trim())]);
	return headers.filter(([name]) => !dropped.has(name.toLowerCase()));
}

// A header's value is bytes; Node writes and reads them as Latin-1.
const text = (value: Uint8Array): string => Buffer.from(value).toString('latin1');

function headersOf({rawHeaders}: IncomingMessage): Header[] {
	const pairs = Array.from({length: rawHeaders.length / 2}, (_, i) => rawHeaders.slice(2 * i, 2 * i + 2));
	return pairs.map(([name = '', value = '']) => [name.toLowerCase(), new Uint8Array(Buffer.from(value, 'latin1'))]);
}

/** The target in origin form, and the authority; one inside the target wins over the header (RFC 9112, 3.2.2). */
function targetOf({url = '', headers: {host = ''}}: IncomingMessage): {path: string; authority: string} {
	if (url.startsWith('/') || url === '*') return {path: url, authority: host};
	const absolute = /^https?:\/\//i.test(url) ? URL.parse(url) : null;
	if (!absolute) throw errors.FORGE_REQUEST_INVALID({reason: 'has no path'});
	return {path: absolute.pathname + absolute.search, authority: absolute.host};
}

function statusOf({code, kind}: ForgeError): number {
	const own: Readonly<Record<string, number>> = {FORGE_REQUEST_INVALID: 400, FORGE_REQUEST_SIZE: 413, FORGE_REQUEST_UPGRADE: 501};
	if (/_(DEADLINE|TIMEOUT)$/.test(code)) return 504;
	return own[code] ?? (kind === 'failed' ? 502 : 503);
}

/** One line that says what happened, as a response. */
function failed(error: unknown): Handlers.Response {
	const status = error instanceof ForgeError ? statusOf(error) : 502;
	const line = error instanceof ForgeError ? `${error.message} (${error.code})` : reasonOf(error);
	return {status, headers: [['content-type', Buffer.from('text/plain; charset=utf-8')]], body: Buffer.from(`${line}\n`)};
}

function write(outgoing: ServerResponse, {status, headers, body}: Handlers.Response): void {
	if (status < 200 || status > 599) throw new RangeError(`status ${status}`);
	const head = outgoing.req.method === 'HEAD';
	const bare = status === 204 || status === 304;
	// What HEAD is told about the body of a GET is the handler's to say.
	const told = head && headers.some(([name]) => name.toLowerCase() === 'content-length');
	const kept = endToEnd(headers).filter(([name]) => told || name.toLowerCase() !== 'content-length');
	const pairs = kept.flatMap(([name, value]) => [name, text(value)]);
	if (!bare && !told && (!head || body.length > 0)) pairs.push('content-length', String(body.length));
	outgoing.writeHead(status, pairs);
	outgoing.end(head || bare ? undefined : body);
}

/** Makes the HTTP server of a container. It does not listen yet. */
export function createHttpServer(container: string, handle: Handle): Server {
	let held = 0;

	async function answer(incoming: IncomingMessage): Promise<Handlers.Response> {
		const {method = '', headers, headersDistinct} = incoming;
		if ((headersDistinct.host?.length ?? 0) > 1) throw errors.FORGE_REQUEST_INVALID({reason: 'has more than one host'});
		if (/\bwebsocket\b/i.test(headers.upgrade ?? '')) throw errors.FORGE_REQUEST_UPGRADE({protocol: 'websocket'});
		if (Number(headers['content-length'] ?? 0) > BODY) throw errors.FORGE_REQUEST_SIZE({limit: BODY});
		const target = targetOf(incoming);
		const chunks: Uint8Array[] = [];
		let size = 0;
		try {
			for await (const chunk of incoming.iterator({destroyOnReturn: false})) {
				size += chunk.length;
				held += chunk.length;
				if (size > BODY) throw errors.FORGE_REQUEST_SIZE({limit: BODY});
				if (held > HELD) throw errors.FORGE_REQUEST_BUSY({container, limit: HELD});
				chunks.push(chunk);
			}
			const body = new Uint8Array(Buffer.concat(chunks));
			return await handle({method, scheme: 'http', ...target, headers: endToEnd(headersOf(incoming)), body});
		} finally {
			held -= size;
		}
	}

	// Imported, node:http would load Node's whole fetch for a process that may never listen.
	const {createServer} = process.getBuiltinModule('node:http');
	const server = createServer(limits, async (incoming, outgoing) => {
		const response = await answer(incoming).catch(failed);
		// What is left of the body is read and forgotten, so that the client gets to read the answer; `requestTimeout` bounds it.
		incoming.resume();
		// A server that no longer listens waits for no further request.
		outgoing.shouldKeepAlive &&= server.listening;
		try {
			write(outgoing, response);
		} catch (error) {
			write(outgoing, failed(errors.FORGE_RESPONSE_INVALID({container, reason: reasonOf(error)}, {cause: error})));
		}
	});
	server.maxConnections = CONNECTIONS;
	// The size of the head bounds them; a count would drop those above it in silence.
	server.maxHeadersCount = 0;
	return server;
}
