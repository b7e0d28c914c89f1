import type {ValueType} from '@forgeone/wasm';
import {errors} from '../../errors.ts';
import {arrayOf, boundsOf, isBig} from './arrays.ts';

/** What stands in every place of a value that takes it. */
export interface Filling {
	readonly text: string;
	readonly bytes: Uint8Array;
	/** Whether numbers are as large as can be, rather than 1; and options are none, rather than some. */
	readonly most: boolean;
}

/** One value of a type, the same each time. Throws FORGE_TEST_HANDLE for what can not be made here. */
export function filled(type: ValueType, filling: Filling): unknown {
	const of = (part: ValueType): unknown => filled(part, filling);
	const maybe = (tag: string, part: ValueType | undefined): unknown => (part === undefined ? {tag} : {tag, val: of(part)});
	const bounds = boundsOf(type);
	if (bounds !== undefined) {
		const found = filling.most ? bounds[1] : 1n;
		return isBig(type) ? found : Number(found);
	}
	switch (type.kind) {
		case 'bool':
			return true;
		case 'f32':
		case 'f64':
			return 1;
		case 'char':
			return 'k';
		case 'string':
			return filling.text;
		case 'list': {
			if (type.element.kind === 'u8' && type.length === undefined) return filling.bytes;
			const items = Array.from({length: type.length ?? 1}, () => of(type.element));
			return arrayOf(type.element)?.from(items as never[]) ?? items;
		}
		case 'map':
			return new Map([of(type.entries.element) as [unknown, unknown]]);
		case 'record':
			return Object.fromEntries(type.fields.map(field => [field.key, of(field.type)]));
		case 'tuple':
			return type.items.map(of);
		case 'flags':
			return Object.fromEntries(type.labels.map(label => [label, true]));
		case 'enum':
			return type.labels[0];
		case 'variant':
			return maybe(type.cases[0]?.key ?? '', type.cases[0]?.type);
		case 'result':
			return maybe('ok', type.ok);
		case 'option':
			if (type.some.kind === 'option') return filling.most ? {tag: 'none'} : maybe('some', type.some);
			return filling.most ? undefined : of(type.some);
		default:
			throw errors.FORGE_TEST_HANDLE({type: type.kind});
	}
}
