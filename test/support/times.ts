import {setTimeout as pause} from 'node:timers/promises';

/** How many calls a round has. */
const CALLS = 100;

/** How long all but one of a hundred calls took at the most, in milliseconds. */
export async function slowest(call: () => Promise<unknown>): Promise<number> {
	const times: number[] = [];
	for (let i = 0; i < CALLS; i++) {
		const before = performance.now();
		await call();
		times.push(performance.now() - before);
		await pause(2);
	}
	return times.sort((one, other) => one - other).at(-2) as number;
}

/**
 * The least that a round has measured, of as many as it takes until that is `enough`, and no more than `most`: what a busy machine adds is not
 * there each time, and what the code costs is.
 */
export async function leastOf(most: number, round: () => Promise<number>, enough: (least: number) => boolean): Promise<number> {
	let least = await round();
	for (let i = 1; i < most && !enough(least); i++) least = Math.min(least, await round());
	return least;
}
