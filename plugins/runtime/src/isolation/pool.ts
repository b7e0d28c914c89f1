import type {Cell} from '../isolation.ts';

/** How long after a cell was taken the next one is warmed, in milliseconds: what ends at once needs no successor. */
const PAUSE = 100;

/** Cells made ahead, for whoever comes next. */
export interface Pool {
	take(): Cell;
	close(): Promise<void>;
}

/** Keeps one cell warm, from now on. */
export function createPool(make: () => Cell): Pool {
	let spare: Cell | undefined = make();
	let timer: NodeJS.Timeout | undefined;
	let closed = false;
	return {
		take() {
			const cell = spare ?? make();
			spare = undefined;
			timer ??= setTimeout(() => {
				timer = undefined;
				if (!closed) spare ??= make();
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
