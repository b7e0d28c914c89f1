import {CallCancelled, type IoError} from '@forgeone/sdk/cell';

const codes = [
	'unknown',
	'access-denied',
	'not-supported',
	'invalid-argument',
	'out-of-memory',
	'timeout',
	'concurrency-conflict',
	'not-in-progress',
	'would-block',
	'invalid-state',
	'new-socket-limit',
	'address-not-bindable',
	'address-in-use',
	'remote-unreachable',
	'connection-refused',
	'connection-reset',
	'connection-aborted',
	'datagram-too-large',
	'name-unresolvable',
	'temporary-resolver-failure',
	'permanent-resolver-failure',
] as const;

/** `wasi:sockets/network` `error-code`. Functions throw it, as the shape of results has it. */
export type ErrorCode = (typeof codes)[number];

/** The code that a text is; `unknown` for other text. */
export function codeOf(text: unknown): ErrorCode {
	return codes.find(code => code === text) ?? 'unknown';
}

/** `wasi:sockets/network` `network-error-code`: what a stream of a connection failed with. */
export function networkErrorCode({cause}: IoError): ErrorCode | undefined {
	const reason = cause instanceof CallCancelled ? cause.reason : cause;
	return codes.find(code => code === reason);
}
