/** Promises under way. */
export class Work extends Set<Promise<unknown>> {
	/** Counts a promise in until it settles. */
	during<T>(work: Promise<T>): Promise<T> {
		this.add(work);
		return work.finally(() => this.delete(work));
	}

	/** Waits until nothing is under way. */
	async idle(): Promise<void> {
		while (this.size > 0) await Promise.allSettled(this);
	}
}
