import {setTimeout as pause} from 'node:timers/promises';
import {reasonOf} from '@forgeone/core';
import type {Containers} from '@forgeone/wasm';
import type {Exchange} from './channel/exchange.ts';
import {errors} from './errors.ts';
import type {Cell, Ending, Handed, Isolation, Listener, Outfit, Program, Task} from './isolation.ts';
import type {Journal} from './journal.ts';
import {Tally} from './tally.ts';
import {type Watching, watch} from './watch.ts';

/** What a container runs. */
export interface Work {
	readonly task: Omit<Task, 'room'>;
	readonly outfit: Omit<Outfit, 'memory'>;
	/** Read when a cell is started. */
	readonly program: () => Promise<Program>;
	/** How long a command may run, in milliseconds. */
	readonly timeout: number | undefined;
	readonly called: Listener['called'];
	readonly refused: Listener['refused'];
	/** How many pieces of its output a log sink was not told of. */
	readonly dropped: () => number;
}

/** A container while it runs: its cell, and the timers that bound it. */
export interface Running {
	readonly journal: Journal;
	/** Settles when its cell was told to begin, or could not be; at once for a server. */
	readonly begun: Promise<unknown>;
	/** Settles with how it ended, for good. */
	readonly ended: Promise<Ending>;
	write(data: Uint8Array | undefined): Promise<void>;
	/** Opens a call of a server, whose cell is started where there is none; at once where there is one. */
	open(head: string): Exchange | Promise<Exchange>;
	/** As of a moment ago. */
	stats(): Containers.Usage;
	/** Lets it finish what it is doing, for `grace` milliseconds at most, and ends it. */
	stop(grace: number): Promise<void>;
	/** Ends it at once; `ending` says how that is told. */
	kill(ending: Ending): Promise<void>;
}

/** How much more time a guest has while its cell has not begun with it, in milliseconds: that is not its doing. */
const BEGINNING = 5_000;

/** How long a cell that is let go may finish with its connections, in milliseconds; as long as a request may take, where that is longer. */
const FAREWELL = 5_000;

/** How long whoever takes its ports from a cell waits for that, in milliseconds. */
const PARTING = 1_000;

/** What a cell may have beside the guest's memory: bytes, and bytes for each byte of its component. */
const SLACK = 64 * 2 ** 20;
const CODE = 8;

const keys = ['read', 'written', 'requests', 'cpu', 'fuel'] as const;

interface Place {
	readonly cell: Cell;
	readonly watching: Watching;
	/** The ports that it has taken over. */
	readonly handed: readonly Handed[];
	/** What it answers to the kernel. */
	readonly calls: Tally;
	/** Settles when the end of its cell was told. */
	readonly over: Promise<void>;
}

