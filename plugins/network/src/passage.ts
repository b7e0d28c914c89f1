import {deadline, type Log, type Provider} from '@forgeone/core';
import {type KernelCall, middleware} from '@forgeone/sdk';
import type {Middleware} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {endToEnd, formed, type RawFields, type RequestHead, type ResponseHead} from './http/heads.ts';
import {COUNT, isToken, isValue} from './http/syntax.ts';

/** Opens a call into a container for a request that has come from somebody. */
export type OpenCall = (container: string, head: RequestHead, origin: Middleware.Origin) => Promise<KernelCall>;

/** What it takes to let requests through. */
interface Passing {
	readonly log: Log;
	/** Whether there is any middleware. */
	tapped(): boolean;
	readonly taps: Provider<typeof Middleware>;
	/** Opens the call itself. */
	open(container: string, head: string): Promise<KernelCall>;
}

/** How long all taps together may take for one head, in milliseconds. */
const PATIENCE = 5_000;

/** The most that a tap may give: characters of all headers, and bytes of a body. */
const HEADERS = 64 * 1024;
const BODY = 64 * 1024;

/** How much of a reason is told. */
const REASON = 1024;

/** How often a failure is logged at most, in milliseconds: a request costs its sender little. */
const QUIET = 1_000;

/** What is not the middleware's to say: where a request goes, and how long a body is. */
const fixed = /^(host|content-length)$/i;

const fieldsOf = (raw: RawFields): Middleware.Field[] =>
	Array.from({length: raw.length / 2}, (_, i) => ({name: raw[2 * i] as string, value: raw[2 * i + 1] as string}));

const invalid = (reason: string) => errors.FORGE_MIDDLEWARE_INVALID({reason});

/** What taps have made of headers. Throws FORGE_MIDDLEWARE_INVALID. */
function rawOf(fields: readonly Middleware.Field[]): string[] {
	if (!Array.isArray(fields)) throw invalid('no list of headers');
	if (fields.length > COUNT) throw invalid(`more than ${COUNT} headers`);
	let size = 0;
	for (const {name, value} of fields) {
		if (typeof name !== 'string' || !isToken(name)) throw invalid(`a header with the name ${JSON.stringify(String(name).slice(0, 80))}`);
		if (typeof value !== 'string' || !isValue(value)) throw invalid(`a value of "${name.slice(0, 80)}" that can not be sent`);
		size += name.length + value.length;
	}
	if (size > HEADERS) throw invalid(`headers of more than ${HEADERS} bytes`);
	return endToEnd(fields.flatMap(({name, value}) => [name, value]));
}

const only = (raw: RawFields, kept: (name: string) => boolean): string[] => raw.filter((_, i) => kept(raw[i - (i % 2)] as string));

/** Headers as taps have changed them, but for those that stay what they were. */
const changed = (before: RawFields, fields: readonly Middleware.Field[]): string[] => [
	...only(before, name => fixed.test(name)),
	...only(rawOf(fields), name => !fixed.test(name)),
];

/** The same call, answered otherwise. */
const replying = (call: KernelCall, reply: () => Promise<string>): KernelCall => ({
	head: () => call.head(),
	reply,
	answer: head => call.answer(head),
	read: () => call.read(),
	trailer: () => call.trailer(),
	write: bytes => call.write(bytes),
	finish: trailer => call.finish(trailer),
	cancel: reason => call.cancel(reason),
	cancelled: () => call.cancelled(),
});

/** A call that reaches nobody: it is answered already, and what is written to it is forgotten. */
function answered({status, headers, body}: Middleware.Response): KernelCall {
	const raw = [...only(rawOf(headers), name => !fixed.test(name)), 'content-length', String(body.length)];
	let left: Uint8Array | undefined = body.length > 0 ? body : undefined;
	const nothing = () => undefined;
	return {
		head: () => '',
		reply: async () => JSON.stringify({status, headers: raw}),
		answer: nothing,
		read() {
			const bytes = left;
			left = undefined;
			return bytes;
		},
		trailer: nothing,
		write: nothing,
		finish: nothing,
		cancel: nothing,
		cancelled: nothing,
	};
}

/** Throws FORGE_MIDDLEWARE_INVALID. */
function checked(response: Middleware.Response): Middleware.Response {
	const {status, body} = response;
	if (!(Number.isInteger(status) && status >= 200 && status <= 599)) throw invalid(`the status ${status}`);
	if (!(body instanceof Uint8Array)) throw invalid('a body that is no bytes');
	if (body.length > BODY) throw invalid(`a body of more than ${BODY} bytes`);
	return response;
}

function refusal(reason: string): KernelCall {
	const {message, code} = errors.FORGE_REQUEST_REFUSED({reason: reason.slice(0, REASON)});
	const headers = [{name: 'content-type', value: 'text/plain; charset=utf-8'}];
	return answered({status: 403, headers, body: Buffer.from(`${message} (${code})\n`)});
}

/** Makes what opens calls of requests by way of the middleware, where there is any. What fails there is the request's failure, and logged. */
export function createPassage({log, tapped, taps, open}: Passing): OpenCall {
	let quiet = 0;

	async function ask<T>(container: string, question: () => Promise<T>): Promise<T> {
		try {
			return await deadline(question(), PATIENCE, middleware.id);
		} catch (error) {
			const now = Date.now();
			if (now >= quiet) log.error({err: error, container}, 'a middleware failed');
			if (now >= quiet) quiet = now + QUIET;
			throw error;
		}
	}

	/** The call, whose answer meets the middleware on its way back. */
	function returning(call: KernelCall, request: Middleware.Request): KernelCall {
		const {container} = request;
		return replying(call, async () => {
			const head: ResponseHead = JSON.parse(await call.reply());
			if (!formed(head)) throw errors.FORGE_RESPONSE_INVALID({container, reason: 'its head has not the shape of one'});
			const {status, headers} = head;
			const given = fieldsOf(endToEnd(headers));
			const passed = await ask(container, async () => changed(headers, await taps.onResponse(given, status, request)));
			return JSON.stringify({...head, headers: passed});
		});
	}

	async function pass(container: string, head: RequestHead, origin: Middleware.Origin): Promise<KernelCall> {
		const {method, path, authority, headers} = head;
		const request = {container, origin, method, path, authority};
		const given = fieldsOf(only(headers, name => !/^host$/i.test(name)));
		const next = await ask(container, async () => {
			const step = await taps.onRequest({tag: 'pass', val: given}, request);
			if (step.tag === 'refused') return async () => refusal(step.val);
			if (step.tag === 'answered') {
				const call = answered(checked(step.val));
				return async () => returning(call, request);
			}
			const text = JSON.stringify({...head, headers: changed(headers, step.val)});
			return async () => returning(await open(container, text), request);
		});
		return next();
	}

	return (container, head, origin) => (tapped() ? pass(container, head, origin) : open(container, JSON.stringify(head)));
}
