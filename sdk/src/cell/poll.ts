import type {CellContext} from './half.ts';

/** Whether something has come, asked without waiting. */
export interface Readiness {
	ready(): boolean;
	/** When it will be by itself, in milliseconds of `performance.now()`; undefined where only an event makes it so. */
	readonly due?: number | undefined;
}

/** `wasi:io/poll` `pollable`. */
export class Pollable {
	readonly #readiness: Readiness;
	readonly #wait: CellContext['wait'];

	constructor(readiness: Readiness, wait: CellContext['wait']) {
		this.#readiness = readiness;
		this.#wait = wait;
	}

	ready(): boolean {
		return this.#readiness.ready();
	}

	block(): void {
		while (!this.ready()) this.#wait(remaining(this.due));
	}

	get due(): number | undefined {
		return this.#readiness.due;
	}
}

function remaining(due: number | undefined): number | undefined {
	return due === undefined ? undefined : Math.max(0, due - performance.now());
}

/** `wasi:io/poll` `poll`: waits until one is ready, and gives the places of all that are. Traps on an empty list, as WASI says. */
export function poll(pollables: readonly Pollable[], wait: CellContext['wait']): Uint32Array {
	if (pollables.length === 0) throw new Error('poll of an empty list would wait for ever');
	for (;;) {
		const ready = pollables.flatMap((pollable, index) => (pollable.ready() ? [index] : []));
		if (ready.length > 0) return Uint32Array.from(ready);
		const dues = pollables.map(({due}) => due).filter(due => due !== undefined);
		wait(dues.length > 0 ? remaining(Math.min(...dues)) : undefined);
	}
}

/** Always ready: of files, and of whatever answers at once. */
export const always: Readiness = {ready: () => true};
