import type {Pollable} from '@forgeone/sdk/cell';
import type {Handlers} from '@forgeone/wasm';
import {type ErrorCode, IncomingBody, none, OutgoingBody, readyPollable} from './bodies.ts';
import {Fields, isToken} from './fields.ts';

type Variant = {readonly tag: string; readonly val?: string};

const methods = new Set(['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']);
const schemes = new Set(['HTTP', 'HTTPS']);

function variant(known: ReadonlySet<string>, tag: string, val: string): Variant {
	return known.has(tag) ? {tag} : {tag: 'other', val};
}

/** What the content-length says, where it says anything. */
function promised(headers: Fields): number | undefined {
	const [value] = headers.get('content-length');
	return value && Number(Buffer.from(value).toString('latin1'));
}

/** `wasi:http/types` `incoming-request`. */
export class IncomingRequest {
	readonly #request: Handlers.Request;
	readonly #headers: Fields;
	#body: IncomingBody | undefined;

	constructor(request: Handlers.Request) {
		this.#request = request;
		this.#headers = Fields.incoming(request.headers);
		this.#body = new IncomingBody(request.body);
	}

	method(): Variant {
		const {method} = this.#request;
		// Methods are told apart by case (RFC 9110, 9.1).
		return variant(methods, method === method.toUpperCase() ? method.toLowerCase() : '', method);
	}

	pathWithQuery(): string | undefined {
		return this.#request.path;
	}

	scheme(): Variant | undefined {
		const {scheme} = this.#request;
		return variant(schemes, scheme.toUpperCase(), scheme);
	}

	authority(): string | undefined {
		return this.#request.authority;
	}

	headers(): Fields {
		return this.#headers.frozen();
	}

	consume(): IncomingBody {
		const body = this.#body ?? none();
		this.#body = undefined;
		return body;
	}
}

/** `wasi:http/types` `outgoing-request`. */
export class OutgoingRequest {
	readonly #headers: Fields;
	#method: Variant = {tag: 'get'};
	#path: string | undefined;
	#scheme: Variant | undefined;
	#authority: string | undefined;
	#body: OutgoingBody | undefined;

	constructor(headers: Fields) {
		this.#headers = headers.frozen();
	}

	body(): OutgoingBody {
		if (this.#body) none();
		this.#body = new OutgoingBody(promised(this.#headers));
		return this.#body;
	}

	method(): Variant {
		return this.#method;
	}

	setMethod(method: Variant): void {
		if (method.tag === 'other' && !isToken(method.val ?? '')) none();
		this.#method = method;
	}

	pathWithQuery(): string | undefined {
		return this.#path;
	}

	setPathWithQuery(path: string | undefined): void {
		if (path !== undefined && !/^[^\s\p{Cc}#]*$/u.test(path)) none();
		this.#path = path;
	}

	scheme(): Variant | undefined {
		return this.#scheme;
	}

	setScheme(scheme: Variant | undefined): void {
		if (scheme?.tag === 'other' && !/^[a-z][a-z\d+.-]*$/i.test(scheme.val ?? '')) none();
		this.#scheme = scheme;
	}

	authority(): string | undefined {
		return this.#authority;
	}

	setAuthority(authority: string | undefined): void {
		if (authority !== undefined && (/[\s\p{Cc}/\\?#@]/u.test(authority) || !URL.canParse(`http://${authority}/`))) none();
		this.#authority = authority;
	}

	headers(): Fields {
		return this.#headers.frozen();
	}
}

/** `wasi:http/types` `request-options`: durations in nanoseconds. */
export class RequestOptions {
	#connect: bigint | undefined;
	#firstByte: bigint | undefined;
	#betweenBytes: bigint | undefined;

	connectTimeout(): bigint | undefined {
		return this.#connect;
	}

	setConnectTimeout(duration: bigint | undefined): void {
		this.#connect = duration;
	}

	firstByteTimeout(): bigint | undefined {
		return this.#firstByte;
	}

	setFirstByteTimeout(duration: bigint | undefined): void {
		this.#firstByte = duration;
	}

	betweenBytesTimeout(): bigint | undefined {
		return this.#betweenBytes;
	}

	setBetweenBytesTimeout(duration: bigint | undefined): void {
		this.#betweenBytes = duration;
	}
}

/** `wasi:http/types` `incoming-response`. */
export class IncomingResponse {
	readonly #response: Handlers.Response;
	#body: IncomingBody | undefined;

	constructor(response: Handlers.Response) {
		this.#response = response;
		this.#body = new IncomingBody(response.body);
	}

	status(): number {
		return this.#response.status;
	}

	headers(): Fields {
		return Fields.incoming(this.#response.headers);
	}

	consume(): IncomingBody {
		const body = this.#body ?? none();
		this.#body = undefined;
		return body;
	}
}

/** `wasi:http/types` `future-incoming-response`: one that has come. */
export class FutureIncomingResponse {
	#response: IncomingResponse | undefined;

	constructor(response: IncomingResponse) {
		this.#response = response;
	}

	subscribe(): Pollable {
		return readyPollable();
	}

	get(): unknown {
		const val = this.#response;
		this.#response = undefined;
		return val ? {tag: 'ok', val: {tag: 'ok', val}} : {tag: 'err', val: undefined};
	}
}

/** `wasi:http/types` `outgoing-response`. */
export class OutgoingResponse {
	readonly #headers: Fields;
	#status = 200;
	#body: OutgoingBody | undefined;

	constructor(headers: Fields) {
		this.#headers = headers.frozen();
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
		this.#body = new OutgoingBody(promised(this.#headers));
		return this.#body;
	}

	/** What the guest has made of it; or why its body is not complete. A body that was not asked for is empty. */
	content(): Handlers.Response | ErrorCode {
		const body = this.#body?.content() ?? new Uint8Array();
		return body instanceof Uint8Array ? {status: this.#status, headers: this.#headers.entries(), body} : body;
	}
}

type Outcome = {readonly tag: 'ok'; readonly val: OutgoingResponse} | {readonly tag: 'err'; readonly val: ErrorCode};

/** `wasi:http/types` `response-outparam`. */
export class ResponseOutparam {
	#outcome: Outcome | undefined;

	sendInformational(_status: number, _headers: Fields): never {
		throw {tag: 'internal-error', val: 'informational responses are not sent'};
	}

	static set(param: ResponseOutparam, outcome: Outcome): void {
		param.#outcome = outcome;
	}

	/** What was set; undefined where nothing was. */
	content(): Handlers.Response | ErrorCode | undefined {
		return this.#outcome?.tag === 'ok' ? this.#outcome.val.content() : this.#outcome?.val;
	}
}
