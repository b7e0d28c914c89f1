import {reasonOf} from '@forgeone/core';
import type {Handlers} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {GuestFailure} from './guest-failure.ts';
import type {Cell, Ending, Isolation, Task} from './isolation.ts';
import type {Journal} from './journal.ts';

/** A container while it runs: its cell, and the timers that bound it. */
export interface Running {
	readonly journal: Journal;
	/** Settles with how it ended, for good. */
	readonly ended: Promise<Ending>;
	write(data: Uint8Array | undefined): Promise<void>;
	/** Throws FORGE_CONTAINER_DEADLINE, FORGE_CONTAINER_FAILED. */
	handle(request: Handlers.Request): Promise<Handlers.Response>;
	/** Lets it finish what it is doing, for `grace` milliseconds at most, and ends it. */
	stop(grace: number): Promise<void>;
	/** Ends it at once; `ending` says how that is told. */
	kill(ending: Ending): Promise<void>;
}

/** How long a server may take for one request where the container has no timeout of its own, in milliseconds. */
const REQUEST = 30_000;

/** Starts a task in a cell. A server whose cell breaks or is ended for taking too long gets another one. */
export function run(task: Task, isolation: Isolation, journal: Journal, timeout: number | undefined): Running {
	const {promise: ended, resolve} = Promise.withResolvers<Ending>();
	const server = task.entry.kind === 'server';
	let verdict: Ending | undefined;
	let inside = 0;
	let idle = () => {};
	let cell = launch();
	const timer = server || timeout === undefined ? undefined : setTimeout(expire, timeout);

	function launch(): Cell {
		const made = isolation.take();
		made.start(task, {
			output: (source, data) => journal.append(source, data),
			ended(ending) {
				if (server && !verdict && made === cell) cell = launch();
				else if (made === cell) finish(verdict ?? ending);
			},
		});
		return made;
	}

	function finish(ending: Ending): void {
		clearTimeout(timer);
		resolve(ending);
	}

	function kill(ending: Ending): Promise<void> {
		verdict ??= ending;
		return cell.kill();
	}

	function expire(): void {
		void kill({code: 124, reason: `deadline of ${timeout} ms exceeded`});
	}

	async function handle(request: Handlers.Request): Promise<Handlers.Response> {
		const {container} = task;
		const milliseconds = timeout ?? REQUEST;
		const asked = cell;
		let late = false;
		const clock = setTimeout(() => {
			late = true;
			void asked.kill();
		}, milliseconds);
		inside++;
		try {
			// The network's half of the cell gave it this shape.
			return (await asked.request(request)) as Handlers.Response;
		} catch (error) {
			if (late) throw errors.FORGE_CONTAINER_DEADLINE({container, milliseconds}, {cause: error});
			const reason = error instanceof GuestFailure ? (error.ending.reason ?? `exit ${error.ending.code}`) : reasonOf(error);
			throw errors.FORGE_CONTAINER_FAILED({container, reason}, {cause: error});
		} finally {
			clearTimeout(clock);
			if (--inside === 0) idle();
		}
	}

	/** Settles once a server answers nothing, or a command has ended that was told that no input will come. */
	function quiet(): Promise<unknown> {
		if (!server) {
			void cell.write(undefined);
			return ended;
		}
		return new Promise<void>(done => {
			idle = done;
			if (inside === 0) done();
		});
	}

	return {
		journal,
		ended,
		write: data => cell.write(data),
		handle,
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
