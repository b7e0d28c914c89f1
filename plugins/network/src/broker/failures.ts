/** The `error-code` of `wasi:http/types`, thrown so that the guest is told. */
export class Failure extends Error {
	readonly tag: string;
	readonly val: unknown;

	constructor(tag: string, val?: unknown, options?: ErrorOptions) {
		super(tag, options);
		this.tag = tag;
		this.val = val;
	}
}

/** What Node and undici call them. */
const tags: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection-refused',
	ECONNRESET: 'connection-terminated',
	EPIPE: 'connection-terminated',
	EHOSTUNREACH: 'destination-unavailable',
	ENETUNREACH: 'destination-unavailable',
	ENETDOWN: 'destination-unavailable',
	EADDRNOTAVAIL: 'destination-unavailable',
	EMFILE: 'connection-limit-reached',
	ETIMEDOUT: 'connection-timeout',
	FORGE_TIMEOUT: 'DNS-timeout',
	ERR_TLS_CERT_ALTNAME_INVALID: 'TLS-certificate-error',
	CERT_HAS_EXPIRED: 'TLS-certificate-error',
	CERT_NOT_YET_VALID: 'TLS-certificate-error',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS-certificate-error',
	SELF_SIGNED_CERT_IN_CHAIN: 'TLS-certificate-error',
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS-certificate-error',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS-certificate-error',
	EPROTO: 'TLS-protocol-error',
	UND_ERR_CONNECT_TIMEOUT: 'connection-timeout',
	UND_ERR_HEADERS_TIMEOUT: 'HTTP-response-timeout',
	UND_ERR_BODY_TIMEOUT: 'connection-read-timeout',
	UND_ERR_SOCKET: 'connection-terminated',
	UND_ERR_HEADERS_OVERFLOW: 'HTTP-response-header-section-size',
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'HTTP-response-incomplete',
	UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'HTTP-request-body-size',
};

/** The codes that tell no more than their name. */
const resolver = /^(ENOTFOUND|ENODATA|EAI_\w+)$/;

function failureOf(error: unknown): Failure {
	if (error instanceof Failure) return error;
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	if (resolver.test(code)) return new Failure('DNS-error', {rcode: code === 'ENOTFOUND' ? 'NXDOMAIN' : 'SERVFAIL'});
	if (code.startsWith('ERR_SSL_')) return new Failure('TLS-protocol-error');
	const tag = tags[code];
	if (tag) return new Failure(tag);
	if (/^(HPE_|UND_ERR_|ERR_HTTP_|ERR_INVALID_(CHAR|HTTP_TOKEN)$)/.test(code)) return new Failure('HTTP-protocol-error');
	return new Failure('internal-error', code || undefined);
}

/** The reason of a call that is cancelled for what was thrown: the `error-code` that says it best, as JSON. */
export function reasonFor(error: unknown): string {
	const {tag, val} = failureOf(error);
	return JSON.stringify({tag, ...(val === undefined ? {} : {val})});
}
