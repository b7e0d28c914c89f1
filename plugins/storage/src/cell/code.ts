/** `wasi:filesystem` `error-code`. A host function signals the error of a `result` by throwing it. */
export type ErrorCode = (typeof codes)[keyof typeof codes];

const codes = {
	EACCES: 'access',
	EAGAIN: 'would-block',
	EALREADY: 'already',
	EBADF: 'bad-descriptor',
	EBUSY: 'busy',
	EDEADLK: 'deadlock',
	EDQUOT: 'quota',
	EEXIST: 'exist',
	EFBIG: 'file-too-large',
	EILSEQ: 'illegal-byte-sequence',
	EINPROGRESS: 'in-progress',
	EINTR: 'interrupted',
	EINVAL: 'invalid',
	EIO: 'io',
	EISDIR: 'is-directory',
	ELOOP: 'loop',
	EMFILE: 'insufficient-memory',
	EMLINK: 'too-many-links',
	EMSGSIZE: 'message-size',
	ENAMETOOLONG: 'name-too-long',
	ENFILE: 'insufficient-memory',
	ENODEV: 'no-device',
	ENOENT: 'no-entry',
	ENOLCK: 'no-lock',
	ENOMEM: 'insufficient-memory',
	ENOSPC: 'insufficient-space',
	ENOSYS: 'unsupported',
	ENOTDIR: 'not-directory',
	ENOTEMPTY: 'not-empty',
	ENOTRECOVERABLE: 'not-recoverable',
	ENOTSUP: 'unsupported',
	ENOTTY: 'no-tty',
	ENXIO: 'no-such-device',
	EOPNOTSUPP: 'unsupported',
	EOVERFLOW: 'overflow',
	EPERM: 'not-permitted',
	EPIPE: 'pipe',
	EROFS: 'read-only',
	ESPIPE: 'invalid-seek',
	ETXTBSY: 'text-file-busy',
	EXDEV: 'cross-device',
	// Node's own, for numbers and strings that it does not hand to the system.
	ERR_ACCESS_DENIED: 'not-permitted',
	ERR_INVALID_ARG_VALUE: 'invalid',
	ERR_OUT_OF_RANGE: 'invalid',
} as const;

/** The code for what the system refused; undefined for any other error. */
export function codeOf(error: unknown): ErrorCode | undefined {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return Object.hasOwn(codes, code) ? codes[code as keyof typeof codes] : undefined;
}

/** Whether the cause of an error is a code of this interface, and not of another plugin's streams. */
export const isErrorCode = (cause: unknown): cause is ErrorCode => Object.values<unknown>(codes).includes(cause);

/** Does the work, and throws the code where the system refuses it. */
export function attempt<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw codeOf(error) ?? error;
	}
}

/** Throws the code; for where an expression is wanted. */
export function fail(code: ErrorCode): never {
	throw code;
}
