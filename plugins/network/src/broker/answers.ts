import type {KernelCall} from '@forgeone/sdk';
import type {Slots} from '../slots.ts';

/** The code of an error that `wasi:sockets/network` knows, thrown so that the guest is told. */
export class SocketError extends Error {
	readonly code: string;

	constructor(code: string) {
		super(code);
		this.code = code;
	}
}

/** Takes a place for a socket; what is returned gives it back. Throws `new-socket-limit`. */
export function takeSlot(slots: Slots): () => void {
	const free = slots.take();
	if (!free) throw new SocketError('new-socket-limit');
	return free;
}

/** What Node calls them. */
const codes: Readonly<Record<string, string>> = {
	EACCES: 'access-denied',
	EPERM: 'access-denied',
	EADDRINUSE: 'address-in-use',
	EADDRNOTAVAIL: 'address-not-bindable',
	EAFNOSUPPORT: 'not-supported',
	ECONNABORTED: 'connection-aborted',
	ECONNREFUSED: 'connection-refused',
	ECONNRESET: 'connection-reset',
	EPIPE: 'connection-reset',
	EHOSTDOWN: 'remote-unreachable',
	EHOSTUNREACH: 'remote-unreachable',
	ENETDOWN: 'remote-unreachable',
	ENETUNREACH: 'remote-unreachable',
	EINVAL: 'invalid-argument',
	EMFILE: 'new-socket-limit',
	ENFILE: 'new-socket-limit',
	EMSGSIZE: 'datagram-too-large',
	ENOBUFS: 'out-of-memory',
	ENOMEM: 'out-of-memory',
	ETIMEDOUT: 'timeout',
	EAI_AGAIN: 'temporary-resolver-failure',
	EAI_FAIL: 'permanent-resolver-failure',
	ENODATA: 'name-unresolvable',
	ENOTFOUND: 'name-unresolvable',
};

/** The `error-code` of `wasi:sockets/network` for what was thrown. */
export function codeOf(error: unknown): string {
	if (error instanceof SocketError) return error.code;
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return codes[code] ?? 'unknown';
}

/** Answers with what `work` gives, or with the code of what it throws. True where it gave something; else the call is over. */
export async function answer(call: KernelCall, work: () => unknown): Promise<boolean> {
	let said: unknown;
	try {
		said = {ok: (await work()) ?? null};
	} catch (error) {
		said = {error: codeOf(error)};
	}
	await call.answer(JSON.stringify(said));
	const good = 'ok' in (said as object);
	if (!good) await call.finish(undefined);
	return good;
}

/** For an operation that has nothing more to say than its answer. */
export async function reply(call: KernelCall, work: () => unknown): Promise<void> {
	if (await answer(call, work)) await call.finish(undefined);
}
