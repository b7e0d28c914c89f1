import {Worker} from 'node:worker_threads';
import {portWire} from '../channel/wires.ts';
import type {Ending, Isolation, Vessel} from '../isolation.ts';
import {createCell} from './cell.ts';
import {createPool} from './pool.ts';

const module = new URL('./cell/thread.js', import.meta.url);

function createThread(): Vessel {
	const worker = new Worker(module, {env: {}, stdin: false, resourceLimits: {maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32}});
	const {promise: gone, resolve} = Promise.withResolvers<Ending>();
	let killing: Promise<unknown> | undefined;
	worker.on('error', (error: NodeJS.ErrnoException) => {
		const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
		resolve({code: memory ? 137 : 125, reason: memory ? 'out of memory' : error.message});
	});
	worker.on('exit', () => resolve({code: 137, reason: 'killed'}));
	worker.unref();

	async function kill(): Promise<void> {
		// Once: each call would add a listener to the worker.
		killing ??= worker.terminate();
		await killing;
	}

	return {
		wire: portWire({
			postMessage: (frame, transfer) => worker.postMessage(frame, transfer),
			on: (event, hear) => worker.on(event, hear),
			close: () => void kill(),
		}),
		shares: true,
		listens: false,
		hand: () => worker.ref(),
		handed: () => undefined,
		gone,
		kill,
		async cost() {
			// One that has not begun yet, or has ended, has no figures.
			const {user, system} = await worker.cpuUsage().catch(() => ({user: 0, system: 0}));
			const cpu = (user + system) / 1000;
			return {cpu, wanted: cpu, memory: undefined};
		},
	};
}

/** Cells that are worker threads: they bound memory and time, and the kernel survives what happens in them; one process holds them all. */
export function createThreads(): Isolation {
	const pool = createPool(() => createCell(createThread()));
	return {name: 'thread', take: (_, modules) => pool.take(modules), close: () => pool.close()};
}
