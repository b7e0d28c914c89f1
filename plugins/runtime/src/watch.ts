import {endingOf} from './cell/ending.ts';
import {errors} from './errors.ts';
import type {Cell, Cost, Ending, Pulse} from './isolation.ts';

/** What may happen to a cell that is watched. */
export interface Watch {
	/** How long it may leave a question unanswered, in milliseconds: as long as its guest may hold its thread. It is asked every 200 ms. */
	readonly deadline: number | undefined;
	/** How much longer than that until it has begun, in milliseconds. */
	readonly beginning: number;
	/** Bytes of memory that it may have beside what it had before it ran anything. */
	readonly memory: number;
	/** Nothing was asked of it for a while. */
	idle(): void;
	/** It went too far. */
	over(ending: Ending): void;
}

export interface Watching {
	/** As it was when it answered last; what it costs, as of a moment ago. */
	readonly latest: Pulse & Cost;
	/** It has begun with its guest. */
	begun(): void;
	end(): void;
}

/** How often a cell is asked, in milliseconds. */
const BEAT = 200;

/** What a process has that runs nothing yet, in bytes: one that has only begun has less. */
const BARE = 48 * 2 ** 20;

/** How long a server that answers nothing keeps its cell, in milliseconds. */
const IDLE = 30_000;

/** For how long it is looked at what a cell wants of a processor, in milliseconds, and which part of that is too much beside others. */
const LOOK = 1_000;
const BUSY = 0.8;

const none = {read: 0, written: 0, requests: 0, instances: 0, memory: 0, fuel: 0, active: 0, cpu: 0, wanted: 0};

/** Asks a cell again and again whether it is alive and what it uses. */
export function watch(cell: Cell, {deadline, beginning, memory, idle, over}: Watch): Watching {
	const base = cell.cost().then(({memory = 0}) => Math.max(memory, BARE));
	let latest: Pulse & Cost = none;
	let asking = false;
	let clock: NodeJS.Timeout | undefined;
	let quiet = Date.now();
	let looked = Date.now();
	let wanted = 0;
	let yielding = false;
	let more = beginning;

	/** Who computes all the time lets those go first who only answer. */
	function compare(now: number): void {
		const time = Date.now() - looked;
		if (time < LOOK) return;
		const busy = now - wanted > BUSY * time;
		if (busy !== yielding) cell.yields(busy);
		yielding = busy;
		looked += time;
		wanted = now;
	}

	/** Bounds the time of what is asked, from now on. */
	function bound(): void {
		clearTimeout(clock);
		const late = {code: 124, reason: `deadline of ${deadline} ms exceeded`};
		if (asking && deadline !== undefined) clock = setTimeout(over, deadline + more, late).unref();
	}

	async function ask(): Promise<void> {
		const [pulse, cost] = await Promise.all([cell.pulse(), cell.cost()]);
		const busy = pulse.active > 0 || pulse.requests !== latest.requests;
		latest = {...pulse, ...cost, memory: cost.memory ?? pulse.memory};
		if (busy) quiet = Date.now();
		else if (Date.now() - quiet > IDLE) idle();
	}

	async function check(): Promise<void> {
		const {cpu, wanted: now, memory: held} = await cell.cost();
		compare(now);
		// A guest that holds its thread costs, too.
		latest = {...latest, cpu, memory: held ?? latest.memory};
		if (held !== undefined && held > (await base) + memory) return over(endingOf(errors.FORGE_CONTAINER_MEMORY({bytes: held})));
		if (asking) return;
		asking = true;
		bound();
		await ask().finally(() => {
			clearTimeout(clock);
			asking = false;
		});
	}

	// A cell that is gone answers nothing, and is not watched for long.
	const timer = setInterval(() => void check().catch(() => undefined), BEAT).unref();
	return {
		get latest() {
			return latest;
		},
		begun() {
			more = 0;
			bound();
		},
		end() {
			clearInterval(timer);
			clearTimeout(clock);
		},
	};
}
