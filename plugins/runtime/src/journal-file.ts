import {isUtf8} from 'node:buffer';
import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import type {Containers} from '@forgeone/wasm';

type Output = Containers.Output;

/** How much is read at once, in bytes. */
const PIECE = 64 * 1024;
const FEED = 0x0a;

/** More than any number of a line. */
const BEYOND = 2n ** 64n;

/** A piece of output as a line of JSON. It begins with its number, by which it is found. */
export function lineOf({sequence, time, source, data}: Output): string {
	// JSON makes six bytes of a zero.
	const text = isUtf8(data) && !data.includes(0);
	const body = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString(text ? 'utf8' : 'base64');
	return `${JSON.stringify({n: Number(sequence), t: Number(time), s: source, [text ? 'd' : 'b']: body})}\n`;
}

/** A line as it was written; nothing for one that a crash cut short. */
function parse(text: string): Output | undefined {
	try {
		const {n, t, s, d, b} = JSON.parse(text);
		return {sequence: BigInt(n), time: BigInt(t), source: s, data: d === undefined ? Buffer.from(b, 'base64') : Buffer.from(d)};
	} catch {
		return undefined;
	}
}

/** What begins like a line, and where. */
interface Line {
	readonly begin: number;
	readonly sequence: bigint;
	readonly bytes: Buffer;
}

function lineAt(begin: number, parts: readonly Buffer[]): Line[] {
	const bytes = Buffer.concat(parts);
	const [, digits] = /^\{"n":(\d+),/.exec(bytes.toString('latin1', 0, 32)) ?? [];
	return digits === undefined ? [] : [{begin, sequence: BigInt(digits), bytes}];
}

/** The lines of a file from the byte `begin` on. */
function* linesFrom(file: number, begin: number): Generator<Line> {
	let parts: Buffer[] = [];
	for (let [at, more] = [begin, true]; more; ) {
		const piece = Buffer.allocUnsafe(PIECE);
		const bytes = piece.subarray(0, readSync(file, piece, 0, PIECE, at));
		let from = 0;
		for (let feed = bytes.indexOf(FEED); feed >= 0; feed = bytes.indexOf(FEED, from)) {
			yield* lineAt(begin, [...parts, bytes.subarray(from, feed)]);
			parts = [];
			from = feed + 1;
			begin = at + from;
		}
		parts.push(bytes.subarray(from));
		at += bytes.length;
		more = bytes.length > 0;
	}
	yield* lineAt(begin, parts);
}

/** Where in a file to read from: none of the lines before has the number `cursor` or a later one, and few of those after an earlier one. */
function seek(file: number, cursor: bigint): number {
	let [low, high] = [0, fstatSync(file).size];
	while (high - low > PIECE) {
		const middle = Math.floor((low + high) / 2);
		// What begins there may be a part of a line.
		const next = linesFrom(file, middle).find(({begin}) => begin > middle);
		if (next && next.sequence < cursor) low = next.begin;
		else high = middle;
	}
	return low;
}

/** Opens a file to read, where there is one. */
function open(path: string): number[] {
	try {
		return [openSync(path, 'r')];
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}

/** The output in two files from the number `cursor` on, in order. It costs as much as is taken of it. */
export function* outputsSince([newer, older]: readonly [newer: string, older: string], cursor: bigint): Generator<Output> {
	// In this order, one that becomes the older meanwhile is there twice, and not missed.
	const files = [...open(newer), ...open(older)].reverse();
	let next = cursor;
	try {
		for (const file of files) {
			for (const {sequence, bytes} of linesFrom(file, seek(file, next))) {
				const output = sequence < next ? undefined : parse(bytes.toString());
				if (!output) continue;
				yield output;
				next = sequence + 1n;
			}
		}
	} finally {
		for (const file of files) closeSync(file);
	}
}

/** The last number in a file, be it that of a line which a crash cut short. */
export function lastSequence(path: string): bigint | undefined {
	for (const file of open(path)) {
		try {
			return linesFrom(file, seek(file, BEYOND)).reduce<bigint | undefined>((_, {sequence}) => sequence, undefined);
		} finally {
			closeSync(file);
		}
	}
	return undefined;
}
