import {type Bell, type Call, CallCancelled, type CellContext, type Readiness} from '@forgeone/sdk/cell';
import {codeOf, type ErrorCode} from './errors.ts';

/** An address and a port. */
export interface Place {
	readonly address: string;
	readonly port: number;
}

/** An answer, and the call that it came with. */
export interface Answered<T> {
	readonly call: Call;
	readonly said: T;
}

/** Opens calls to the kernel half. */
export type Open = CellContext['call'];

/** What was answered over a call that stays open. Rejects with an `error-code`. */
export async function answered<T>(call: Call): Promise<Answered<T>> {
	const text = await call.reply().catch(error => {
		throw error instanceof CallCancelled ? codeOf(error.reason) : error;
	});
	const {ok, error}: {ok: T; error?: string} = JSON.parse(text);
	if (error === undefined) return {call, said: ok};
	call.outgoing.end();
	throw codeOf(error);
}

/** Asks for an answer and nothing more. Rejects with an `error-code`. */
export async function ask<T>(open: Open, head: object): Promise<T> {
	const call = open(JSON.stringify(head));
	call.outgoing.end();
	return (await answered<T>(call)).said;
}

/** Something under way; the bell rings when it has come. */
export interface Pending<T> extends Pick<Readiness, 'ready'> {
	/** What has come. Throws `would-block` before, and the `error-code` that it failed with. */
	take(): T;
}

/** Waits for a promise that rejects with an `error-code`, or with an error of the host's own. */
export function pending<T>(promise: Promise<T>, bell: Bell): Pending<T> {
	let settled: {readonly value: T} | {readonly error: unknown} | undefined;
	promise
		.then(
			value => {
				settled = {value};
			},
			error => {
				settled = {error};
			},
		)
		.finally(() => bell.ring());
	return {
		ready: () => settled !== undefined,
		take() {
			if (!settled) throw 'would-block' satisfies ErrorCode;
			if ('error' in settled) throw settled.error;
			return settled.value;
		},
	};
}
