import type {Cell} from '../isolation.ts';

/** How long after a cell was taken the next one is warmed, in milliseconds: what ends at once needs no successor. */
const PAUSE = 100;

/** How many are warm while they are taken faster than one is warmed, and for how long after one was missed last, in milliseconds. */
const RUSH = 2;
const CALM = 10_000;

/** Cells made ahead, for whoever comes next. */
export interface Pool<C extends Cell> {
	/** `modules` are what its task will load. */
	take(modules: readonly string[]): C;
	close(): Promise<void>;
}

/** Keeps one cell warm, more in a rush: from now on where it is `eager`, else once one was taken. */
export function createPool<C extends Cell>(make: () => C, eager = false): Pool<C> {
	/** What tasks have loaded so far: the next one will load the same. */
	const known = new Set<string>();
	// The first is likely to be needed before it could have been warmed.
	const spares: C[] = eager ? [make()] : [];
	/** How many are to be warm: none before one was taken. */
	let wanted = 0;
	let timer: NodeJS.Timeout | undefined;
	let calm: NodeJS.Timeout | undefined;
	let closed = false;

	function fill(after: number): void {
		timer ??= setTimeout(() => {
			timer = undefined;
			if (closed || spares.length >= wanted) return;
			const cell = make();
			cell.warm(known);
			spares.push(cell);
			fill(PAUSE);
		}, after).unref();
	}

	/** One was missed that should have been there. */
	function rush(): void {
		wanted = RUSH;
		clearTimeout(calm);
		calm = setTimeout(() => {
			wanted = 1;
			for (const cell of spares.splice(wanted)) void cell.kill();
		}, CALM).unref();
	}

	return {
		take(modules) {
			for (const module of modules) known.add(module);
			// One that was kept warm may have ended meanwhile.
			let cell = spares.shift();
			while (cell && !cell.alive) cell = spares.shift();
			const missed = !cell && wanted > 0;
			if (missed) rush();
			wanted ||= 1;
			// Who found one has the processors to itself for a moment.
			fill(missed ? 0 : PAUSE);
			return cell ?? make();
		},
		async close() {
			closed = true;
			clearTimeout(timer);
			clearTimeout(calm);
			await Promise.all(spares.splice(0).map(cell => cell.kill()));
		},
	};
}
