import {median} from '../measure.ts';

let made = 0;

/**
 * A function that calls an expression so many times. Its text, which is the bench's, is made to differ from all others, as V8 would
 * give functions of the same text what it learned from each other.
 */
export function loops(call: string, scope: Readonly<Record<string, unknown>>): (count: number) => void {
	const names = Object.keys(scope);
	const body = `/* ${made++} */ const call = ${call}; return count => { let last; for (let i = 0; i < count; i++) last = call(i); return last }`;
	return new Function(...names, body)(...Object.values(scope));
}

/** Nanoseconds of one turn of a loop: the median of rounds long enough to be measured, after those that warm up. */
export function duration(loop: (count: number) => void): number {
	const timed = (count: number): number => {
		const start = performance.now();
		loop(count);
		return performance.now() - start;
	};
	let count = 16;
	while (timed(count) < 20) count *= 2;
	timed(count);
	return median(Array.from({length: 7}, () => (timed(count) / count) * 1e6));
}
