import type {IncomingMessage, Server, ServerResponse} from 'node:http';
import type {RequestHead} from './heads.ts';
import {headOf} from './requests.ts';
import {fail} from './responses.ts';

/** What holds for the requests to one listener. */
export interface ServerLimits {
	/** The largest body of a request, in bytes. */
	readonly body: number;
	/** How long a whole request may take to come in, in milliseconds. */
	readonly requestTimeout: number;
	readonly connections: number;
}

/** What holds where nothing else is said: a body streams, so that its size costs nothing. */
export const usual: ServerLimits = {body: Number.MAX_SAFE_INTEGER, requestTimeout: 30_000, connections: 1024};

/** Answers one request. What it throws becomes a response, where there is a place for one yet. */
export type Answer = (incoming: IncomingMessage, outgoing: ServerResponse, head: RequestHead) => unknown;

/** How long the head of a request may take, in milliseconds. */
const HEAD = 10_000;

const options = {
	keepAliveTimeout: 5_000,
	connectionsCheckingInterval: 1_000,
	maxHeaderSize: 16 * 1024,
	insecureHTTPParser: false,
};

/** Makes an HTTP server. It does not listen yet. */
export function createHttpServer(answer: Answer, {body, requestTimeout, connections}: ServerLimits): Server {
	async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		// A server that no longer listens waits for no further request.
		outgoing.shouldKeepAlive &&= server.listening;
		try {
			const head = headOf(incoming, body);
			await answer(incoming, outgoing, head);
		} catch (error) {
			fail(outgoing, error);
		}
	}

	// Imported, node:http would load Node's whole fetch for a process that may never listen.
	const {createServer} = process.getBuiltinModule('node:http');
	const headersTimeout = Math.min(HEAD, requestTimeout);
	const server = createServer({...options, headersTimeout, requestTimeout}, take);
	server.maxConnections = connections;
	// The size of the head bounds them; a count would drop those above it in silence.
	server.maxHeadersCount = 0;
	return server;
}
