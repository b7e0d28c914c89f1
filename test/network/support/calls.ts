import type {KernelCall} from '@forgeone/sdk';
import {Bell, type Call, CallCancelled, IoError, until} from '@forgeone/sdk/cell';

/** How many bytes may be under way in one direction. */
const WINDOW = 256 * 1024;

/** One direction of a call in memory. */
function pipe(reason: () => string | undefined, bell: Bell) {
	let [pieces, size, ended, trailer]: [Uint8Array[], number, boolean, string | undefined] = [[], 0, false, undefined];
	const over = () => reason() !== undefined && !ended;
	return {
		room: () => (reason() !== undefined || ended ? undefined : WINDOW - size),
		write(bytes: Uint8Array) {
			pieces.push(bytes.slice());
			size += bytes.length;
			bell.ring();
		},
		end(said?: string) {
			ended = true;
			trailer = said;
			bell.ring();
		},
		ready: () => size > 0 || ended || over(),
		ended: () => ended && size === 0,
		trailer: () => (size === 0 && ended ? trailer : undefined),
		read(most: number): Uint8Array | undefined {
			if (over()) throw new IoError(String(reason()), reason());
			const [first] = pieces;
			if (!first) return ended ? undefined : new Uint8Array();
			const bytes = first.subarray(0, most);
			if (bytes.length === first.length) pieces = pieces.slice(1);
			else pieces[0] = first.subarray(bytes.length);
			size -= bytes.length;
			bell.ring();
			return bytes;
		},
	};
}

/** Both ends of a call, in memory: the one that a cell half has opened, and the one that its kernel half gets. */
export function pairOfCalls(head: string): {cell: Call; kernel: KernelCall} {
	const bell = new Bell();
	let [reason, answer]: [string | undefined, string | undefined] = [undefined, undefined];
	const [there, back] = [pipe(() => reason, bell), pipe(() => reason, bell)];
	const cancel = (why: string) => {
		if (there.ended() && back.ended()) return;
		reason ??= why;
		bell.ring();
	};
	const settled = (ready: () => boolean) => until({ready, watch: bell.watch});
	const fail = () => {
		throw new CallCancelled(String(reason));
	};
	const cell: Call = {
		head: () => head,
		answer: fail,
		async reply() {
			await settled(() => answer !== undefined || reason !== undefined);
			return answer ?? fail();
		},
		incoming: {
			ready: back.ready,
			watch: bell.watch,
			read: back.read,
			get trailer() {
				return back.trailer();
			},
		},
		outgoing: {ready: () => there.room() !== 0, watch: bell.watch, room: there.room, write: there.write, end: there.end},
		cancel,
		onCancel: wake => bell.watch(() => reason !== undefined && wake(reason)),
	};
	const kernel: KernelCall = {
		head: () => head,
		reply: fail,
		answer(said) {
			answer = said;
			bell.ring();
		},
		async read() {
			await settled(there.ready);
			return there.read(65_536);
		},
		trailer: there.trailer,
		async write(bytes) {
			back.write(bytes);
			await settled(() => (back.room() ?? 1) > 0);
			if (reason !== undefined) fail();
		},
		finish: back.end,
		cancel,
		async cancelled() {
			await settled(() => reason !== undefined || (there.ended() && back.ended()));
			return reason;
		},
	};
	return {cell, kernel};
}
