import {STATUS_CODES} from 'node:http';
import type {Socket} from 'node:net';
import swagger from '@fastify/swagger';
import {ForgeError} from '@forgeone/core';
import {decode, type Engine, parse, stringify} from '@forgeone/sdk/client';
import {Failure, Info, infoPath, type Route, routes, schemaOf, statuses} from '@forgeone/sdk/routes';
import fastify, {type FastifyInstance, type FastifyReply, type FastifyRequest} from 'fastify';
import type {Static, TSchema} from 'typebox';
import {createBucket} from './bucket.ts';
import {errors} from './errors.ts';
import {stream} from './stream.ts';

/** The largest body that is taken. */
const LARGEST = 1024 * 1024;

/** What a client may cost, in bytes, milliseconds and pieces. */
const limits = {
	bodyLimit: LARGEST,
	requestTimeout: 30_000,
	keepAliveTimeout: 60_000,
	http: {headersTimeout: 10_000, maxHeaderSize: 16 * 1024},
};

const hosts = ['localhost', 'forge'];

/** Queries are text; what looks like a number or a truth is one. */
function plain(text: unknown): unknown {
	if (typeof text !== 'string') return text;
	if (text === 'true' || text === 'false') return text === 'true';
	return /^\d{1,20}$/.test(text) ? parse(text) : text;
}

type Part = 'params' | 'querystring' | 'body' | 'headers';

/** One piece for check and conversion, made from the schema of the route. */
function validator({schema, httpPart}: {schema: unknown; httpPart?: string}) {
	const part = httpPart as Part;
	return (data: unknown): {value: unknown} | {error: Error} => {
		const given = part === 'querystring' ? Object.fromEntries(Object.entries(Object(data)).map(([key, text]) => [key, plain(text)])) : data;
		try {
			const value = decode(schema as TSchema, given ?? {}, ({where, reason}) => {
				throw errors.FORGE_API_REQUEST({where: [part, where].filter(Boolean).join('.'), reason});
			});
			return {value};
		} catch (error) {
			return {error: error as Error};
		}
	};
}

function known(error: unknown, request: FastifyRequest): ForgeError {
	if (error instanceof ForgeError) return error;
	const {statusCode = 500, message, code} = error as Error & {statusCode?: number; code?: string};
	if (statusCode === 413) return errors.FORGE_API_LARGE({limit: LARGEST});
	if (statusCode === 415) return errors.FORGE_API_MEDIA({type: request.headers['content-type'] ?? ''});
	if (statusCode < 500 && code?.startsWith('FST_')) return errors.FORGE_API_REQUEST({where: 'request', reason: message});
	return errors.FORGE_API_FAILED({reason: message}, {cause: error});
}

function refuse(error: ForgeError, reply: FastifyReply): FastifyReply {
	const {code, message, remedy, kind} = error;
	const status = code === 'FORGE_API_LARGE' ? 413 : code === 'FORGE_API_MEDIA' ? 415 : statuses[kind];
	return reply.code(status).type('application/json').send(stringify({code, message, remedy}));
}

/** Takes JSON that is UTF-8, and raw bytes; anything else is answered with 415. */
function takeBodies(app: FastifyInstance): void {
	const text = new TextDecoder('utf-8', {fatal: true});
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('application/json', {parseAs: 'buffer'}, (_request, body, done) => {
		try {
			done(null, parse(text.decode(body as Buffer)));
		} catch (error) {
			done(errors.FORGE_API_REQUEST({where: 'body', reason: (error as Error).message}), undefined);
		}
	});
	app.addContentTypeParser('application/octet-stream', {parseAs: 'buffer'}, (_request, body, done) => done(null, body));
}

/** The arguments of a route's function, gathered from where they travel. */
function argumentsOf(route: Route, {params, query, body}: FastifyRequest): unknown[] {
	const places = {path: params, query, field: body} as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
	return route.arguments.map(({name, in: where}) => {
		if (where === 'body') return body;
		return where === 'bytes' ? new Uint8Array(Object(body) instanceof Uint8Array ? (body as Uint8Array) : []) : places[where]?.[name];
	});
}

function serve(app: FastifyInstance, route: Route, engine: () => Engine): void {
	const {method, path, contract, function: name, summary, result} = route;
	const [params, querystring] = [schemaOf(route, 'path'), schemaOf(route, 'query')];
	const body = schemaOf(route, 'field') ?? schemaOf(route, 'body');
	const schema = {
		summary,
		operationId: `${contract}.${name}`,
		tags: [contract],
		...(params ? {params} : {}),
		...(querystring ? {querystring} : {}),
		...(body ? {body} : {}),
		...(schemaOf(route, 'bytes') ? {consumes: ['application/octet-stream']} : {}),
		response: {...(result ? {200: result} : {204: {type: 'null', description: 'done'}}), default: Failure},
	};
	app.route({
		method,
		url: path,
		schema,
		async handler(request, reply) {
			const args = argumentsOf(route, request);
			if (name === 'logs' && request.headers.accept === 'application/x-ndjson') return stream(engine(), args, reply);
			// The table names the functions of the contracts, which a test holds.
			const functions = engine()[contract] as unknown as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
			const answer = await functions[name]?.(...args);
			return result ? reply.send(answer) : reply.code(204).send();
		},
	});
}

/** Answers to what is no HTTP, or comes too slowly or too large, and hangs up. */
function malformed(error: NodeJS.ErrnoException, socket: Socket): void {
	const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
	if (socket.writable) socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
	socket.destroy();
}

/**
 * The HTTP face of an engine. It has no logic of its own: what the table of routes says is called, in the name of the one caller there is, who
 * may make `rate` requests a second, and twice as many at once.
 */
export async function createServer(engine: () => Engine, info: Static<typeof Info>, rate: number): Promise<FastifyInstance> {
	const app = fastify({
		...limits,
		clientErrorHandler: malformed,
		frameworkErrors: (error, request, reply) => void refuse(known(error, request as FastifyRequest), reply as FastifyReply),
	});
	app.server.maxConnections = 256;
	takeBodies(app);
	app.setValidatorCompiler(validator);
	app.setSerializerCompiler(() => data => stringify(data));
	app.setErrorHandler((error, request, reply) => refuse(known(error, request), reply));
	app.setNotFoundHandler((request, reply) => refuse(errors.FORGE_API_ROUTE({method: request.method, path: request.url}), reply));
	// One, as there is one caller: what is counted is the principal, however many connections it opens.
	const take = createBucket({rate, burst: 2 * rate});
	app.addHook('onRequest', async ({hostname, headers}, reply) => {
		const wait = take();
		if (wait > 0) {
			reply.header('retry-after', Math.ceil(wait / 1000));
			throw errors.FORGE_API_RATE({rate});
		}
		if (!hosts.includes(hostname) || headers.origin !== undefined) throw errors.FORGE_API_HOST({host: headers.origin ?? hostname});
	});
	await app.register(swagger, {openapi: {openapi: '3.1.0', info: {title: 'ForgeOne', version: info.version}}});
	for (const route of routes) serve(app, route, engine);
	app.get(infoPath, {schema: {summary: 'The daemon itself', response: {200: Info, default: Failure}}}, async () => info);
	app.get('/v1/openapi.json', {schema: {hide: true}}, async () => app.swagger());
	await app.ready();
	return app;
}
