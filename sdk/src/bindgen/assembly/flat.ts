import {layout, sequence, type Type} from '../model.ts';
import type {File} from './file.ts';
import {isChoice} from './place.ts';
import type {Values} from './values.ts';

/** The core values of a value, flat; those of choices go through the slots. */
export function flatten(type: Type, value: string, first: number, values: Values, file: File): {before: string[]; words: string[]} {
	if (isChoice(type)) {
		file.uses('cabi_slots');
		const {flat} = layout(type);
		const clear = `${file.uses('cabi_clear')}(${8 * first}, ${8 * flat.length});`;
		const lines = values.lower(type, value, {base: 'cabi_slots', offset: 8 * first, form: 'flat'}, file);
		return {
			before: [clear, ...lines],
			words: flat.map((core, i) => `load<${core}>(cabi_slots${first + i === 0 ? '' : `, ${8 * (first + i)}`})`),
		};
	}
	if (type.kind !== 'record' && type.kind !== 'tuple') return {before: [], words: values.words(type, value, file)};
	return flattenAll(values.parts(type, value), first, values, file);
}

/** The core values of several, one after the other. */
export function flattenAll(
	parts: readonly {type: Type; value: string}[],
	first: number,
	values: Values,
	file: File,
): {before: string[]; words: string[]} {
	const {flats} = sequence(parts.map(({type}) => type));
	const each = parts.map(({type, value}, i) => flatten(type, value, first + (flats[i] as number), values, file));
	return {before: each.flatMap(({before}) => before), words: each.flatMap(({words}) => words)};
}

/** The value of core values that are in variables: choices are put into the slots, and read from there. */
export function unflatten(
	type: Type,
	words: readonly string[],
	first: number,
	values: Values,
	file: File,
): {before: string[]; value: string} {
	if (isChoice(type)) {
		file.uses('cabi_slots');
		const before = layout(type).flat.map((core, i) => `store<${core}>(cabi_slots, ${words[i]}, ${8 * (first + i)});`);
		return {before, value: values.lift(type, {base: 'cabi_slots', offset: 8 * first, form: 'flat'}, file)};
	}
	if (type.kind !== 'record' && type.kind !== 'tuple') {
		const [word = '', length = ''] = words;
		const narrow = (core: string): string =>
			/^(i32|usize|i64|f32|f64)$/.test(core) ? word : core === 'bool' ? `${word} != 0` : `<${core}>${word}`;
		return {before: [], value: values.leaf(type, narrow, () => length, file)};
	}
	const parts = values.parts(type, '');
	const each = unflattenAll(
		parts.map(part => part.type),
		words,
		first,
		values,
		file,
	);
	return {before: each.before, value: `new ${values.files.type(type, file)}(${each.values.join(', ')})`};
}

/** The values of core values in variables, one after the other. */
export function unflattenAll(
	types: readonly Type[],
	words: readonly string[],
	first: number,
	values: Values,
	file: File,
): {before: string[]; values: string[]} {
	const {flats} = sequence(types);
	const each = types.map((type, i) => {
		const from = flats[i] as number;
		return unflatten(type, words.slice(from, from + layout(type).flat.length), first + from, values, file);
	});
	return {before: each.flatMap(({before}) => before), values: each.map(({value}) => value)};
}
