import {type KernelCall, reasonOf} from '@forgeone/sdk';

/** What a cell asks for, beside `op`. It may be anything: whoever serves it checks it. */
export type Head = Readonly<Record<string, unknown>>;

/** What a call is answered: a head, and the bytes that follow it. */
export interface Answer {
	readonly head?: unknown;
	readonly bytes?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Serves one call of a container. What it throws cancels the call; a refusal is an answer. */
export type Operation = (container: string, head: Head, call: KernelCall) => Answer | Promise<Answer>;

/** By what heads name as `op`. */
export type Operations = Readonly<Record<string, Operation>>;

/** All that comes in with a call; throws where it is more than `most` bytes. */
export async function bytesOf(call: KernelCall, most: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let size = 0;
	for (let bytes = await call.read(); bytes; bytes = await call.read()) {
		size += bytes.length;
		if (size > most) throw new Error(`more than ${most} bytes came with a call`);
		pieces.push(bytes);
	}
	return Buffer.concat(pieces);
}

/** A text of a head, which is not longer than `most` bytes. */
export function textOf(value: unknown, most: number): string {
	if (typeof value !== 'string' || Buffer.byteLength(value) > most)
		throw new Error(`what should be a text of at most ${most} bytes is none`);
	return value;
}

/** A whole number of a head. */
export function wholeOf(value: unknown): number {
	if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error('what should be a whole number is none');
	return value as number;
}

async function serve(operation: Operation | undefined, container: string, head: Head, call: KernelCall): Promise<void> {
	if (!operation) throw new Error('storage serves nothing of this name');
	const {head: answer = null, bytes = []} = await operation(container, head, call);
	await call.answer(JSON.stringify(answer));
	for await (const piece of bytes) await call.write(piece);
	await call.finish(undefined);
}

/** Serves the calls of cells. */
export function serving(operations: Operations): (container: string, call: KernelCall) => Promise<void> {
	const all = new Map(Object.entries(operations));
	return async (container, call) => {
		try {
			const head: Head = JSON.parse(await call.head());
			await serve(all.get(String(head?.op)), container, head, call);
		} catch (error) {
			await call.cancel(reasonOf(error));
		}
	};
}
