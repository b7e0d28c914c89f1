import {SMALL} from './frame.ts';

/** How much may be on its way in one direction of a call, in bytes. */
export const WINDOW = 512 * 1024;

/** What a piece counts at the least, so that many small ones are no way around the window. */
export const LEAST = 256;

/** What a piece counts. */
export const weight = (bytes: Uint8Array): number => Math.max(bytes.length, LEAST);

/** Bytes, and what they count. */
interface Piece {
	readonly bytes: Uint8Array;
	readonly weight: number;
}

/** The bytes of a call that have come and wait to be read: no more than a window of them. */
export class Waiting {
	readonly #pieces: Piece[] = [];
	#held = 0;

	get empty(): boolean {
		return this.#pieces.length === 0;
	}

	/** What all that waits counts. */
	get held(): number {
		return this.#held;
	}

	/** Says what they count. Throws on more than there was room for, and on none. */
	push(bytes: Uint8Array): number {
		const counted = this.pass(bytes);
		this.#pieces.push({bytes, weight: counted});
		return counted;
	}

	/** The same for bytes that wait elsewhere, until they are `released`. */
	pass(bytes: Uint8Array): number {
		if (bytes.length === 0) throw new Error('no bytes');
		const counted = weight(bytes);
		this.#held += counted;
		if (this.#held > WINDOW + LEAST) throw new Error('more bytes than there was room for');
		return counted;
	}

	/** So much was read elsewhere. */
	release(counted: number): void {
		this.#held -= counted;
	}

	/** All pieces, which wait elsewhere from now on. */
	handOn(): Uint8Array[] {
		return this.#pieces.splice(0).map(({bytes}) => bytes);
	}

	/** The first piece, up to `most` of it, and as many of the next as are small with it: who reads pays for each read. */
	read(most: number): Piece {
		const [first] = this.#pieces;
		if (!first || first.bytes.length <= most) return this.#gather(Math.min(most, SMALL));
		this.#pieces[0] = {bytes: first.bytes.subarray(most), weight: first.weight - most};
		this.#held -= most;
		return {bytes: first.bytes.subarray(0, most), weight: most};
	}

	#gather(most: number): Piece {
		const found: Uint8Array[] = [];
		const before = this.#held;
		let size = 0;
		for (let next = this.#pieces[0]; next && (size === 0 || size + next.bytes.length <= most); next = this.#pieces[0]) {
			this.#pieces.shift();
			this.#held -= next.weight;
			size += next.bytes.length;
			found.push(next.bytes);
		}
		const [first] = found;
		return {bytes: first && found.length === 1 ? first : Buffer.concat(found, size), weight: before - this.#held};
	}
}
