import type {Incoming, Usage} from '@forgeone/sdk/cell';
import type {ResponseHead} from '../http/heads.ts';
import {type Destination, IncomingBody, OutgoingBody} from './bodies.ts';
import {type ErrorCode, none} from './codes.ts';
import {Fields} from './fields.ts';
import {promised} from './requests.ts';

/** `wasi:http/types` `incoming-response`. */
export class IncomingResponse {
	readonly #head: ResponseHead;
	readonly #usage: Usage;
	#headers: Fields | undefined;
	#incoming: Incoming | undefined;

	constructor(head: ResponseHead, incoming: Incoming, usage: Usage) {
		this.#head = head;
		this.#incoming = incoming;
		this.#usage = usage;
	}

	status(): number {
		return this.#head.status;
	}

	headers(): Fields {
		this.#headers ??= Fields.incoming(this.#head.headers);
		return this.#headers.frozen();
	}

	consume(): IncomingBody {
		const incoming = this.#incoming ?? none();
		this.#incoming = undefined;
		return new IncomingBody(incoming, this.#usage);
	}
}

/** `wasi:http/types` `outgoing-response`, but for its constructor, which is a cell's own. */
export class OutgoingResponse {
	readonly #headers: Fields;
	readonly #usage: Usage;
	#status = 200;
	#body: OutgoingBody | undefined;

	constructor(headers: Fields, usage: Usage) {
		this.#headers = headers.frozen();
		this.#usage = usage;
	}

	statusCode(): number {
		return this.#status;
	}

	setStatusCode(status: number): void {
		if (status < 100 || status > 599) none();
		this.#status = status;
	}

	headers(): Fields {
		return this.#headers.frozen();
	}

	body(): OutgoingBody {
		if (this.#body) none();
		this.#body = new OutgoingBody('response', promised(this.#headers), this.#usage);
		return this.#body;
	}

	/** Its head, and its body, which the guest may still be writing. One that was not asked for is empty. */
	content(): {readonly head: ResponseHead; readonly body: OutgoingBody} {
		if (!this.#body) {
			this.#body = new OutgoingBody('response', undefined, this.#usage);
			OutgoingBody.finish(this.#body, undefined);
		}
		return {head: {status: this.#status, headers: this.#headers.raw()}, body: this.#body};
	}
}

/** What a guest makes of a request. */
export type Outcome = {readonly tag: 'ok'; readonly val: OutgoingResponse} | {readonly tag: 'err'; readonly val: ErrorCode};

/** Takes what the guest answers, as soon as it does. */
export interface Answering extends Omit<Destination, 'begin'> {
	begin(head: ResponseHead, length: number | undefined): void;
}

/** `wasi:http/types` `response-outparam`. */
export class ResponseOutparam {
	readonly #to: Answering;
	readonly #early: {readonly status: number; readonly headers: readonly string[]}[] = [];
	#body: OutgoingBody | undefined;
	#set = false;

	constructor(to: Answering) {
		this.#to = to;
	}

	/** Goes out with the head of the response itself, not before. */
	sendInformational(status: number, headers: Fields): void {
		if (status < 102 || status > 199) throw {tag: 'HTTP-protocol-error'};
		this.#early.push({status, headers: headers.raw()});
	}

	static set(param: ResponseOutparam, outcome: Outcome): void {
		param.#set = true;
		const {outgoing, begin, abandon} = param.#to;
		if (outcome.tag === 'err') {
			abandon(outcome.val);
			return;
		}
		const {head, body} = outcome.val.content();
		const early = param.#early;
		param.#body = body;
		body.connect({outgoing, abandon, begin: length => begin(early.length > 0 ? {...head, early} : head, length)});
	}

	/** The guest is done: a body that it has not finished never will be. Whether anything was set. */
	close(): boolean {
		this.#body?.abandon();
		return this.#set;
	}
}
