import {casesOf, choice, sequence, type Type} from '../model.ts';
import {numberArray} from './module.ts';

/**
 * Where a value lies: in memory as the canonical ABI lays it out, or flat, each core value in a slot of eight bytes. Reading a slot as another
 * core type than it was written by is exactly how the ABI joins the cases of a variant, so that one text serves both.
 */
export interface Place {
	readonly base: string;
	readonly offset: number;
	readonly form: 'memory' | 'flat';
}

/** The types of which one case holds at a time. */
export type Choice = Extract<Type, {kind: 'variant' | 'option' | 'result'}>;

/** Whether a type is carried by a function of its own. */
export const compound = (type: Type): boolean => ['record', 'tuple', 'variant', 'option', 'result'].includes(type.kind);

/** Whether one case of a type holds at a time. */
export const isChoice = (type: Type): type is Choice => ['variant', 'option', 'result'].includes(type.kind);

/** The number in memory that stands for a label or a case. */
export const labelCore = (size: 1 | 2 | 4): string => `u${size * 8}`;

/** The address of a place. */
export const at = ({base, offset}: Place): string => (offset === 0 ? base : `${base} + ${offset}`);

/** An expression that reads a core value, `more` bytes further. */
export const read = (core: string, {base, offset}: Place, more = 0): string =>
	offset + more === 0 ? `load<${core}>(${base})` : `load<${core}>(${base}, ${offset + more})`;

/** A statement that writes a core value, `more` bytes further. */
export const write = (core: string, value: string, {base, offset}: Place, more = 0): string =>
	offset + more === 0 ? `store<${core}>(${base}, ${value});` : `store<${core}>(${base}, ${value}, ${offset + more});`;

/** From the first to the second word of a value that has two. */
export const wordSize = ({form}: Place): number => (form === 'memory' ? 4 : 8);

/** The places of parts that lie one after the other. */
export function parts(items: readonly Type[], place: Place): Place[] {
	const {offsets, flats} = sequence(items);
	return items.map((_, i) => ({
		...place,
		offset: place.offset + (place.form === 'memory' ? (offsets[i] as number) : 8 * (flats[i] as number)),
	}));
}

/** The place of the payload of a choice. */
export const payloadOf = (type: Choice, place: Place): Place => ({
	...place,
	offset: place.offset + (place.form === 'memory' ? choice(casesOf(type)).payload : 8),
});

/** Whether lowering a type takes blocks that have to be given back. */
export function allocates(type: Type): boolean {
	switch (type.kind) {
		case 'list':
			return numberArray(type.of) === undefined;
		case 'record':
			return type.fields.some(field => allocates(field.type));
		case 'tuple':
			return type.items.some(allocates);
		case 'variant':
		case 'option':
		case 'result':
			return casesOf(type).some(of => of !== undefined && allocates(of));
		default:
			return false;
	}
}

/** Whether lifting a type may take borrowed handles, to be given back before the function returns. */
export function borrows(type: Type): boolean {
	switch (type.kind) {
		case 'borrow':
			return type.resource.home?.scope.side !== 'export';
		case 'list':
		case 'option':
			return borrows(type.of);
		case 'record':
			return type.fields.some(field => borrows(field.type));
		case 'tuple':
			return type.items.some(borrows);
		case 'variant':
		case 'result':
			return casesOf(type).some(of => of !== undefined && borrows(of));
		default:
			return false;
	}
}
