import type {Sink, Source} from './streams.ts';

/** The bytes that come in with a call. They end by themselves, or fail with an `IoError` whose cause is why the call was cancelled. */
export interface Incoming extends Source {
	/** What was said at the end, once that has come. */
	readonly trailer: string | undefined;
}

/** The bytes that go out with a call. Once it is cancelled there is no room any more. */
export interface Outgoing extends Sink {
	/** No more will come; a trailer says what could not be said before. */
	end(trailer?: string): void;
}

/**
 * One exchange between a cell and the kernel: a head there, a head back, and bytes in both directions, each held back while its reader is
 * behind. Heads and trailers are text, JSON by custom; 256 KiB at most.
 */
export interface Call {
	/** What it is about, as its opener said. */
	head(): string;
	/** For its opener: what the other side answers. Rejects with `CallCancelled`. */
	reply(): Promise<string>;
	/** For the other side: answers, once. */
	answer(head: string): void;
	readonly incoming: Incoming;
	readonly outgoing: Outgoing;
	/** Whether nothing of it was read, answered or written yet on this side: then somebody else can still serve it. */
	readonly untouched: boolean;
	/** Ends both directions at once, for both sides, with a reason for the other. After the end of both it does nothing. */
	cancel(reason: string): void;
	/** Calls `wake` when the other side, or the loss of the cell, has cancelled it, also where it already has. Returns what ends that. */
	onCancel(wake: (reason: string) => void): () => void;
}

/** The other side has cancelled a call, or is gone. */
export class CallCancelled extends Error {
	/** As the other side said it. */
	readonly reason: string;

	constructor(reason: string) {
		super(`the call was cancelled: ${reason}`);
		this.reason = reason;
	}
}
