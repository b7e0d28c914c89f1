import type {Incoming, Usage} from '@forgeone/sdk/cell';
import {fieldOf, type RequestHead} from '../http/heads.ts';
import {isToken} from '../http/syntax.ts';
import {IncomingBody, OutgoingBody} from './bodies.ts';
import {none} from './codes.ts';
import {Fields} from './fields.ts';

type Variant = {readonly tag: string; readonly val?: string};

const methods = new Set(['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']);
const schemes = new Set(['HTTP', 'HTTPS']);

/** The longest that a part of a request may be, in characters; its fields are bounded by themselves. */
const LONGEST = 64 * 1024;

/** Whether it is missing, or no more than a part may be. */
const short = (text: string | undefined): boolean => text === undefined || text.length <= LONGEST;

function variant(known: ReadonlySet<string>, tag: string, val: string): Variant {
	return known.has(tag) ? {tag} : {tag: 'other', val};
}

/** What the content-length says, where it says anything. */
export function promised(headers: Fields): number | undefined {
	const value = fieldOf(headers.raw(), 'content-length');
	return value === undefined ? undefined : Number(value);
}

/** `wasi:http/types` `incoming-request`. */
export class IncomingRequest {
	readonly #head: RequestHead;
	readonly #usage: Usage;
	#headers: Fields | undefined;
	#incoming: Incoming | undefined;

	constructor(head: RequestHead, incoming: Incoming, usage: Usage) {
		this.#head = head;
		this.#incoming = incoming;
		this.#usage = usage;
	}

	method(): Variant {
		const {method} = this.#head;
		// Methods are told apart by case (RFC 9110, 9.1).
		return variant(methods, method === method.toUpperCase() ? method.toLowerCase() : '', method);
	}

	pathWithQuery(): string | undefined {
		return this.#head.path;
	}

	scheme(): Variant | undefined {
		const {scheme} = this.#head;
		return variant(schemes, scheme.toUpperCase(), scheme);
	}

	authority(): string | undefined {
		return this.#head.authority;
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

/** `wasi:http/types` `outgoing-request`, but for its constructor, which is a cell's own. */
export class OutgoingRequest {
	readonly #headers: Fields;
	readonly #usage: Usage;
	#method: Variant = {tag: 'get'};
	#path: string | undefined;
	#scheme: Variant | undefined;
	#authority: string | undefined;
	#body: OutgoingBody | undefined;

	constructor(headers: Fields, usage: Usage) {
		this.#headers = headers.frozen();
		this.#usage = usage;
	}

	body(): OutgoingBody {
		if (this.#body) none();
		this.#body = new OutgoingBody('request', promised(this.#headers), this.#usage);
		return this.#body;
	}

	method(): Variant {
		return this.#method;
	}

	setMethod(method: Variant): void {
		if (method.tag === 'other' && !(short(method.val) && isToken(method.val ?? ''))) none();
		this.#method = method;
	}

	pathWithQuery(): string | undefined {
		return this.#path;
	}

	setPathWithQuery(path: string | undefined): void {
		if (path !== undefined && !(short(path) && /^[^\s\p{Cc}#]*$/u.test(path))) none();
		this.#path = path;
	}

	scheme(): Variant | undefined {
		return this.#scheme;
	}

	setScheme(scheme: Variant | undefined): void {
		if (scheme?.tag === 'other' && !(short(scheme.val) && /^[a-z][a-z\d+.-]*$/i.test(scheme.val ?? ''))) none();
		this.#scheme = scheme;
	}

	authority(): string | undefined {
		return this.#authority;
	}

	setAuthority(authority: string | undefined): void {
		if (authority !== undefined && (!short(authority) || /[\s\p{Cc}/\\?#@]/u.test(authority) || !URL.canParse(`http://${authority}/`)))
			none();
		this.#authority = authority;
	}

	headers(): Fields {
		return this.#headers.frozen();
	}

	/** What it says, as the head of a request has it; a scheme that is not said is HTTPS. Undefined where it does not say where it goes. */
	head(): RequestHead | undefined {
		if (this.#authority === undefined) return undefined;
		const {tag, val = ''} = this.#method;
		const method = tag === 'other' ? val : tag.toUpperCase();
		const scheme = (this.#scheme?.tag === 'other' ? this.#scheme.val : this.#scheme?.tag) ?? 'HTTPS';
		const path = this.#path || '/';
		return {method, path, scheme: scheme.toLowerCase(), authority: this.#authority, headers: this.#headers.raw()};
	}

	/** Its body, where the guest has asked for one. */
	content(): OutgoingBody | undefined {
		return this.#body;
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

	/** Those that were set, as JSON can say them. */
	milliseconds(): {readonly connect?: number; readonly firstByte?: number; readonly betweenBytes?: number} {
		const of = (duration: bigint | undefined) => (duration === undefined ? undefined : Math.ceil(Number(duration) / 1e6));
		return JSON.parse(JSON.stringify({connect: of(this.#connect), firstByte: of(this.#firstByte), betweenBytes: of(this.#betweenBytes)}));
	}
}
