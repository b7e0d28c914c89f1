import {once} from 'node:events';
import {type Engine, follow} from '@forgeone/sdk/client';
import type {Containers} from '@forgeone/wasm';
import {plain, tame} from './text.ts';

/** A line that a guest wrote, without its line feed. */
export interface Line {
	readonly time: bigint;
	readonly source: Containers.Source;
	readonly text: string;
}

/** The longest line that is kept together, in characters. */
const LONGEST = 65_536;

/** Pieces of output put together to lines, those of each stream for themselves; what lacks its line feed comes last. */
export async function* linesOf(pieces: AsyncIterable<Containers.Output>): AsyncGenerator<Line, void> {
	const open = {
		stdout: {text: '', time: 0n, decoder: new TextDecoder()},
		stderr: {text: '', time: 0n, decoder: new TextDecoder()},
	};
	for await (const {source, data, time} of pieces) {
		const stream = open[source];
		const parts = (stream.text + stream.decoder.decode(data, {stream: true})).split('\n');
		const last = parts.pop() ?? '';
		if (last.length > LONGEST) parts.push(last);
		stream.text = last.length > LONGEST ? '' : last;
		stream.time = time;
		for (const text of parts) yield {time, source, text};
	}
	for (const source of ['stdout', 'stderr'] as const) {
		const {text, time} = open[source];
		if (text !== '') yield {time, source, text};
	}
}

/** The output of a container up to now. With `onward`, which is called then, what it writes from then on too, until it has exited. */
export async function* outputOf(
	containers: Engine['containers'],
	id: string,
	onward?: () => Promise<void>,
): AsyncGenerator<Containers.Output, void> {
	const now = BigInt(Date.now());
	let next = 0n;
	while (true) {
		const pieces = await containers.logs(id, next, 0);
		const before = pieces.filter(({time}) => time <= now);
		yield* before;
		next = (before.at(-1)?.sequence ?? next - 1n) + 1n;
		if (pieces.length === 0 || before.length < pieces.length) break;
	}
	if (!onward) return;
	await onward();
	yield* follow(containers, id, next);
}

/** A line to where it belongs. A terminal never gets a guest's control characters. */
export async function printLine(
	{time, source, text}: Line,
	{json = false, timestamps = false, prefix = ''}: {readonly json?: boolean; readonly timestamps?: boolean; readonly prefix?: string},
): Promise<void> {
	const at = new Date(Number(time)).toISOString();
	const stream = json ? process.stdout : process[source];
	const shown = json
		? tame(JSON.stringify({time: at, source, text}))
		: prefix + (timestamps ? `${at} ` : '') + (stream.isTTY ? plain(text) : text);
	if (!stream.write(`${shown}\n`)) await once(stream, 'drain');
}
