import {errors} from '../errors.ts';
import {Trap} from '../trap.ts';

const bits = new DataView(new ArrayBuffer(8));

/** Refuses a value that is not of its type. */
export function bad(expected: string, value: unknown): never {
	const found = typeof value === 'object' ? (value === null ? 'null' : 'an object') : `${typeof value} ${String(value)}`;
	throw errors.FORGE_VALUE_INVALID({expected, found});
}

/** The number of a character. */
export function fromChar(value: unknown): number {
	if (typeof value !== 'string') return bad('char', value);
	const point = value.codePointAt(0) ?? -1;
	const length = point > 0xffff ? 2 : 1;
	return point >= 0 && value.length === length && value.isWellFormed() ? point : bad('char', value);
}

/** A Unicode scalar value as a string of one character. */
export function toChar(point: number): string {
	if (point >= 0x11_0000 || (point >= 0xd800 && point <= 0xdfff)) throw new Trap(`${point} is not a character`);
	return String.fromCodePoint(point);
}

/** Reinterpretations between core types, as the cases of a flat variant share slots: i32 `i`, i64 `l`, f32 `f`, f64 `d`. */
export const reinterpret = {
	fi(value: number): number {
		bits.setFloat32(0, value);
		return bits.getInt32(0);
	},
	if(value: number): number {
		bits.setInt32(0, value);
		return bits.getFloat32(0);
	},
	dl(value: number): bigint {
		bits.setFloat64(0, value);
		return bits.getBigInt64(0);
	},
	ld(value: bigint): number {
		bits.setBigInt64(0, value);
		return bits.getFloat64(0);
	},
	il: (value: number): bigint => BigInt(value >>> 0),
	li: (value: bigint): number => Number(BigInt.asIntN(32, value)),
	fl: (value: number): bigint => BigInt(reinterpret.fi(value) >>> 0),
	lf: (value: bigint): number => reinterpret.if(Number(BigInt.asIntN(32, value))),
};
