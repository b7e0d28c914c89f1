import {type KernelCall, reasonOf} from '@forgeone/sdk';

/** What a cell asks for, beside `op`. It may be anything: whoever serves it checks it. */
export type Head = Readonly<Record<string, unknown>>;

/** What a call is answered: a head, and the bytes that follow it. */
export interface Answer {
	readonly head?: unknown;
	readonly bytes?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Notes so many bytes more of this process's memory as held for a call, until it is over. Throws where its container has too many. */
export type Hold = (bytes: number) => void;

/** Serves one call of a container. What it throws cancels the call; a refusal is an answer. */
export type Operation = (container: string, head: Head, call: KernelCall, hold: Hold) => Answer | Promise<Answer>;

/** The most that is held for the calls of one container, in bytes: a few of the largest. */
const HELD = 64 * 1024 * 1024;

/** By what heads name as `op`. */
export type Operations = Readonly<Record<string, Operation>>;

/** All that comes in with a call; throws where it is more than `most` bytes. */
export async function bytesOf(call: KernelCall, most: number, hold: Hold): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let size = 0;
	for (let bytes = await call.read(); bytes; bytes = await call.read()) {
		size += bytes.length;
		if (size > most) throw new Error(`more than ${most} bytes came with a call`);
		hold(bytes.length);
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

async function serve(operation: Operation | undefined, container: string, head: Head, call: KernelCall, hold: Hold): Promise<void> {
	if (!operation) throw new Error('storage serves nothing of this name');
	const {head: answer = null, bytes = []} = await operation(container, head, call, hold);
	if (Array.isArray(bytes)) for (const {length} of bytes) hold(length);
	await call.answer(JSON.stringify(answer));
	for await (const piece of bytes) await call.write(piece);
	await call.finish(undefined);
}

/** Serves the calls of cells. */
export function serving(operations: Operations): (container: string, call: KernelCall) => Promise<void> {
	const all = new Map(Object.entries(operations));
	const held = new Map<string, number>();

	function add(container: string, bytes: number): void {
		const sum = (held.get(container) ?? 0) + bytes;
		if (bytes > 0 && sum > HELD) throw new Error(`its calls hold more than ${HELD} bytes`);
		if (sum === 0) held.delete(container);
		else held.set(container, sum);
	}

	return async (container, call) => {
		let own = 0;
		const hold: Hold = bytes => {
			add(container, bytes);
			own += bytes;
		};
		try {
			const head: Head = JSON.parse(await call.head());
			await serve(all.get(String(head?.op)), container, head, call, hold);
		} catch (error) {
			await call.cancel(reasonOf(error));
		} finally {
			add(container, -own);
		}
	};
}
