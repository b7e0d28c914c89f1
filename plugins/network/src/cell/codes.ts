import {CallCancelled, IoError} from '@forgeone/sdk/cell';

/** `wasi:http/types` `error-code`. */
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

/** A failure of a stream, which `http-error-code` can tell more of. */
export function failure(text: string, code: ErrorCode): IoError {
	return new IoError(text, new HttpCause(code));
}

/** A code as the reason of a call that is cancelled. A `u64` in it is left out: JSON has none. */
export function reasonWith(code: ErrorCode): string {
	return JSON.stringify(code, (_key, value) => (typeof value === 'bigint' ? undefined : value));
}

/** The code in the reason of a call that was cancelled: JSON of one, where the broker has said which; else `other`. */
export function codeOf(reason: unknown, other: ErrorCode): ErrorCode {
	const text = reason instanceof CallCancelled ? reason.reason : reason;
	if (typeof text !== 'string' || !text.startsWith('{"tag":')) return other;
	return JSON.parse(text);
}

/** `wasi:http/types` `http-error-code`. */
export function httpErrorCode({cause}: IoError): ErrorCode | undefined {
	if (cause instanceof HttpCause) return cause.code;
	// A call's stream fails with the reason for which the call was cancelled.
	if (typeof cause === 'string' || cause instanceof CallCancelled) return codeOf(cause, {tag: 'connection-terminated'});
	return undefined;
}

/** What a guest asks for a second time where it may once: the error of a `result` that has no type for it. */
export function none(): never {
	throw undefined;
}
