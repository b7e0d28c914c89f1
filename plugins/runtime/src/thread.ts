import {MessageChannel, Worker} from 'node:worker_threads';
import {type FromCell, SENT, type ToCell, UNSETTLED} from './cell/protocol.ts';
import {GuestFailure} from './guest-failure.ts';
import type {Cell, Ending, Isolation, Listener} from './isolation.ts';

/** How much input may be on its way to a guest before the writer waits, in pieces. */
const INPUT_ROOM = 16;

/** How long after a cell was taken the next one is warmed, in milliseconds: what ends at once needs no successor. */
const PAUSE = 100;

const module = new URL('./cell/worker.js', import.meta.url);

function createThread(): Cell {
	const {port1: port, port2} = new MessageChannel();
	const shared = new Int32Array(new SharedArrayBuffer(8));
	const worker = new Worker(module, {
		workerData: {port: port2, shared},
		transferList: [port2],
		env: {},
		stdin: false,
		resourceLimits: {maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32},
	});
	const asked = new Map<number, PromiseWithResolvers<unknown>>();
	const writers: (() => void)[] = [];
	let listener: Listener | undefined;
	let unread = 0;
	let count = 0;
	let over = false;
	let killing: Promise<unknown> | undefined;

	const send = (message: ToCell): void => {
		port.postMessage(message);
		Atomics.add(shared, SENT, 1);
		Atomics.notify(shared, SENT);
	};

	function end(ending: Ending): void {
		if (over) return;
		over = true;
		for (const {reject} of asked.values()) reject(new GuestFailure(ending));
		for (const proceed of writers.splice(0)) proceed();
		void worker.terminate();
		port.close();
		listener?.ended(ending);
	}

	async function output({source, data}: FromCell & {readonly type: 'output'}): Promise<void> {
		try {
			await listener?.output(source, data);
		} finally {
			Atomics.sub(shared, UNSETTLED, data.length);
			Atomics.notify(shared, UNSETTLED);
		}
	}

	port.on('message', (message: FromCell) => {
		if (message.type === 'output') void output(message);
		else if (message.type === 'ended') end(message.ending);
		else if (message.type === 'consumed') {
			unread--;
			writers.shift()?.();
		} else {
			const waiting = asked.get(message.id);
			asked.delete(message.id);
			if (message.type === 'answer') waiting?.resolve(message.payload);
			else waiting?.reject(new GuestFailure(message.ending));
		}
	});
	worker.on('error', (error: NodeJS.ErrnoException) => {
		const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
		end({code: memory ? 137 : 125, reason: memory ? 'out of memory' : error.message});
	});
	worker.on('exit', () => end({code: 137, reason: 'killed'}));
	worker.unref();
	port.unref();

	return {
		start(task, to) {
			listener = to;
			port.ref();
			send({type: 'start', task});
		},
		async write(data) {
			if (over) return;
			unread++;
			send({type: 'input', data});
			if (unread > INPUT_ROOM) await new Promise<void>(resolve => writers.push(resolve));
		},
		request(payload) {
			const waiting = Promise.withResolvers<unknown>();
			const id = count++;
			asked.set(id, waiting);
			send({type: 'request', id, payload});
			return waiting.promise;
		},
		async kill() {
			// Once: each call would add a listener to the worker.
			killing ??= worker.terminate();
			await killing;
		},
	};
}

/** Cells that are worker threads: they bound memory and time, and the kernel survives what happens in them; one process holds them all. */
export function createThreads(): Isolation {
	let spare: Cell | undefined = createThread();
	let timer: NodeJS.Timeout | undefined;
	return {
		name: 'thread',
		take() {
			const cell = spare ?? createThread();
			spare = undefined;
			timer ??= setTimeout(() => {
				timer = undefined;
				spare ??= createThread();
			}, PAUSE).unref();
			return cell;
		},
		async close() {
			clearTimeout(timer);
			await spare?.kill();
			spare = undefined;
		},
	};
}
