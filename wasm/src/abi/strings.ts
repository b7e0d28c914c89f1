import type {CanonOptions} from '../decode/ast.ts';
import {errors} from '../errors.ts';
import {Trap} from '../trap.ts';
import type {Views} from './memory.ts';

/** The guest's allocator. */
export type Realloc = (old: number, oldSize: number, align: number, size: number) => number;

/** Reads and writes strings in one encoding. */
export interface Strings {
	/** Reads a string whose length in tagged code units was given; traps where the spec does. `charge` is told the bytes first. */
	lift(views: Views, pointer: number, units: number, charge: (bytes: number) => void): string;
	/** Writes a string into fresh guest memory: returns where, and leaves its tagged code units in `views.units`. */
	lower(views: Views, realloc: Realloc, value: string): number;
}

/** The most bytes that a string or list may take. */
const longest = 2 ** 28 - 1;

/** Up to here a loop beats a call into V8's decoders. */
const short = 32;

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
const encoder = new TextEncoder();

/** Checks where a string or list lies: aligned and within the memory. */
export function range(views: Views, pointer: number, bytes: number, align: number): void {
	if (bytes > longest) throw new Trap('string or list is longer than 2^28 - 1 bytes');
	if (pointer % align !== 0) throw new Trap(`pointer ${pointer} is not aligned to ${align}`);
	if (pointer + bytes > views.u8.length) throw new Trap(`${bytes} bytes at ${pointer} are out of bounds of memory`);
}

/** Asks the guest for memory and checks what it gave. */
export function allocate(views: Views, realloc: Realloc, align: number, bytes: number): number {
	if (bytes > longest) throw errors.FORGE_VALUE_INVALID({expected: `at most ${longest} bytes`, found: bytes});
	const pointer = realloc(0, 0, align, bytes) >>> 0;
	views.live();
	range(views, pointer, bytes, align);
	return pointer;
}

function text(value: unknown): asserts value is string {
	if (typeof value !== 'string') throw errors.FORGE_VALUE_INVALID({expected: 'a string', found: typeof value});
}

/** Reads ASCII of a few bytes; undefined where it is not ASCII. */
function ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
	let value = '';
	for (let i = start; i < end; i++) {
		const byte = bytes[i] as number;
		if (byte > 127) return undefined;
		value += String.fromCharCode(byte);
	}
	return value;
}

function liftUtf8(views: Views, pointer: number, units: number, charge: (bytes: number) => void): string {
	range(views, pointer, units, 1);
	charge(units);
	const end = pointer + units;
	if (units <= short) {
		const value = ascii(views.u8, pointer, end);
		if (value !== undefined) return value;
	}
	try {
		return utf8.decode(views.u8.subarray(pointer, end));
	} catch (cause) {
		throw new Trap('string is not UTF-8', {cause});
	}
}

function lowerUtf8(views: Views, realloc: Realloc, value: string): number {
	text(value);
	const {length} = value;
	const bytes = Buffer.byteLength(value);
	const pointer = allocate(views, realloc, 1, bytes);
	views.units = bytes;
	if (bytes === length && length <= short) {
		for (let i = 0; i < length; i++) views.u8[pointer + i] = value.charCodeAt(i);
	} else {
		encoder.encodeInto(value, views.u8.subarray(pointer, pointer + bytes));
	}
	return pointer;
}

const surrogate = (unit: number): boolean => (unit & 0xf800) === 0xd800;

function liftUtf16(views: Views, pointer: number, units: number, charge: (bytes: number) => void): string {
	range(views, pointer, units * 2, 2);
	charge(units * 2);
	const value = units <= short ? fewUnits(views.u16, pointer >>> 1, units) : undefined;
	if (value !== undefined) return value;
	const decoded = views.text.toString('utf16le', pointer, pointer + units * 2);
	if (!decoded.isWellFormed()) throw new Trap('string is not UTF-16');
	return decoded;
}

/** Reads a few UTF-16 units; undefined where surrogates are among them. */
function fewUnits(units: Uint16Array, start: number, count: number): string | undefined {
	let value = '';
	for (let i = start; i < start + count; i++) {
		const unit = units[i] as number;
		if (surrogate(unit)) return undefined;
		value += String.fromCharCode(unit);
	}
	return value;
}

function lowerUtf16(views: Views, realloc: Realloc, value: string): number {
	text(value);
	const {length} = value;
	const pointer = allocate(views, realloc, 2, length * 2);
	views.units = length;
	if (length > short || !putUnits(views.u16, pointer >>> 1, value)) {
		views.text.write(value.toWellFormed(), pointer, 'utf16le');
	}
	return pointer;
}

/** Writes a few UTF-16 units; false where surrogates are among them. */
function putUnits(units: Uint16Array, start: number, value: string): boolean {
	for (let i = 0; i < value.length; i++) {
		const unit = value.charCodeAt(i);
		if (surrogate(unit)) return false;
		units[start + i] = unit;
	}
	return true;
}

/** The bit of the length which says that a `latin1+utf16` string is UTF-16. */
const tag = 0x8000_0000;

const wide = /[^\0-\xff]/;

function liftCompact(views: Views, pointer: number, units: number, charge: (bytes: number) => void): string {
	if (units >= tag) return liftUtf16(views, pointer, units - tag, charge);
	range(views, pointer, units, 2);
	charge(units);
	return views.text.toString('latin1', pointer, pointer + units);
}

function lowerCompact(views: Views, realloc: Realloc, value: string): number {
	text(value);
	if (wide.test(value)) {
		const pointer = lowerUtf16(views, realloc, value);
		views.units += tag;
		return pointer;
	}
	const pointer = allocate(views, realloc, 2, value.length);
	views.text.write(value, pointer, 'latin1');
	views.units = value.length;
	return pointer;
}

/** The three encodings of the canonical ABI. */
export const encodings: Readonly<Record<CanonOptions['encoding'], Strings>> = {
	utf8: {lift: liftUtf8, lower: lowerUtf8},
	utf16: {lift: liftUtf16, lower: lowerUtf16},
	'latin1+utf16': {lift: liftCompact, lower: lowerCompact},
};
