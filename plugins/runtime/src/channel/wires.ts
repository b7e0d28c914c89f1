import type {Socket} from 'node:net';
import {reasonOf} from '@forgeone/wasm';
import {BREACH, decoder, encode, type Frame, SMALL, type Wire} from './frame.ts';

/** How much may wait for the other side to read it, in bytes, before it is not listened to either. */
const BACKLOG = 1024 * 1024;

/** How much is put together before it goes out, in bytes. */
const BATCH = 256 * 1024;

/**
 * Frames over a socket, as many at once as are sent in one turn. A `wary` side does not listen to one that does not read, which could have it
 * store answers without end, nor to a frame of any length; of two sides one at most may be wary, or each would wait for the other.
 */
export function socketWire(socket: Socket, wary = false): Wire {
	let pending: Buffer[] = [];
	// The kernel hears of many clients in one turn, each on its own, and writes once for all of them; a cell is done once its guest is.
	const later = wary ? setImmediate : process.nextTick;
	let held = 0;

	function flush(): void {
		const frames = pending;
		pending = [];
		held = 0;
		if (socket.destroyed || frames.length === 0) return;
		// To write one piece is cheaper than to write many, and to copy a large one dearer than both.
		const large = frames.length > 1 && frames.some(({length}) => length > SMALL);
		if (large) socket.cork();
		for (const each of large || frames.length === 1 ? frames : [Buffer.concat(frames)]) socket.write(each);
		if (large) socket.uncork();
		if (wary && socket.writableLength > BACKLOG && !socket.isPaused()) {
			socket.pause();
			socket.once('drain', () => socket.resume());
		}
	}

	return {
		send(frame) {
			const bytes = encode(frame);
			held += bytes.length;
			if (pending.push(bytes) === 1) later(flush);
			if (held > BATCH) flush();
		},
		flush,
		receive(take, lost) {
			// The kernel may say more at once than it would hear.
			const decode = wary ? decoder(take) : decoder(take, Number.POSITIVE_INFINITY);
			socket.on('data', (chunk: Buffer) => {
				try {
					decode(chunk);
				} catch (error) {
					socket.destroy();
					lost(`${BREACH}: ${reasonOf(error)}`);
				}
			});
			socket.on('error', error => lost(error.message));
			socket.on('close', () => lost('it is gone'));
		},
		close: () => void socket.destroy(),
	};
}

/** Bytes of their own, for a view of a guest's memory would be posted with all of that. A Buffer's `slice` would be such a view again. */
const owned = (frame: Frame): Frame => (frame.kind === 'data' ? {...frame, bytes: new Uint8Array(frame.bytes)} : frame);

/** A message port, or a worker. */
interface Port {
	postMessage(frame: Frame, transfer: ArrayBuffer[]): void;
	on(event: 'message' | 'close', hear: (frame: Frame) => void): unknown;
	close(): void;
}

/** Frames over a message port. */
export function portWire(port: Port): Wire {
	return {
		send(frame) {
			const kept = owned(frame);
			port.postMessage(kept, kept.kind === 'data' ? [kept.bytes.buffer as ArrayBuffer] : []);
		},
		receive(take, lost) {
			port.on('message', take);
			port.on('close', () => lost('it is gone'));
		},
		close: () => port.close(),
	};
}

/** How often wires inside the process deliver in one turn of its loop, before others have theirs. */
const TURN = 256;

let deliveries = 0;

/** Does it before anything else of the loop, as long as that has not been done too often. */
function soon(work: () => void): void {
	if (deliveries === TURN) return void setImmediate(work);
	if (deliveries++ === 0) {
		setImmediate(() => {
			deliveries = 0;
		});
	}
	process.nextTick(work);
}

/** Two wires in one process, each the other end of the other. */
export function wirePair(): [Wire, Wire] {
	const ends: {take?: (frame: Frame) => void; lost?: (reason: string) => void}[] = [{}, {}];
	const lane = (to: 0 | 1) => {
		let pending: Frame[] = [];
		const flush = (): void => {
			const frames = pending;
			pending = [];
			for (const frame of frames) ends[to]?.take?.(frame);
		};
		return (frame: Frame): void => {
			// Small bytes are copied into what many share, for a buffer of their own costs more than they do.
			const kept: Frame = frame.kind === 'data' ? {kind: 'data', call: frame.call, bytes: Buffer.from(frame.bytes)} : frame;
			if (pending.push(kept) === 1) soon(flush);
		};
	};
	const wire = (own: 0 | 1): Wire => ({
		send: lane(own === 0 ? 1 : 0),
		receive: (take, lost) => void Object.assign(ends[own] as object, {take, lost}),
		close() {
			const [here, there] = [ends[own], ends[1 - own]];
			setImmediate(() => {
				here?.lost?.('it is gone');
				there?.lost?.('it is gone');
			});
		},
	});
	return [wire(0), wire(1)];
}
