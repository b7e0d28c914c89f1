import {Bell, type Call, type CellContext, Pollable, type Usage} from '@forgeone/sdk/cell';
import type {ResponseHead} from '../http/heads.ts';
import {codeOf, type ErrorCode, reasonWith} from './codes.ts';
import type {OutgoingRequest, RequestOptions} from './requests.ts';
import {IncomingResponse} from './responses.ts';

type Outcome = {readonly tag: 'ok'; readonly val: IncomingResponse} | {readonly tag: 'err'; readonly val: ErrorCode};

/** `wasi:http/types` `future-incoming-response`. */
export class FutureIncomingResponse {
	readonly #bell = new Bell();
	readonly #call: Call;
	#outcome: Outcome | undefined;
	#taken = false;

	constructor(call: Call, usage: Usage) {
		this.#call = call;
		call.reply().then(
			text => this.#settle({tag: 'ok', val: new IncomingResponse(JSON.parse(text) satisfies ResponseHead, call.incoming, usage)}),
			error => this.#settle({tag: 'err', val: codeOf(error, {tag: 'connection-terminated'})}),
		);
	}

	subscribe(): Pollable {
		return new Pollable({ready: () => this.#outcome !== undefined, watch: this.#bell.watch});
	}

	get(): unknown {
		const val = this.#outcome;
		if (!val) return undefined;
		if (this.#taken) return {tag: 'err', val: undefined};
		this.#taken = true;
		return {tag: 'ok', val};
	}

	/** Whoever drops it before he has the response wants none. */
	[Symbol.dispose](): void {
		if (!this.#taken) this.#call.cancel('the response is not wanted');
	}

	#settle(outcome: Outcome): void {
		this.#outcome = outcome;
		this.#bell.ring();
	}
}

/** `wasi:http/outgoing-handler` `handle`: the kernel half makes the request, for the cell may not. */
export function handler(call: CellContext['call'], usage: Usage) {
	return (request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse => {
		const head = request.head();
		if (!head) throw {tag: 'HTTP-request-URI-invalid'};
		const body = request.content();
		const opened = call(JSON.stringify({op: 'fetch', ...head, ...options?.milliseconds()}));
		if (body) {
			const abandon = (code: ErrorCode) => opened.cancel(reasonWith(code));
			body.connect({outgoing: opened.outgoing, begin: () => undefined, abandon});
		} else opened.outgoing.end();
		return new FutureIncomingResponse(opened, usage);
	};
}
