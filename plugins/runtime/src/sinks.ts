import {setTimeout as pause} from 'node:timers/promises';
import {deadline, type Log, type Provider, reasonOf} from '@forgeone/core';
import {logSink} from '@forgeone/sdk';
import type {Containers, LogSink} from '@forgeone/wasm';

/** The output of one container, on its way to the sinks. */
interface Outlet {
	/** Takes a piece, or drops it where too much waits; nobody waits for it. */
	offer(output: Containers.Output): void;
	/** How many pieces no sink, or not every sink, was told of. */
	dropped(): number;
}

/** Those who keep the output of containers elsewhere. */
export interface Sinks {
	outlet(container: string, name: string): Outlet;
	/** Whether there is anybody. */
	tapped(now: boolean): void;
	/** Gathers no longer what waits: whoever ran a container may be about to stop the engine. */
	hurry(): void;
}

/** The most that waits, of all containers and of one, that is told at once, and that a small piece counts, in bytes. */
const MOST = 4 * 1024 * 1024;
const EACH = MOST / 4;
const BATCH = 256 * 1024;
const LEAST = 256;

/** How many pieces are told at once. */
const COUNT = 256;

/** For how long pieces are gathered, and how long a call may take, in milliseconds. */
const GATHER = 20;
const PATIENCE = 5_000;

/** Sinks that run in this thread have one part of it in so many. */
const SHARE = 10;

/** How seldom a loss is logged, in milliseconds. */
const SELDOM = 10_000;

/** What is counted of one container. */
interface Tally {
	held: number;
	dropped: number;
}

interface Piece {
	readonly entry: LogSink.Entry;
	readonly size: number;
	readonly tally: Tally;
}

/** Logs what is lost, now and then. */
function createComplaint(log: Log): (pieces: number, reason: string) => void {
	let [lost, quiet] = [0, 0];
	return (pieces, reason) => {
		lost += pieces;
		if (Date.now() < quiet) return;
		quiet = Date.now() + SELDOM;
		log.warn({pieces: lost, reason}, 'output did not reach a log sink');
		lost = 0;
	};
}

/** Makes what tells the sinks: in batches, one after the other, with so much time between them that a slow one slows nobody else. */
export function createSinks(sinks: Provider<typeof LogSink>, log: Log): Sinks {
	const waiting: Piece[] = [];
	const complain = createComplaint(log);
	let [held, untold] = [0, 0n];
	let [open, busy, hasty] = [false, false, false];
	let wake = () => {};

	function lose(pieces: readonly Piece[], reason: string): void {
		for (const {tally} of pieces) tally.dropped++;
		complain(pieces.length, reason);
	}

	function next(): Piece[] {
		let bytes = 0;
		let count = 0;
		for (const {size} of waiting) {
			bytes += size;
			if (count === COUNT || (count > 0 && bytes > BATCH)) break;
			count++;
		}
		const batch = waiting.splice(0, count);
		for (const {size, tally} of batch) {
			held -= size;
			tally.held -= size;
		}
		return batch;
	}

	/** How much processor time the sinks have had in this thread, in milliseconds. */
	async function tell(batch: readonly Piece[]): Promise<number> {
		const entries = batch.map(({entry}) => entry);
		const before = process.threadCpuUsage();
		const told = sinks.write(entries, untold);
		const {user, system} = process.threadCpuUsage(before);
		untold = 0n;
		await deadline(told, PATIENCE, logSink.id).catch(error => lose(batch, reasonOf(error)));
		return (user + system) / 1000;
	}

	function gather(): Promise<void> {
		return new Promise(resolve => {
			wake = resolve;
			setTimeout(resolve, GATHER).unref();
		});
	}

	async function run(): Promise<void> {
		busy = true;
		while (waiting.length > 0) {
			if (!hasty) await gather();
			const spent = await tell(next());
			await pause((SHARE - 1) * spent, undefined, {ref: false});
		}
		[busy, hasty] = [false, false];
	}

	function take(piece: Piece): void {
		const {size, tally} = piece;
		if (held + size > MOST || tally.held + size > EACH) {
			untold++;
			lose([piece], 'too much waits for it');
			return;
		}
		held += size;
		tally.held += size;
		waiting.push(piece);
		if (!busy) void run();
	}

	return {
		outlet(container, name) {
			const tally = {held: 0, dropped: 0};
			return {
				offer(output) {
					if (open) take({entry: {container, name, ...output}, size: Math.max(output.data.length, LEAST), tally});
				},
				dropped: () => tally.dropped,
			};
		},
		tapped(now) {
			open = now;
		},
		hurry() {
			hasty = busy;
			wake();
		},
	};
}