/** Runs a container. A command has a cell from the start to its end; a server has one from its first call on, until nothing has come for a while or it breaks. */
export function run(work: Work, isolation: Isolation, journal: Journal): Running {
	const {task, outfit, timeout} = work;
	const {promise: ended, resolve} = Promise.withResolvers<Ending>();
	const server = task.entry.kind === 'server';
	/** The same for a cell that takes over no port. */
	const bare = {...task, parts: task.parts.map(part => ({...part, listeners: 0}))};
	/** What cells that are gone have used. */
	const past = {read: 0, written: 0, requests: 0, cpu: 0, fuel: 0};
	const retired = new Set<Place>();
	let verdict: Ending | undefined;
	let starting: Promise<Place> | undefined;
	let current: Place | undefined;
	const inside = new Tally();
	let timer: NodeJS.Timeout | undefined;

	/** What a place takes over: all, or nothing. The kernel listens again, once, when the place is let go or its cell is gone, unless the container is. */
	function lend(place: () => Place): Handed[] {
		const lent = outfit.listeners.map(listener => {
			const server = listener.lend(() => yielded(place()));
			let returning: Promise<void> | undefined;
			return {
				server,
				given: () => (place() === current ? listener.given() : undefined),
				returned() {
					if (!verdict) returning ??= Promise.resolve(listener.returned());
					return returning;
				},
			};
		});
		return lent.every(({server}) => server) ? lent : [];
	}

	/** Bounds the time of a command from now on, and lets it have some more. */
	function limit(more: number): void {
		clearTimeout(timer);
		timer = server || timeout === undefined ? undefined : setTimeout(expire, timeout + more);
	}

	async function launch(): Promise<Place> {
		const program = await work.program();
		const room = SLACK + CODE * program.bytes.length;
		const memory = task.memory * task.instances + room;
		const cell = isolation.take(
			{...outfit, memory},
			task.parts.map(({module}) => module),
		);
		const watching = watch(cell, {
			deadline: server ? task.timeout : undefined,
			beginning: BEGINNING,
			memory,
			idle: () => server && retire(place),
			over: ending => void cell.kill(ending),
		});
		const handed = cell.listens ? lend(() => place) : [];
		const {promise: over, resolve: left} = Promise.withResolvers<void>();
		const place: Place = {cell, watching, handed, calls: new Tally(), over};
		limit(BEGINNING);
		current = place;
		cell.start({...(handed.length > 0 ? task : bare), room}, program, handed, {
			output: (source, data) => journal.append(source, data),
			begun() {
				watching.begun();
				limit(0);
			},
			called: work.called,
			refused: work.refused,
			ended(ending) {
				const {latest} = watching;
				watching.end();
				for (const key of keys) past[key] += latest[key];
				if (current === place) starting = current = undefined;
				left();
				if (!server || verdict) finish(verdict ?? ending);
			},
		});
		return place;
	}

	async function started(): Promise<Place> {
		// A cell that has ended still has its listeners to give back, and its last output to tell.
		while (current && !current.cell.alive) await current.over;
		starting ??= launch().catch(error => {
			starting = undefined;
			throw error;
		});
		return starting;
	}

	/** Lets go of a cell that has nothing to do; who comes now gets another. */
	async function retire(place: Place): Promise<void> {
		if (current !== place) return;
		starting = current = undefined;
		retired.add(place);
		await Promise.all(place.handed.map(listener => listener.returned()));
		const late = pause(Math.max(FAREWELL, task.timeout), undefined, {ref: false});
		await Promise.race([Promise.all([place.cell.drain(), place.calls.empty()]), late]);
		await place.cell.kill();
		retired.delete(place);
	}

	/** Has the kernel listen in place of a cell, which finishes what it has begun. Settles when it takes nothing more. */
	async function yielded(place: Place): Promise<void> {
		await Promise.race([retire(place), pause(PARTING, undefined, {ref: false})]);
	}

	function finish(ending: Ending): void {
		clearTimeout(timer);
		resolve(ending);
	}

	async function kill(ending: Ending): Promise<void> {
		verdict ??= ending;
		const places = [...retired, await starting?.catch(() => undefined)].filter(place => place !== undefined);
		if (places.length === 0) return finish(verdict);
		await Promise.all(places.map(({cell}) => cell.kill(verdict)));
	}

	function expire(): void {
		void kill({code: 124, reason: `deadline of ${timeout} ms exceeded`});
	}

	function open(head: string): Exchange | Promise<Exchange> {
		if (verdict) throw errors.FORGE_CONTAINER_EXITED({container: task.container});
		if (current?.cell.alive) return openIn(current, head);
		inside.enter();
		return started()
			.then(place => openIn(place, head))
			.finally(() => inside.leave());
	}

	function openIn({cell, calls}: Place, head: string): Exchange {
		inside.enter();
		calls.enter();
		return cell.open(head, () => {
			calls.leave();
			inside.leave();
		});
	}

	/** Settles once a server answers nothing, or a command has ended that was told that no input will come. */
	async function quiet(): Promise<unknown> {
		const cell = (await starting)?.cell;
		if (!server) {
			void cell?.write(undefined);
			return ended;
		}
		return Promise.all([inside.empty(), cell?.drain()]);
	}

	// Whoever starts a command must hear why it can not be.
	const begun = server ? Promise.resolve() : started().catch(error => finish({code: 125, reason: reasonOf(error)}));

	return {
		journal,
		begun,
		ended,
		async write(data) {
			await (await starting)?.cell.write(data);
		},
		open,
		stats() {
			const now = current?.watching.latest;
			const sum = (key: keyof typeof past): bigint => BigInt(Math.round(past[key] + (now?.[key] ?? 0)));
			const own = {memory: BigInt(now?.memory ?? 0), instances: now?.instances ?? 0, dropped: BigInt(work.dropped())};
			return {cpu: sum('cpu'), read: sum('read'), written: sum('written'), requests: sum('requests'), fuel: sum('fuel'), ...own};
		},
		async stop(grace) {
			const {promise: over, resolve: giveUp} = Promise.withResolvers<boolean>();
			const clock = setTimeout(giveUp, grace, false);
			const done = await Promise.race([quiet().then(() => true), over]);
			clearTimeout(clock);
			await kill(done ? {code: 0, reason: 'stopped'} : {code: 137, reason: `stopped after ${grace} ms`});
			await ended;
		},
		kill,
	};
}
