import {arrays, type ValueType} from '@forgeone/wasm';

// Every class of numbers in an array is made in the same two ways.
type NumberArray = {new (): object; from(values: Iterable<never>): {readonly length: number}};

/** The class that stands for lists of these, where they are numbers. */
export function arrayOf({kind}: ValueType): NumberArray | undefined {
	const name = arrays[kind];
	return name === undefined ? undefined : Reflect.get(globalThis, name);
}

/** The least and the greatest of the whole numbers of a type, where it is one; those of 64 bits are bigints. */
export function boundsOf({kind}: ValueType): readonly [least: bigint, greatest: bigint] | undefined {
	const [, sign, digits] = /^([us])(\d+)$/.exec(kind) ?? [];
	if (digits === undefined) return undefined;
	const bits = BigInt(digits);
	return sign === 'u' ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

/** Whether a whole number of this type is a bigint. */
export const isBig = ({kind}: ValueType): boolean => kind === 'u64' || kind === 's64';
