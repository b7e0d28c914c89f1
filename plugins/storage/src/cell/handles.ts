import {closeSync} from 'node:fs';
import {fail} from './code.ts';

/** How many files, folders and streams an instance may have open. */
const MOST = 1024;

/** The most that one call reads, whatever the guest asks for. */
const LARGEST = 1024 * 1024;

/** What an instance has open on this machine. What it never drops is closed once the instance is gone. */
export class Handles {
	#open = 0;
	#room = new Uint8Array();
	readonly #lost = new FinalizationRegistry<() => void>(close => this.#close(close));

	/** Notes that `owner` has something open, which `close` closes; at once, and throws `insufficient-memory`, where there is too much. */
	hold(owner: object, close: () => void): void {
		if (this.#open >= MOST) {
			close();
			fail('insufficient-memory');
		}
		this.#open++;
		this.#lost.register(owner, close, owner);
	}

	/** Bytes to read into, so many or 1 MiB. They are the instance's only ones: its memory has a copy of what is read before it reads again. */
	room(length: number): Uint8Array {
		const most = Math.min(length, LARGEST);
		if (this.#room.length < most) this.#room = new Uint8Array(Math.min(LARGEST, most * 2));
		return this.#room.subarray(0, most);
	}

	/** Closes what `owner` has. */
	release(owner: object, close: () => void): void {
		if (this.#lost.unregister(owner)) this.#close(close);
	}

	#close(close: () => void): void {
		this.#open--;
		close();
	}
}

/** What closes a descriptor. Made here, so that it keeps nothing else alive, least of all its owner. */
export const closing = (fd: number) => (): void => closeSync(fd);
