import {type ServerResponse, STATUS_CODES} from 'node:http';
import {reasonOf} from '@forgeone/core';
import {CallCancelled} from '@forgeone/sdk/cell';
import {ForgeError} from '@forgeone/wasm';
import {errors} from '../errors.ts';
import {endToEnd, fieldOf, formed, pairsOf, type RawFields, type ResponseHead, trailersIn, without} from './heads.ts';

const statuses: Readonly<Record<string, number>> = {
	FORGE_REQUEST_INVALID: 400,
	FORGE_ROUTE_MISSING: 404,
	FORGE_REQUEST_SIZE: 413,
	FORGE_REQUEST_FIELDS: 431,
	FORGE_REQUEST_UPGRADE: 501,
};

function statusOf(code: string, kind: string): number {
	if (/_(DEADLINE|TIMEOUT)$/.test(code)) return 504;
	return statuses[code] ?? (kind === 'failed' ? 502 : 503);
}

const UNASKED = 'the container could not be asked';

/** Errors that speak of this machine, and are the operator's to read. */
const inner = /^FORGE_(IMAGE|SPEC|STATE|COMPONENT|ISOLATION)_/;

/** What is said of an error to who is no operator. */
function outwards({code, message}: ForgeError): string {
	const said = inner.test(code) ? UNASKED : message.replace(/^(plugin ".*?" failed in ".*?"): .*$/s, '$1');
	return `${said} (${code})`;
}

/** What a cell said of its guest's end is JSON with a reason; else a reason is text as it is. Cells are not believed. */
function lineOf(error: unknown): string {
	const text = error instanceof CallCancelled ? error.reason : error;
	// It may name files.
	if (typeof text !== 'string') return UNASKED;
	if (!text.startsWith('{"code":')) return text;
	try {
		const {code, reason} = JSON.parse(text);
		return typeof reason === 'string' ? reason : `the container exited with ${Number(code)}`;
	} catch {
		return text;
	}
}

/** The status and the line that tell a client of a failure, and nothing of this machine. What comes from a cell ends with the code of the error where it has one. */
function failureOf(error: unknown): {status: number; line: string} {
	if (error instanceof ForgeError) return {status: statusOf(error.code, error.kind), line: outwards(error)};
	const line = lineOf(error);
	const [, code = ''] = /\((FORGE_[A-Z_]+)\)$/.exec(line) ?? [];
	return {status: statusOf(code, 'failed'), line};
}

/** What is left of a request is read and forgotten, so that the client gets to read the answer; `requestTimeout` bounds it. */
function skip({req: incoming}: ServerResponse): void {
	// Node does so by itself where nobody has begun to read.
	if (incoming.readableDidRead) incoming.removeAllListeners('readable').resume();
}

/** One line that says what happened, where there is a place for it yet; else the connection is cut, so that nobody takes a part for the whole. */
export function fail(outgoing: Ending, error: unknown): void {
	if (outgoing[last] !== undefined) send(outgoing);
	if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
	const {status, line} = failureOf(error);
	const body = Buffer.from(`${line}\n`);
	// A head that failed has left its own.
	outgoing.statusMessage = STATUS_CODES[status] ?? '';
	outgoing.writeHead(status, ['content-type', 'text/plain; charset=utf-8', 'content-length', String(body.length)]);
	outgoing.end(outgoing.req.method === 'HEAD' ? undefined : body);
	skip(outgoing);
}

const isLength = (name: string): boolean => name === 'content-length';

/** Whether the only content-length says a length (RFC 9110, 8.6). */
const framed = (fields: RawFields, length: string): boolean =>
	/^\d{1,15}$/.test(length) && fields.filter((field, i) => i % 2 === 0 && isLength(field.toLowerCase())).length === 1;

/** Writes an informational response, which has no body to be long (RFC 9110, 8.6). Whether to go on with a request (100) is said by Node alone. */
function inform(outgoing: ServerResponse, status: number, headers: RawFields): void {
	if (status === 100) throw new TypeError('it says 100, which is not its to say');
	outgoing.writeInformation(status, without(endToEnd(headers), isLength));
}

/** What follows a head. */
export interface Framing {
	/** A body may follow at all (RFC 9110, 6.4.1). */
	readonly bodied: boolean;
}

/** Writes the head of a response; a 204 has no body to be long (RFC 9110, 8.6). Throws FORGE_RESPONSE_INVALID, having written nothing. */
export function writeHead(outgoing: ServerResponse, {status, headers, early = []}: ResponseHead, container: string): Framing {
	try {
		if (!formed({status, headers})) throw new TypeError('its head has not the shape of one');
		const kept = endToEnd(headers);
		const length = fieldOf(kept, 'content-length');
		if (length !== undefined && !framed(kept, length)) throw new TypeError('its content-length is none');
		for (const {status, headers} of early) inform(outgoing, status, headers);
		// What is longer or shorter than it says would pass for a part of the next response, which may be another container's.
		outgoing.strictContentLength = true;
		const bare = status === 204 || status === 304;
		outgoing.writeHead(status, status === 204 && length !== undefined ? without(kept, isLength) : kept);
		return {bodied: !bare && outgoing.req.method !== 'HEAD'};
	} catch (error) {
		throw errors.FORGE_RESPONSE_INVALID({container, reason: reasonOf(error)}, {cause: error});
	}
}

/** How large a body may be that goes out in one write with its head, in bytes. */
export const SMALL = 16 * 1024;

/**
 * Responses that are complete, with their last piece. All of one turn of the loop go out at its end: written one by one, each may wake a client
 * that sleeps, which can cost more than to answer it.
 */
let complete: Ending[] = [];

/** The last piece, at the response itself: of a map, V8 keeps all that was ever in it until a full collection. */
const last = Symbol('last');

interface Ending extends ServerResponse {
	[last]?: string;
}

/** Whether a response is complete. */
export const ended = (outgoing: Ending): boolean => outgoing.writableEnded || outgoing[last] !== undefined;

function sendAll(): void {
	const all = complete;
	complete = [];
	for (const outgoing of all) send(outgoing);
}

/** Does nothing once it is sent. */
function send(outgoing: Ending): void {
	if (outgoing.destroyed || outgoing.writableEnded) return;
	try {
		outgoing.end(outgoing[last], 'latin1');
	} catch {
		// It is not as long as its head has said.
		return void outgoing.destroy();
	}
	if (outgoing.writableLength > 0) outgoing.setTimeout(STALL);
	skip(outgoing);
}

/** Ends a response, with trailers or a last piece where some were given; its reader may be slow, but not stand still. */
export function end(outgoing: Ending, trailer?: string, piece?: Uint8Array): void {
	// What was said by a cell is checked by Node, as every header is.
	if (trailer !== undefined) outgoing.addTrailers(pairsOf(trailersIn(trailer)));
	// Text goes out in one write with the head, where bytes would take two.
	outgoing[last] = piece ? Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1') : '';
	if (complete.push(outgoing) === 1) setImmediate(sendAll);
}

/** How long a client may take nothing of what waits for it, in milliseconds, before its connection is cut. */
export const STALL = 30_000;
