import type {KernelCall} from '@forgeone/sdk';
import {Bell, type Call, CallCancelled, type Incoming, IoError, type Outgoing, until} from '@forgeone/sdk/cell';

const WINDOW = 1024 * 1024;

/** Bytes in one direction, WINDOW of them at most. */
function pipe(cancelled: () => string | undefined, bell: Bell) {
	const queue: Uint8Array[] = [];
	let size = 0;
	let ended = false;
	let trailer: string | undefined;
	const outgoing: Outgoing = {
		room: () => (cancelled() === undefined && !ended ? WINDOW - size : undefined),
		ready: () => outgoing.room() !== 0,
		watch: bell.watch,
		write(bytes) {
			queue.push(new Uint8Array(bytes));
			size += bytes.length;
			bell.ring();
		},
		end(said) {
			ended = true;
			trailer = said;
			bell.ring();
		},
	};
	const incoming: Incoming = {
		ready: () => size > 0 || ended || cancelled() !== undefined,
		watch: bell.watch,
		read(most) {
			const first = queue.shift();
			if (first) {
				if (first.length > most) queue.unshift(first.subarray(most));
				size -= Math.min(most, first.length);
				bell.ring();
				return first.subarray(0, most);
			}
			if (ended) return undefined;
			const reason = cancelled();
			if (reason !== undefined) throw new IoError(reason, reason);
			return new Uint8Array();
		},
		get trailer() {
			return size === 0 ? trailer : undefined;
		},
	};
	return {outgoing, incoming};
}

/** Both ends of a call, as a cell's half sees them: of the one who opened it, and of the other. */
export function callPair(head: string): {opener: Call; other: Call} {
	const bell = new Bell();
	const reply = Promise.withResolvers<string>();
	reply.promise.catch(() => undefined);
	let reason: string | undefined;
	const [there, back] = [pipe(() => reason, bell), pipe(() => reason, bell)];
	const common = {
		head: () => head,
		untouched: false,
		reply: () => reply.promise,
		answer: reply.resolve,
		cancel(why: string) {
			reason ??= why;
			reply.reject(new CallCancelled(why));
			bell.ring();
		},
		onCancel(wake: (reason: string) => void) {
			const look = () => reason !== undefined && wake(reason);
			queueMicrotask(look);
			return bell.watch(look);
		},
	};
	return {
		opener: {...common, outgoing: there.outgoing, incoming: back.incoming},
		other: {...common, outgoing: back.outgoing, incoming: there.incoming},
	};
}

/** A call as the kernel sees it. */
export function kernelCall({head, reply, answer, incoming, outgoing, cancel, onCancel}: Call): KernelCall {
	return {
		head,
		reply,
		answer,
		async read() {
			await until(incoming);
			try {
				return incoming.read(WINDOW);
			} catch (error) {
				throw new CallCancelled((error as IoError).toDebugString());
			}
		},
		trailer: () => incoming.trailer,
		async write(bytes) {
			for (let at = 0; at < bytes.length; ) {
				await until(outgoing);
				const room = outgoing.room();
				// Whoever has cancelled it said why.
				if (room === undefined) return void (await reply());
				outgoing.write(bytes.subarray(at, at + room));
				at += room;
			}
		},
		finish: trailer => outgoing.end(trailer),
		cancel,
		cancelled: () => new Promise(resolve => onCancel(resolve)),
	};
}
