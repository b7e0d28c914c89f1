import {CallCancelled} from '@forgeone/sdk/cell';

/** The answer to a call, whether it comes before somebody asks for it or after. */
export class Reply {
	#head: string | undefined;
	#reason: string | undefined;
	#asked: PromiseWithResolvers<string> | undefined;

	get head(): string | undefined {
		return this.#head;
	}

	come(head: string): void {
		this.#head = head;
		this.#asked?.resolve(head);
	}

	/** There will be none. */
	fail(reason: string): void {
		this.#reason = reason;
		// An error costs more than all else about a small call.
		this.#asked?.reject(new CallCancelled(reason));
	}

	promise(): Promise<string> {
		if (this.#asked) return this.#asked.promise;
		this.#asked = Promise.withResolvers();
		// Who waits for something else first hears of it nevertheless.
		this.#asked.promise.catch(() => undefined);
		if (this.#head !== undefined) this.come(this.#head);
		else if (this.#reason !== undefined) this.fail(this.#reason);
		return this.#asked.promise;
	}
}
