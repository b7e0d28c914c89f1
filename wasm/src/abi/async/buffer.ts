import {errors} from '../../errors.ts';
import {Trap} from '../../trap.ts';
import type {ElementType, ValueType} from '../../types.ts';
import {arrays} from '../lift.ts';
import type {Views} from '../memory.ts';
import type {Guest} from '../store.ts';

/** Where elements of a stream or future come from or go to, a few at a time. */
export interface Buffer {
	/** The guest whose memory it is; undefined is the host. */
	readonly guest: Guest | undefined;
	/** How many it was made for. */
	readonly length: number;
	/** How many it has taken or given. */
	readonly progress: number;
	/** Takes the next elements, as many as asked for; good until the guest runs again. */
	read(count: number): ArrayLike<unknown>;
	/** Gives elements; no more than there is room for. */
	write(values: ArrayLike<unknown>, count: number): void;
}

/** Reads and writes elements of one type in a guest's memory. */
export interface Elements {
	readonly load: (pointer: number, count: number) => ArrayLike<unknown>;
	readonly store: (pointer: number, values: ArrayLike<unknown>, count: number) => void;
}

/** The longest buffer. */
const longest = 2 ** 28 - 1;

/** The bytes that are carried at once. */
const piece = 65_536;

/** How many elements are carried at once. */
export const atOnce = (type: ElementType | undefined): number => Math.max(1, Math.floor(piece / (type?.size ?? 1)));

export const remaining = (buffer: Buffer): number => buffer.length - buffer.progress;

/** Whether elements are numbers or nothing, which a guest may send to itself. */
export const plain = (type: ElementType | undefined): boolean => type === undefined || arrays[type.kind] !== undefined;

/** Elements in a guest's memory. */
export class GuestBuffer implements Buffer {
	readonly guest: Guest;
	readonly length: number;
	progress = 0;
	#pointer: number;
	readonly #size: number;
	readonly #elements: Elements | undefined;

	constructor(
		guest: Guest,
		type: ValueType | undefined,
		elements: Elements | undefined,
		views: Views | undefined,
		at: number,
		length: number,
	) {
		if (length > longest) throw new Trap('buffer is longer than 2^28 - 1 elements');
		if (type !== undefined && views !== undefined && length > 0) {
			if (at % type.align !== 0) throw new Trap(`pointer ${at} is not aligned to ${type.align}`);
			if (at + length * type.size > views.live().u8.length) throw new Trap(`${length} elements at ${at} are out of bounds of memory`);
		}
		this.guest = guest;
		this.length = length;
		this.#pointer = at;
		this.#size = type?.size ?? 0;
		this.#elements = elements;
	}

	read(count: number): ArrayLike<unknown> {
		const values = this.#elements?.load(this.#pointer, count) ?? {length: count};
		this.#advance(count);
		return values;
	}

	write(values: ArrayLike<unknown>, count: number): void {
		this.#elements?.store(this.#pointer, values, count);
		this.#advance(count);
	}

	#advance(count: number): void {
		this.#pointer += count * this.#size;
		this.progress += count;
	}
}

/** Room in the host for elements that come from a guest. */
export class HostBuffer implements Buffer {
	readonly guest = undefined;
	readonly length: number;
	progress = 0;
	/** What came: one array, of numbers a typed one. */
	values: ArrayLike<unknown> = [];

	constructor(length: number) {
		this.length = length;
	}

	read(): never {
		throw errors.FORGE_VALUE_INVALID({expected: 'a buffer to read from', found: 'one to write to'});
	}

	write(values: ArrayLike<unknown>, count: number): void {
		const given = ArrayBuffer.isView(values) ? (values as Uint8Array).slice(0, count) : Array.from({length: count}, (_, i) => values[i]);
		this.values = this.progress === 0 ? given : [...Array.from(this.values), ...Array.from(given)];
		this.progress += count;
	}
}

/** Carries elements from one buffer to the other, a piece at a time. */
export function carry(from: Buffer, to: Buffer, count: number, type: ElementType | undefined): void {
	const most = atOnce(type);
	for (let left = count; left > 0; ) {
		const part = Math.min(left, most);
		to.write(from.read(part), part);
		left -= part;
	}
}
