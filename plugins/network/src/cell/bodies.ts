import {always, InputStream, IoError, OutputStream, Pollable} from '@forgeone/sdk/cell';
import type {Fields} from './fields.ts';

/** `wasi:http/types` `error-code`, as far as this host makes any. */
export interface ErrorCode {
	readonly tag: string;
	readonly val?: unknown;
}

/** The cause of an `io-error` that is one of HTTP. */
class HttpCause {
	readonly code: ErrorCode;

	constructor(code: ErrorCode) {
		this.code = code;
	}
}

/** `wasi:http/types` `http-error-code`. */
export function httpErrorCode({cause}: IoError): ErrorCode | undefined {
	return cause instanceof HttpCause ? cause.code : undefined;
}

/** The largest body that a guest may write, in bytes, and how much of it at one time. */
const BODY = 32 * 1024 * 1024;
const PIECE = 1024 * 1024;

// A body is here as a whole before anybody reads it, and is taken as a whole: nothing in this file is ever waited for.
const never = (): void => undefined;

/** A pollable that is ready. */
export const readyPollable = (): Pollable => new Pollable(always, never);

/** What a guest asks for a second time where it may once: the error of a `result` that has no type for it. */
export function none(): never {
	throw undefined;
}

/** `wasi:http/types` `incoming-body`. */
export class IncomingBody {
	#bytes: Uint8Array;
	#taken = false;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	stream(): InputStream {
		if (this.#taken) none();
		this.#taken = true;
		const read = (most: number): Uint8Array | undefined => {
			if (this.#bytes.length === 0) return undefined;
			const piece = this.#bytes.subarray(0, most);
			this.#bytes = this.#bytes.subarray(most);
			return piece;
		};
		return new InputStream({...always, read}, never);
	}

	static finish(_body: IncomingBody): FutureTrailers {
		return new FutureTrailers();
	}
}

/** `wasi:http/types` `future-trailers`: there are none, and that is known at once. */
export class FutureTrailers {
	#taken = false;

	subscribe(): Pollable {
		return readyPollable();
	}

	get(): unknown {
		if (this.#taken) return {tag: 'err', val: undefined};
		this.#taken = true;
		return {tag: 'ok', val: {tag: 'ok', val: undefined}};
	}
}

/** `wasi:http/types` `outgoing-body`, kept until it is complete. Trailers are taken and not sent. */
export class OutgoingBody {
	readonly #chunks: Uint8Array[] = [];
	/** What the content-length says, where it says anything. */
	readonly #promised: number | undefined;
	#size = 0;
	#written = false;
	#state: 'open' | 'complete' | ErrorCode = 'open';

	constructor(promised: number | undefined) {
		this.#promised = promised;
	}

	write(): OutputStream {
		if (this.#written) none();
		this.#written = true;
		const room = () => (this.#state === 'open' ? PIECE : undefined);
		return new OutputStream({...always, room, write: bytes => this.#take(bytes)}, never);
	}

	static finish(body: OutgoingBody, _trailers: Fields | undefined): void {
		if (body.#state === 'open') {
			const kept = body.#promised === undefined || body.#promised === body.#size;
			body.#state = kept ? 'complete' : {tag: 'HTTP-response-body-size', val: BigInt(body.#size)};
		}
		if (typeof body.#state === 'object') throw body.#state;
	}

	/** All of it, or the reason why there is not all of it. */
	content(): Uint8Array | ErrorCode {
		if (this.#state === 'complete') return new Uint8Array(Buffer.concat(this.#chunks));
		return this.#state === 'open' ? {tag: 'HTTP-response-incomplete'} : this.#state;
	}

	#take(bytes: Uint8Array): void {
		this.#size += bytes.length;
		if (this.#size > BODY) {
			this.#chunks.length = 0;
			this.#state = {tag: 'HTTP-response-body-size', val: BigInt(this.#size)};
			throw new IoError(`a body of more than ${BODY} bytes`, new HttpCause(this.#state));
		}
		this.#chunks.push(bytes.slice());
	}
}
