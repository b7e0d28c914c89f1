import type {KernelCall} from '@forgeone/sdk';
import {CallCancelled} from '@forgeone/sdk/cell';
import type {Frame} from './frame.ts';

export type Through = Parameters<NonNullable<KernelCall['join']>>[1];

/** A call to which that goes on which was said in another. */
interface Partner {
	answer(head: string): void;
	put(bytes: Uint8Array): void;
	/** So much of what came with it was read where that went on to. */
	release(bytes: number): void;
	finish(trailer?: string): void;
	cancel(reason: string): void;
}

/** Why the call that was opened for another one ends, where that has ended. */
const LEFT = 'the client has left';

/** One direction of two calls that are joined; with `through` the one from who answers to who asks. */
export class Joint {
	readonly #to: Partner;
	readonly #through: Through | undefined;

	constructor(to: Partner, through?: Through) {
		this.#to = to;
		this.#through = through;
	}

	pass(frame: Frame): void {
		if (frame.kind === 'answer') this.#answer(frame.head);
		else if (frame.kind === 'data') this.#to.put(frame.bytes);
		else if (frame.kind === 'credit') this.#to.release(frame.bytes);
		else if (frame.kind === 'end') this.#to.finish(frame.trailer);
		else if (frame.kind === 'cancel') this.#part(new CallCancelled(frame.reason));
	}

	#part(error: unknown): void {
		this.#to.cancel(this.#through?.failed(error) ?? LEFT);
	}

	/** The head of an answer is a cell's, and may be anything. */
	#answer(head: string): void {
		try {
			this.#to.answer(this.#through?.answer(head) ?? head);
		} catch (error) {
			this.#part(error);
		}
	}
}
