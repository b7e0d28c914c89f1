/** Places that are taken and given back. */
export interface Slots {
	/** Takes one; what is returned gives it back, once. Undefined where none is free. */
	take(): (() => void) | undefined;
}

/** Makes so many, all free. */
export function createSlots(free: number): Slots {
	return {
		take() {
			if (free === 0) return undefined;
			free--;
			let taken = true;
			return () => {
				if (taken) free++;
				taken = false;
			};
		},
	};
}
