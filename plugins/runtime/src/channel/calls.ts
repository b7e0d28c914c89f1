/** What a table holds: something with a number, of which there are many one after the other. */
interface Numbered {
	readonly call: number;
}

/** Into how many lists the calls are spread; a power of two. */
const LISTS = 64;

/** The calls that are open. No `Map`, for the tables that it makes and drops as calls come and go are linked: V8 keeps all calls that were in them until a full collection. */
export class Calls<T extends Numbered> {
	readonly #lists: readonly T[][] = Array.from({length: LISTS}, () => []);
	#size = 0;

	get size(): number {
		return this.#size;
	}

	get(call: number): T | undefined {
		for (const each of this.#list(call)) if (each.call === call) return each;
		return undefined;
	}

	add(call: T): void {
		this.#list(call.call).push(call);
		this.#size++;
	}

	/** Does nothing where there is none of this number. */
	delete(call: number): void {
		const list = this.#list(call);
		const at = list.findIndex(each => each.call === call);
		if (at < 0) return;
		list[at] = list.at(-1) as T;
		list.pop();
		this.#size--;
	}

	/** Takes all out. */
	drain(): T[] {
		this.#size = 0;
		return this.#lists.flatMap(list => list.splice(0));
	}

	#list(call: number): T[] {
		// Those of one side are all even, or all odd; there may be more than 32 bits of them.
		return this.#lists[Math.floor(call / 2) % LISTS] as T[];
	}
}
