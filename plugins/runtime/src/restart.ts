import type {RuntimeTypes} from '@forgeone/wasm';

/** The first pause, the longest, and how long a container must have run for the count to begin anew, in milliseconds. */
const FIRST = 100;
const LONGEST = 60_000;
const STEADY = 10_000;

/** Whether a container that ended with this code, and was not ended by hand, is to be started again. */
export function wanted(restart: RuntimeTypes.Restart, code: number): boolean {
	return restart === 'always' || (restart === 'on-failure' && code !== 0);
}

/** How long to wait before that: a tenth of a second, doubled each time, up to a minute. */
export function delayOf(restarts: number, ran: number): number {
	return ran >= STEADY ? FIRST : Math.min(LONGEST, FIRST * 2 ** restarts);
}
