import type {Place} from './places.ts';

/** Whom a published socket has heard of late. */
export interface Heard {
	add(place: Place): void;
	has(place: Place): boolean;
}

/** For how long who was heard counts, in milliseconds, and how many of those are remembered: the latest. */
const LIFETIME = 60_000;
const KEPT = 4096;

/** A place as the key of a table. */
export const keyOf = ({address, port}: Place): string => `${address} ${port}`;

/** Makes one that has heard nobody yet. */
export function createHeard(): Heard {
	const until = new Map<string, number>();
	return {
		add(place) {
			const key = keyOf(place);
			until.delete(key);
			until.set(key, performance.now() + LIFETIME);
			const [oldest] = until.keys();
			if (until.size > KEPT && oldest !== undefined) until.delete(oldest);
		},
		has: place => (until.get(keyOf(place)) ?? 0) > performance.now(),
	};
}
