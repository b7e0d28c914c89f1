import {setImmediate} from 'node:timers/promises';

/** Makes what lets the calls of a container go on one after the other, each in another turn of the loop: between any two, others have theirs. */
export function createTurns(): (container: string) => Promise<void> {
	const last = new Map<string, Promise<void>>();
	return async container => {
		const turn = (last.get(container) ?? Promise.resolve()).then(() => setImmediate());
		last.set(container, turn);
		await turn;
		if (last.get(container) === turn) last.delete(container);
	};
}

/** Makes what does so much at a time, in turn: Node has four threads for files, and all others need them too. */
export function createLane(width: number): <T>(work: () => Promise<T>) => Promise<T> {
	const waiting: (() => void)[] = [];
	let free = width;
	return async work => {
		while (free === 0) await new Promise<void>(resolve => waiting.push(resolve));
		free--;
		try {
			return await work();
		} finally {
			free++;
			waiting.shift()?.();
		}
	};
}
