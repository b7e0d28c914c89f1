import type {Cell} from '../isolation.ts';

/** How long after a cell was taken the next one is warmed, in milliseconds: what ends at once needs no successor. */
const PAUSE = 100;

/** Cells made ahead, for whoever comes next. */
export interface Pool<C extends Cell> {
	/** `modules` are what its task will load. */
	take(modules: readonly string[]): C;
	close(): Promise<void>;
}

/** Keeps one cell warm: from now on where it is `eager`, else once one was taken. */
export function createPool<C extends Cell>(make: () => C, eager = false): Pool<C> {
	/** What tasks have loaded so far: the next one will load the same. */
	const known = new Set<string>();
	// The first is likely to be needed before it could have been warmed.
	let spare: C | undefined = eager ? make() : undefined;
	let timer: NodeJS.Timeout | undefined;
	let closed = false;

	function ready(): C {
		const cell = make();
		cell.warm(known);
		return cell;
	}

	return {
		take(modules) {
			for (const module of modules) known.add(module);
			// One that was kept warm may have ended meanwhile.
			const cell = spare?.alive ? spare : make();
			spare = undefined;
			timer ??= setTimeout(() => {
				timer = undefined;
				if (!closed) spare ??= ready();
			}, PAUSE).unref();
			return cell;
		},
		async close() {
			closed = true;
			clearTimeout(timer);
			await spare?.kill();
			spare = undefined;
		},
	};
}
