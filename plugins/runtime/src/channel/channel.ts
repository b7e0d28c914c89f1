import {reasonOf} from '@forgeone/wasm';
import {Calls} from './calls.ts';
import {Exchange, type Way} from './exchange.ts';
import {BREACH, type Frame, short, type Wire} from './frame.ts';
import {LEAST, WINDOW} from './waiting.ts';

/** Calls of either side over one wire. */
export interface Channel {
	/**
	 * Calls somebody on the other side; `ended` is called when the call is over. Where the wire is lost, the call is cancelled. Throws where the
	 * head is longer than a cell's may be.
	 */
	open(to: string, head: string, object?: unknown, ended?: () => void): Exchange;
	/** A call without bytes. */
	ask(to: string, head: string): Promise<string>;
	/** Has what was said go out now, for one who may hold the thread from now on. */
	flush(): void;
	/** The wire will be lost, and this is why. */
	foretell(reason: string): void;
	close(reason: string): void;
}

/** What a side does with what comes. */
export interface Ends {
	/** Somebody on this side is called. */
	take(to: string, call: Exchange, object: unknown): void;
	/** So many bytes more have come that are kept until somebody reads them. */
	kept?(bytes: number): void;
	/** No more will come: the wire was lost, or what came over it was no frame; then it is closed. */
	lost(reason: string): void;
}

/** The most calls that there may be when a cell opens one more. The kernel opens as many as it likes. */
const OPEN = 4096;

/** How many calls are few: the one that has started the cell, and another. */
const FEW = 2;

/** How many frames may come for calls that are over: a few always do, for they cross; of each call as many as may be on their way. */
const STRAY = 100_000;
const CROSSING = WINDOW / LEAST;

/** The most that the kernel keeps of what a cell has said in calls which are not over, in bytes. */
const KEPT = 128 * 1024 * 1024;

/** Makes the channel of one side. Calls of the kernel have even numbers, those of a cell odd ones. */
export function createChannel(wire: Wire, side: 'kernel' | 'cell', ends: Ends): Channel {
	const own = side === 'kernel' ? 0 : 1;
	const calls = new Calls<Exchange>();
	let next = own;
	let latest = -1;
	let strays = 0;
	let over = 0;
	let kept = 0;
	let gone: string | undefined;
	let foretold: string | undefined;

	function send(frame: Frame): void {
		if (gone !== undefined) return;
		wire.send(frame);
		// Where little is under way, the other side need not wait for the end of this turn; where much is, fewer and larger pieces are better.
		if (frame.kind === 'end' && calls.size <= FEW) wire.flush?.();
	}

	/** A cell is bounded by its memory, and lets clients of the kernel wait: only the kernel is in danger of too much. */
	function keep(bytes: number): void {
		kept += bytes;
		if (bytes > 0) ends.kept?.(bytes);
		if (bytes > 0 && kept > KEPT && side === 'kernel') throw new Error(`more than ${KEPT} bytes that nobody has read`);
	}

	const way: Way = {
		send,
		over(call) {
			calls.delete(call);
			over++;
		},
		keep,
	};

	function add(call: number, head: string, ended?: () => void): Exchange {
		const made = new Exchange(call, head, way);
		if (ended) made.onOver(ended);
		calls.add(made);
		return made;
	}

	/** Throws where a cell may open no more calls. */
	function crowded(): void {
		if (calls.size >= OPEN) throw new Error(`more than ${OPEN} calls at a time`);
	}

	function opened({call, to, head, object}: Frame & {readonly kind: 'open'}): void {
		if (call % 2 === own || call <= latest) throw new Error(`a call of the number ${call}`);
		latest = call;
		if (side === 'kernel') crowded();
		const made = add(call, head);
		made.keepText(head);
		ends.take(to, made, object);
	}

	function take(frame: Frame): void {
		const call = calls.get(frame.call);
		if (frame.kind === 'open') opened(frame);
		else if (call) call.hear(frame);
		else stray(frame);
	}

	function stray(frame: Frame): void {
		const known = frame.call % 2 === own ? frame.call < next : frame.call <= latest;
		if (!known) throw new Error(`a word about the call ${frame.call}, which there is not`);
		if (++strays > STRAY + CROSSING * over) throw new Error('too many words about calls that are over');
	}

	function lose(reason: string): void {
		if (gone !== undefined) return;
		gone = foretold ?? reason;
		for (const call of calls.drain()) call.lose(gone);
		ends.lost(reason);
	}

	wire.receive(frame => {
		if (gone !== undefined) return;
		try {
			take(frame);
		} catch (error) {
			wire.close();
			lose(`${BREACH}: ${reasonOf(error)}`);
		}
	}, lose);

	function open(to: string, head: string, object?: unknown, ended?: () => void): Exchange {
		// What the kernel says, a cell believes at any length: a task has all arguments of its guest.
		if (side === 'cell') {
			short(head);
			crowded();
		}
		const call = next;
		next += 2;
		const made = add(call, head, ended);
		if (gone === undefined) send({kind: 'open', call, to, head, ...(object === undefined ? {} : {object})});
		else made.lose(gone);
		return made;
	}

	return {
		open,
		async ask(to, head) {
			const call = open(to, head);
			call.finish();
			return call.reply();
		},
		flush: () => wire.flush?.(),
		foretell(reason) {
			foretold ??= reason;
		},
		close(reason) {
			wire.close();
			lose(reason);
		},
	};
}
