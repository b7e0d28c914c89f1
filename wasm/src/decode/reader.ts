import {errors} from '../errors.ts';

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** A bounded cursor over bytes: every read is checked, every refusal names the offset in the whole file and what was expected. */
export class Reader {
	readonly bytes: Uint8Array;
	readonly #base: number;
	readonly end: number;
	pos: number;

	/** Reads `bytes` from `start` to `end`; `base` is where `bytes` begins in the file. */
	constructor(bytes: Uint8Array, start = 0, end = bytes.length, base = 0) {
		this.bytes = bytes;
		this.pos = start;
		this.end = end;
		this.#base = base;
	}

	get offset(): number {
		return this.#base + this.pos;
	}

	get done(): boolean {
		return this.pos >= this.end;
	}

	fail(expected: string, found: string | number = 'something else', at = this.pos): never {
		throw errors.FORGE_COMPONENT_INVALID({offset: this.#base + at, expected, found});
	}

	unsupported(feature: string): never {
		throw errors.FORGE_COMPONENT_UNSUPPORTED({feature, where: ` (byte ${this.offset})`});
	}

	u8(expected = 'a byte'): number {
		if (this.pos >= this.end) this.fail(expected, 'the end');
		return this.bytes[this.pos++] as number;
	}

	peek(): number {
		return this.pos < this.end ? (this.bytes[this.pos] as number) : -1;
	}

	/** One of the alternatives that a byte chooses among. */
	pick<T>(table: Readonly<Record<number, T>>, expected: string): T {
		const at = this.pos;
		const code = this.u8(expected);
		const found = Object.hasOwn(table, code) ? table[code] : undefined;
		if (found === undefined) this.fail(expected, `0x${code.toString(16)}`, at);
		return found;
	}

	expect(code: number, expected: string): void {
		const at = this.pos;
		const found = this.u8(expected);
		if (found !== code) this.fail(expected, `0x${found.toString(16)}`, at);
	}

	/** An unsigned LEB128 of at most 32 bits. */
	u32(expected = 'an unsigned 32-bit number'): number {
		const at = this.pos;
		let value = 0;
		for (let shift = 0; shift < 35; shift += 7) {
			const byte = this.u8(expected);
			if (shift === 28 && byte > 0x0f) this.fail(expected, 'more than 32 bits', at);
			value += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) return value;
		}
		return this.fail(expected, 'more than 32 bits', at);
	}

	/** An unsigned LEB128 of at most 64 bits, as a number: exact below 2^53, which every limit is. */
	u64(expected = 'an unsigned 64-bit number'): number {
		let value = 0;
		for (let shift = 0; shift < 70; shift += 7) {
			const byte = this.u8(expected);
			value += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) return value;
		}
		return this.fail(expected, 'more than 64 bits');
	}

	/** An index into a space that so far has `size` entries. */
	index(size: number, what: string): number {
		const at = this.pos;
		const index = this.u32(`an index of a ${what}`);
		if (index >= size) this.fail(`the index of a ${what} below ${size}`, index, at);
		return index;
	}

	/** The length of a vector: each entry takes at least one byte, so that no length can ask for more than the file has. */
	count(what: string): number {
		const at = this.pos;
		const count = this.u32(`a number of ${what}`);
		if (count > this.end - this.pos) this.fail(`at most ${this.end - this.pos} ${what}`, count, at);
		return count;
	}

	vec<T>(what: string, entry: () => T): T[] {
		const count = this.count(what);
		const entries: T[] = [];
		for (let i = 0; i < count; i++) entries.push(entry());
		return entries;
	}

	name(what = 'a name'): string {
		const bytes = this.take(this.count(`bytes of ${what}`));
		try {
			return utf8.decode(bytes);
		} catch {
			return this.fail(`${what} in UTF-8`, 'other bytes', this.pos - bytes.length);
		}
	}

	take(length: number): Uint8Array {
		if (length > this.end - this.pos) this.fail(`${length} more bytes`, this.end - this.pos);
		const start = this.pos;
		this.pos += length;
		return this.bytes.subarray(start, this.pos);
	}

	/** A reader of the next `length` bytes, which this one then has passed. */
	sub(length: number): Reader {
		const start = this.pos;
		this.take(length);
		return new Reader(this.bytes, start, this.pos, this.#base);
	}
}
