import type {IncomingMessage} from 'node:http';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {KernelCall} from '@forgeone/sdk';
import type {Dispatcher} from 'undici';
import {fieldOf, pairsOf, type RawFields, trailersIn} from '../http/heads.ts';
import {type Clients, HEAD, originOf} from './clients.ts';
import type {Destination} from './destinations.ts';
import {Failure} from './failures.ts';

/** The body of a request. */
export interface Body {
	/** Undefined where there is none. */
	readonly bytes: (() => AsyncIterable<Uint8Array>) | undefined;
	/** What comes after it; to be asked once it has ended. */
	trailers(): Promise<RawFields>;
}

/** A request as it goes out. */
export interface Question {
	readonly method: Dispatcher.HttpMethod;
	readonly path: string;
	readonly headers: string[];
	readonly body: Body;
	/** How long a connection may take, the head of a response, and each piece of its body, in milliseconds. */
	readonly patience: {readonly connect: number; readonly firstByte: number; readonly betweenBytes: number};
	readonly signal: AbortSignal;
}

/** A response whose body is still to come. */
export interface Answer {
	readonly status: number;
	readonly headers: RawFields;
	readonly body: AsyncIterable<Uint8Array>;
	/** Those that came after its body, once that has ended. */
	trailers(): RawFields;
}

/** The body that is written to a call. Whether there is one is known once its first bytes have come, or its end. */
export async function bodyOf(call: KernelCall): Promise<Body> {
	const first = await call.read();
	const trailers = async () => trailersIn((await call.trailer()) ?? '[]');
	async function* bytes() {
		for (let next = first; next !== undefined; next = await call.read()) yield next;
	}
	const none = first === undefined && (await trailers()).length === 0;
	return {bytes: none ? undefined : bytes, trailers};
}

/** Sends the body in chunks and, after it, trailers: for these undici has no place, so that this is Node's own client, over a connection of its own. */
async function askInChunks(clients: Clients, to: Destination, address: string, question: Question): Promise<Answer> {
	const {method, path, headers, body, patience, signal} = question;
	const socket = await clients.connect(to, address, patience.connect);
	// Imported, node:http would load Node's whole fetch for a process that may never ask.
	const {request: open} = process.getBuiltinModule('node:http');
	const said = [...headers, 'host', originOf(to).host, 'transfer-encoding', 'chunked'];
	const request = open({createConnection: () => socket, method, path, headers: said, signal, maxHeaderSize: HEAD});
	const {promise, resolve, reject} = Promise.withResolvers<IncomingMessage>();
	request.on('error', reject).on('response', resolve);
	socket.setTimeout(patience.firstByte, () => request.destroy(new Failure('HTTP-response-timeout')));
	const sending = async function* () {
		yield* body.bytes?.() ?? [];
		request.addTrailers(pairsOf(await body.trailers()));
	};
	pipeline(sending, request).catch(reject);
	const response = await promise;
	socket.removeAllListeners('timeout').setTimeout(patience.betweenBytes, () => {
		// Where something waits to be read, it is not the server who is slow.
		if (response.readableLength === 0) response.destroy(new Failure('connection-read-timeout'));
	});
	return {status: response.statusCode ?? 0, headers: response.rawHeaders, body: response, trailers: () => response.rawTrailers};
}

const flat = (fields: Readonly<Record<string, string | readonly string[] | undefined>>): RawFields =>
	Object.entries(fields).flatMap(([name, value = []]) => [value].flat().flatMap(each => [name, each]));

/** A body of a length that was said has no trailers. */
async function* withLength({bytes, trailers}: Body): AsyncIterable<Uint8Array> {
	yield* bytes?.() ?? [];
	if ((await trailers()).length > 0) throw new Failure('internal-error', 'trailers can not follow a body with a content-length');
}

/** Asks a server at this very address. Until it is connected to, nothing of the body is read. */
export async function askAt(clients: Clients, to: Destination, address: string, question: Question): Promise<Answer> {
	const {method, path, headers, body, patience, signal} = question;
	if (body.bytes && fieldOf(headers, 'content-length') === undefined) return askInChunks(clients, to, address, question);
	const client = await clients.at(to, address, patience.connect);
	const {statusCode, ...response} = await client.request({
		...{method, path, headers, body: body.bytes ? Readable.from(withLength(body)) : null, signal},
		...{headersTimeout: patience.firstByte, bodyTimeout: patience.betweenBytes, responseHeaders: 'raw'},
	});
	// Asked for raw, they are what the type does not say.
	return {
		status: statusCode,
		headers: response.headers as unknown as RawFields,
		body: response.body,
		trailers: () => flat(response.trailers),
	};
}
