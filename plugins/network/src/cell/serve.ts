import type {Server} from '@forgeone/sdk/cell';
import type {Handlers} from '@forgeone/wasm';
import type {ErrorCode} from './bodies.ts';
import {IncomingRequest, ResponseOutparam} from './messages.ts';

function failure({tag}: ErrorCode): Handlers.Response {
	const own = tag === 'internal-error' || tag === 'configuration-error';
	const status = own ? 500 : tag.endsWith('-timeout') ? 504 : 502;
	const headers: Handlers.Response['headers'] = [['content-type', new TextEncoder().encode('text/plain; charset=utf-8')]];
	return {status, headers, body: new TextEncoder().encode(`the component failed to answer: ${tag}\n`)};
}

/**
 * Serves the export `wasi:http/incoming-handler`: one call of the guest's `handle` for each request. An `error-code` becomes a response of
 * its own (500, 502, 504); a guest that sets no response has failed, which is thrown.
 */
export const serve: Server =
	({handle}) =>
	async request => {
		const param = new ResponseOutparam();
		// The runtime passes on what came to `handlers.handle`, and calls nothing but the handler that it found.
		const call = handle as (request: IncomingRequest, param: ResponseOutparam) => unknown;
		await call(new IncomingRequest(request as Handlers.Request), param);
		const content = param.content();
		if (!content) throw new Error('the component handled the request without a response');
		return 'tag' in content ? failure(content) : content;
	};
