import type {Call, Server, Usage} from '@forgeone/sdk/cell';
import {fieldOf, type RequestHead, type ResponseHead} from '../http/heads.ts';
import type {ErrorCode} from './codes.ts';
import {DirectCall} from './direct.ts';
import {IncomingRequest} from './requests.ts';
import {type Answering, ResponseOutparam} from './responses.ts';

type Handle = (request: IncomingRequest, param: ResponseOutparam) => unknown;

function statusOf(tag: string): number {
	if (tag === 'internal-error' || tag === 'configuration-error') return 500;
	if (tag === 'HTTP-request-denied') return 403;
	return tag.endsWith('-timeout') ? 504 : 502;
}

function answering(call: Call): Answering {
	const {outgoing} = call;
	let begun = false;

	function respond(head: ResponseHead): void {
		begun = true;
		if (call instanceof DirectCall) call.respond(head);
		else call.answer(JSON.stringify(head));
	}

	return {
		outgoing,
		begin(head, length) {
			const {status, headers} = head;
			const told = length === undefined || status === 204 || status === 304 || fieldOf(headers, 'content-length') !== undefined;
			respond(told ? head : {...head, headers: [...headers, 'content-length', String(length)]});
		},
		abandon({tag}: ErrorCode) {
			const line = `the component failed to answer: ${tag}`;
			if (begun) return call.cancel(line);
			respond({status: statusOf(tag), headers: ['content-type', 'text/plain; charset=utf-8', 'content-length', String(line.length + 1)]});
			outgoing.write(new TextEncoder().encode(`${line}\n`));
			outgoing.end();
		},
	};
}

/**
 * Serves the export `wasi:http/incoming-handler`: one call of the guest's `handle` for each request. An `error-code` becomes a response of
 * its own; a guest that sets no response, or traps, has failed, which is thrown, for the runtime to end the call and the guest.
 */
export function serverOf(usage: Usage): Server {
	return ({handle}) =>
		async call => {
			const request: RequestHead = call instanceof DirectCall ? call.request : JSON.parse(call.head());
			const param = new ResponseOutparam(answering(call));
			// The runtime passes on what it found under the handler's name, and nothing else.
			await (handle as Handle)(new IncomingRequest(request, call.incoming, usage), param);
			if (!param.close()) throw new Error('the component handled the request without a response');
			usage.requests++;
		};
}
