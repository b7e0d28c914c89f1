/** How much is under way. */
export class Tally {
	#count = 0;
	#waiting: (() => void)[] = [];

	enter(): void {
		this.#count++;
	}

	leave(): void {
		if (--this.#count === 0) for (const wake of this.#waiting.splice(0)) wake();
	}

	/** Settles once nothing is. */
	async empty(): Promise<void> {
		if (this.#count > 0) await new Promise<void>(resolve => this.#waiting.push(resolve));
	}
}
