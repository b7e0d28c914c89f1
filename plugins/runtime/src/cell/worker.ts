import {type MessagePort, receiveMessageOnPort, workerData} from 'node:worker_threads';
import type {Task} from '../isolation.ts';
import {createGuest, endingOf, type Guest} from './guest.ts';
import {type FromCell, OUTPUT_ROOM, SENT, type ToCell, UNSETTLED} from './protocol.ts';

const {port, shared} = workerData as {readonly port: MessagePort; readonly shared: Int32Array};
const input: (Uint8Array | undefined)[] = [];
let guest: Guest | undefined;
let queue: Promise<void> = Promise.resolve();

const send = (message: FromCell): void => port.postMessage(message);

function take(message: ToCell): void {
	if (message.type === 'start') start(message.task);
	else if (message.type === 'input') input.push(message.data);
	else queue = queue.then(() => answer(message.id, message.payload));
}

/** Takes what has arrived while the guest had the thread; whether there was anything. */
function drain(): boolean {
	let some = false;
	for (let found = receiveMessageOnPort(port); found; found = receiveMessageOnPort(port)) {
		some = true;
		take(found.message as ToCell);
	}
	return some;
}

/** Sleeps until a message arrives, or the time is over. The count is read before the port is, so that none is slept through. */
function wait(milliseconds: number | undefined): void {
	const sent = Atomics.load(shared, SENT);
	if (drain()) return;
	Atomics.wait(shared, SENT, sent, milliseconds);
	drain();
}

const stdio = {
	input: {
		ready: () => input.length > 0 || drain(),
		read(most: number): Uint8Array | undefined {
			if (input.length === 0) drain();
			if (input.length === 0) return new Uint8Array();
			const [first] = input;
			if (!first) return undefined;
			if (first.length > most) input[0] = first.subarray(most);
			else {
				input.shift();
				send({type: 'consumed'});
			}
			return first.subarray(0, most);
		},
	},
	output(source: 'stdout' | 'stderr', data: Uint8Array): void {
		for (let held = Atomics.load(shared, UNSETTLED); held > OUTPUT_ROOM; held = Atomics.load(shared, UNSETTLED)) {
			Atomics.wait(shared, UNSETTLED, held);
		}
		Atomics.add(shared, UNSETTLED, data.length);
		const copy = data.slice();
		port.postMessage({type: 'output', source, data: copy} satisfies FromCell, [copy.buffer]);
	},
};

function start(task: Task): void {
	guest = createGuest(task, stdio, wait);
	if (task.entry.kind === 'command') void guest.command().then(ending => send({type: 'ended', ending}));
}

async function answer(id: number, payload: unknown): Promise<void> {
	try {
		send({type: 'answer', id, payload: await guest?.answer(payload)});
	} catch (error) {
		send({type: 'failure', id, ending: endingOf(error)});
	}
}

port.on('message', take);
