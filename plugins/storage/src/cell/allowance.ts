import {Bell} from '@forgeone/sdk/cell';
import {fail} from './code.ts';

/** Bytes, and names of files, folders and links. */
export interface Amount {
	readonly bytes: number;
	readonly inodes: number;
}

/** Asks the kernel half for so much; `left` is what is not used yet of what was granted before. */
export type Grant = (asked: Amount, left: Amount) => Promise<Amount>;

/** What this container may still write to a volume that has a quota. It is granted in pieces, as it is used up; what is deleted counts again only once the kernel half has counted. */
export class Allowance {
	readonly #grant: Grant;
	#left: Amount = {bytes: 0, inodes: 0};
	/** Of what is left, what streams have set aside. */
	#aside = 0;
	#asking: Promise<unknown> = Promise.resolve();
	readonly #bell = new Bell();
	/** Calls back whenever there may be more. */
	readonly watch = this.#bell.watch;

	constructor(grant: Grant) {
		this.#grant = grant;
	}

	/** How many bytes can be taken now. */
	get bytes(): number {
		return this.#left.bytes - this.#aside;
	}

	/** Takes so much, or nothing. */
	take({bytes, inodes}: Amount): boolean {
		if (bytes > this.bytes || inodes > this.#left.inodes) return false;
		this.#left = {bytes: this.#left.bytes - bytes, inodes: this.#left.inodes - inodes};
		return true;
	}

	/** Gives back what was taken for nothing. */
	give({bytes, inodes}: Amount): void {
		this.#left = {bytes: this.#left.bytes + bytes, inodes: this.#left.inodes + inodes};
		this.#bell.ring();
	}

	/** Keeps bytes for a stream, or less where `bytes` is negative. */
	setAside(bytes: number): void {
		this.#aside += bytes;
		if (bytes < 0) this.#bell.ring();
	}

	/** Uses bytes that were set aside. */
	spend(bytes: number): void {
		this.#aside -= bytes;
		this.#left = {...this.#left, bytes: this.#left.bytes - bytes};
	}

	/** Asks for more, one after the other; gives what was granted, which others may have taken by then. */
	more(asked: Amount): Promise<Amount> {
		const granted = this.#asking.then(() => this.#grant(asked, this.#left));
		this.#asking = granted.then(amount => this.give(amount)).catch(() => undefined);
		return granted;
	}

	/** Tells those who watch that something has changed. */
	ring(): void {
		this.#bell.ring();
	}
}

/** Does the work once what it needs is granted, at once where nothing bounds it. What it needs is asked again after waiting. Throws `quota`. */
export function within<T>(allowance: Allowance | undefined, need: () => Amount, work: () => T): T {
	if (!allowance) return work();
	const attempt = (amount: Amount): T => {
		try {
			return work();
		} catch (error) {
			allowance.give(amount);
			throw error;
		}
	};
	const now = need();
	if (allowance.take(now)) return attempt(now);
	const granted = () => {
		const then = need();
		return allowance.take(then) ? attempt(then) : fail('quota');
	};
	const later = allowance.more(now).then(granted, () => fail('io'));
	// What calls this is marked `suspending`: the guest, which sees no promise, waits for it.
	return later as T;
}
