import type {BigIntStats} from 'node:fs';
import type {FileTimes, NewTimestamp} from './values.ts';

/** How many files' times are remembered; of any more, the oldest are forgotten. */
const MOST = 1024;

/** A time of a file, in nanoseconds: as it was set, and as the file has it since. */
interface Remembered {
	readonly set: bigint;
	readonly kept: bigint;
}

/** The times that a guest has set. Node takes seconds as a double, which falls short by up to 120 nanoseconds; here the rest is remembered. */
export class Times {
	readonly #files = new Map<string, Readonly<Record<keyof FileTimes, Remembered>>>();

	/** The times of a file, as they were set where they are still what was set. */
	of({dev, ino, atimeNs, mtimeNs}: BigIntStats): FileTimes {
		const file = this.#files.get(`${dev}:${ino}`);
		const exact = (now: bigint, before: Remembered | undefined) => (before?.kept === now ? before.set : now);
		return {access: exact(atimeNs, file?.access), modification: exact(mtimeNs, file?.modification)};
	}

	/** Notes what was set for a file that has these times since. */
	remember({dev, ino, atimeNs, mtimeNs}: BigIntStats, {access, modification}: FileTimes): void {
		const key = `${dev}:${ino}`;
		this.#files.delete(key);
		if (access === atimeNs && modification === mtimeNs) return;
		this.#files.set(key, {access: {set: access, kept: atimeNs}, modification: {set: modification, kept: mtimeNs}});
		const [oldest] = this.#files.keys();
		if (this.#files.size > MOST && oldest !== undefined) this.#files.delete(oldest);
	}
}

function nanoseconds(time: NewTimestamp, before: bigint): bigint {
	if (time.tag === 'no-change') return before;
	if (time.tag === 'now') return BigInt(Date.now()) * 1_000_000n;
	return time.val.seconds * 1_000_000_000n + BigInt(time.val.nanoseconds);
}

/** What the times are to be that were `before`. */
export const changed = (before: FileTimes, access: NewTimestamp, modification: NewTimestamp): FileTimes => ({
	access: nanoseconds(access, before.access),
	modification: nanoseconds(modification, before.modification),
});

/** A time as Node takes it. */
export const seconds = (time: bigint): number => Number(time) / 1e9;
