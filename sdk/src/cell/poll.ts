import {suspending} from '@forgeone/wasm';

/** Whether something has come, and word of when that may have changed. */
export interface Readiness {
	ready(): boolean;
	/** Calls `wake` whenever `ready` may have changed, never before it returns. Returns what ends that. */
	watch(wake: () => void): () => void;
}

/** Wakes those who watch it. */
export class Bell {
	readonly #watchers = new Set<() => void>();

	readonly watch = (wake: () => void): (() => void) => {
		// A function of its own, for the same one may watch twice.
		const watcher = () => wake();
		this.#watchers.add(watcher);
		return () => void this.#watchers.delete(watcher);
	};

	ring(): void {
		if (this.#watchers.size > 0) for (const wake of [...this.#watchers]) wake();
	}
}

/** Always ready: files, and whatever else answers at once. */
export const always: Readiness = {ready: () => true, watch: () => () => undefined};

/** One of many. */
const any = (all: readonly Readiness[]): Readiness => ({
	ready: () => all.some(each => each.ready()),
	watch(wake) {
		const ends = all.map(each => each.watch(wake));
		return () => {
			for (const end of ends) end();
		};
	},
});

/** Settles once one of them is ready. */
export function until(...all: readonly Readiness[]): Promise<void> {
	const [first] = all;
	const one = first && all.length === 1 ? first : any(all);
	return new Promise(resolve => {
		const look = () => {
			if (!one.ready()) return;
			end();
			resolve();
		};
		const end = one.watch(look);
		look();
	});
}

/** `wasi:io/poll` `pollable`. */
export class Pollable {
	static {
		suspending(Pollable.prototype.block);
	}

	readonly #readiness: Readiness;

	constructor(readiness: Readiness) {
		this.#readiness = readiness;
	}

	ready(): boolean {
		return this.#readiness.ready();
	}

	/** Suspends the guest until it is ready. */
	block(): void | Promise<void> {
		return this.ready() ? undefined : until(this.#readiness);
	}

	watch(wake: () => void): () => void {
		return this.#readiness.watch(wake);
	}
}

/** `wasi:io/poll` `poll`: suspends the guest until one is ready, and gives the places of all that are. Traps on an empty list, as WASI says. */
export const poll = suspending((pollables: readonly Pollable[]): Uint32Array | Promise<Uint32Array> => {
	if (pollables.length === 0) throw new Error('poll of an empty list would wait for ever');
	const found = () => Uint32Array.from(pollables.flatMap((pollable, index) => (pollable.ready() ? [index] : [])));
	const ready = found();
	return ready.length > 0 ? ready : until(...pollables).then(found);
});
