import {Bell, type Call, CallCancelled, type CellContext, Pollable, type Usage} from '@forgeone/sdk/cell';
import {fieldOf, type RawFields, type RequestHead, type ResponseHead} from '../http/heads.ts';
import type {OutgoingBody} from './bodies.ts';
import {codeOf, type ErrorCode, reasonWith} from './codes.ts';
import type {OutgoingRequest, RequestOptions} from './requests.ts';
import {IncomingResponse} from './responses.ts';

type Outcome = {readonly tag: 'ok'; readonly val: IncomingResponse} | {readonly tag: 'err'; readonly val: ErrorCode};

const lost: ErrorCode = {tag: 'connection-terminated'};

/** `wasi:http/types` `future-incoming-response`. */
export class FutureIncomingResponse {
	readonly #bell = new Bell();
	readonly #call: Call | Promise<Call>;
	#outcome: Outcome | undefined;
	#taken = false;

	constructor(call: Call | Promise<Call>, usage: Usage) {
		this.#call = call;
		void this.#follow(usage).then(outcome => {
			this.#outcome = outcome;
			this.#bell.ring();
		});
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
		if (!this.#taken) void this.#cancel().catch(() => undefined);
	}

	async #cancel(): Promise<void> {
		(await this.#call).cancel('the response is not wanted');
	}

	async #follow(usage: Usage): Promise<Outcome> {
		try {
			const call = await this.#call;
			const head: ResponseHead = JSON.parse(await call.reply());
			return {tag: 'ok', val: new IncomingResponse(head, call.incoming, usage)};
		} catch (error) {
			return {tag: 'err', val: codeOf(error, lost)};
		}
	}
}

/** `wasi:http/outgoing-handler` `handle`: the kernel half makes the request, for the cell may not. It begins once it is known whether the body has a length. */
export function handler(call: CellContext['call'], usage: Usage) {
	return (request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse => {
		const head = request.head();
		if (!head) throw {tag: 'HTTP-request-URI-invalid'};
		const open = (headers = head.headers) => call(JSON.stringify({op: 'fetch', ...head, headers, ...options?.milliseconds()}));
		const body = request.content();
		if (body) return new FutureIncomingResponse(sending(body, head, open), usage);
		const opened = open();
		opened.outgoing.end();
		return new FutureIncomingResponse(opened, usage);
	};
}

/** The call, once the body has begun to go out through it. */
function sending(body: OutgoingBody, {headers}: RequestHead, open: (headers: RawFields) => Call): Promise<Call> {
	const {promise, resolve, reject} = Promise.withResolvers<Call>();
	let opened: Call | undefined;
	const begin = (length = 0) => {
		const known = length === 0 || fieldOf(headers, 'content-length') !== undefined;
		opened = open(known ? headers : [...headers, 'content-length', String(length)]);
		resolve(opened);
		return opened;
	};
	body.connect({
		get outgoing() {
			return (opened ?? begin()).outgoing;
		},
		begin,
		abandon(code) {
			opened?.cancel(reasonWith(code));
			reject(new CallCancelled(reasonWith(code)));
		},
	});
	return promise;
}
