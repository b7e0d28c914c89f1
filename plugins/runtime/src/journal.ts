import {close, closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import type {Containers} from '@forgeone/wasm';
import {lastSequence, lineOf, outputsSince} from './journal-file.ts';

type Output = Containers.Output;

/** The output of one container, in two files of JSON lines: the older one goes when the newer is full. */
export interface Journal {
	/** Keeps a piece of output. It settles when the next may come: for an attached reader once that has come by, else as the pace allows. */
	append(source: Output['source'], data: Uint8Array): void | Promise<void>;
	/** From `cursor` on, a megabyte or so at a time. */
	read(cursor: bigint): Output[];
	/** Settles when something is appended or the journal ends; `milliseconds` at most. */
	changed(milliseconds: number): Promise<void>;
	/** No more will come, and nobody waits for a reader any longer. */
	end(): void;
}

/** A file is full at this many bytes. */
const FULL = 8 * 1024 * 1024;

/** What it takes in a second where no reader sets the pace, in bytes: as much as it keeps, for more would be gone before anybody saw it. */
const PACE = 2 * FULL;

/** How much is kept in memory, and given at once, in bytes. */
const RECENT = 1024 * 1024;
const LEAST = 256;

/** What a piece counts: a small one is more than its bytes. */
const weight = ({data}: Output): number => Math.max(data.length, LEAST);

const files = (folder: string, id: string): readonly [newer: string, older: string] => [
	join(folder, `${id}.jsonl`),
	join(folder, `${id}.1.jsonl`),
];

/** What is on disk of a container's output, from `cursor` on, a megabyte or so at a time. */
export function readJournal(folder: string, id: string, cursor: bigint): Output[] {
	return atMost(outputsSince(files(folder, id), cursor));
}

/** Removes a container's output. */
export function removeJournal(folder: string, id: string): void {
	for (const file of files(folder, id)) rmSync(file, {force: true});
}

function atMost(outputs: Iterable<Output>): Output[] {
	const taken: Output[] = [];
	let size = 0;
	for (const output of outputs) {
		taken.push(output);
		size += weight(output);
		if (size > RECENT) break;
	}
	return taken;
}

/** Opens the journal of a container that is about to run. With `attached`, writing waits for reading. `kept` is told of each piece that it has. */
export function openJournal(folder: string, id: string, attached: boolean, kept: (output: Output) => void = () => undefined): Journal {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const [newer, older] = files(folder, id);
	const before = lastSequence(newer) ?? lastSequence(older);
	let file = openSync(newer, 'a', 0o600);
	let size = fstatSync(file).size;
	/** A crash may have cut the last line short, which would take the next with it. */
	let feed = size > 0 ? '\n' : '';
	let next = before === undefined ? 0n : before + 1n;
	const recent: {readonly output: Output; readonly seen: (() => void) | undefined}[] = [];
	let held = 0;
	let ended = false;
	/** When all that came would have come at that pace, in milliseconds. */
	let due = 0;
	const watchers = new Set<() => void>();

	/** Begins a new file. The one that goes is open meanwhile: to free what it has takes milliseconds, of whoever closes it last. */
	function turn(): void {
		const last = existsSync(older) ? openSync(older, 'r') : undefined;
		closeSync(file);
		renameSync(newer, older);
		file = openSync(newer, 'a', 0o600);
		size = 0;
		if (last !== undefined) close(last);
	}

	function keep(output: Output): void {
		const text = feed + lineOf(output);
		feed = '';
		if (size + Buffer.byteLength(text) > FULL) {
			turn();
		}
		size += writeSync(file, text);
	}

	/** Holds back what has come too fast for a second. */
	function paced(output: Output): Promise<void> | undefined {
		const now = performance.now();
		due = Math.max(due, now - 1_000) + (1_000 * weight(output)) / PACE;
		return due > now ? pause(due - now, undefined, {ref: false}) : undefined;
	}

	function wake(): void {
		for (const watcher of watchers) watcher();
	}

	/** Lets go of the first pieces, as long as `gone` says so of the next. */
	function forget(gone: (next: Output) => boolean): void {
		for (let first = recent[0]; first && gone(first.output); first = recent[0]) {
			recent.shift();
			held -= weight(first.output);
			first.seen?.();
		}
	}

	return {
		append(source, data) {
			const output = {sequence: next++, time: BigInt(Date.now()), source, data};
			keep(output);
			const reader = attached && !ended ? Promise.withResolvers<void>() : undefined;
			recent.push({output, seen: reader?.resolve});
			held += weight(output);
			if (!reader) forget(() => held > RECENT);
			wake();
			kept(output);
			return reader ? reader.promise : paced(output);
		},
		read(cursor) {
			if (attached) forget(({sequence}) => sequence < cursor);
			const [first] = recent;
			if (next <= cursor) return [];
			if (!first || first.output.sequence > cursor) return readJournal(folder, id, cursor);
			return atMost(recent.map(({output}) => output).filter(({sequence}) => sequence >= cursor));
		},
		changed(milliseconds) {
			if (ended) return Promise.resolve();
			return new Promise<void>(resolve => {
				const done = () => {
					clearTimeout(timer);
					watchers.delete(done);
					resolve();
				};
				const timer = setTimeout(done, milliseconds);
				watchers.add(done);
			});
		},
		end() {
			if (ended) return;
			ended = true;
			closeSync(file);
			wake();
			for (const {seen} of recent) seen?.();
		},
	};
}
