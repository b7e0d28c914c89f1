/** A bucket of tokens: `burst` at most, `rate` more each second. */
interface Rate {
	readonly rate: number;
	readonly burst: number;
}

/**
 * Takes a token each time it is called and returns 0; or, where there is none, takes nothing and returns how many milliseconds later there is
 * one. So no span of time sees more than `burst + rate * seconds` taken. `now` is a clock in milliseconds that never goes back.
 */
export function createBucket({rate, burst}: Rate, now = () => performance.now()): () => number {
	let tokens = burst;
	let filled = now();
	return () => {
		const time = now();
		tokens = Math.min(burst, tokens + ((time - filled) * rate) / 1000);
		filled = time;
		if (tokens < 1) return ((1 - tokens) * 1000) / rate;
		tokens--;
		return 0;
	};
}
