import type {ExternDef} from '../decode/ast.ts';
import {mismatch} from './types.ts';
import type {Frame, FunctionValue, InstanceValue, Item, TypeValue} from './values.ts';

/** How the types of an instance type are evaluated: adds what a definition makes to the frame. */
export type Declare = (inner: Frame, type: number, each: (here: Frame, name: string, type: ExternDef) => Item) => void;

const typeKey = (value: TypeValue): string =>
	value.kind === 'resource'
		? `resource ${value.resource.id}`
		: value.kind === 'value' || value.kind === 'func'
			? value.type.key
			: value.kind;

/** Checks that what a component is given for an import is what the import declares, the types of functions included. */
export function conform(here: Frame, name: string, type: ExternDef, item: Item | undefined, declare: Declare): Item {
	if (item?.sort !== type.sort) return mismatch(`a component is instantiated without its ${type.sort} "${name}"`);
	const declared =
		'type' in type ? here.spaces.type[type.type] : type.sort === 'type' && type.eq !== undefined ? here.spaces.type[type.eq] : undefined;
	if (type.sort === 'func' && declared?.kind === 'func') same(name, declared.type.key, (item.value as FunctionValue).type.key);
	if (type.sort === 'type') {
		const given = item.value as TypeValue;
		if (declared !== undefined) same(name, typeKey(declared), typeKey(given));
		else if (given.kind !== 'resource') mismatch(`"${name}" is not a resource`);
	}
	if (type.sort === 'instance') {
		const exports = item.value as InstanceValue;
		declare(here, type.type, (inner, key, inside) => conform(inner, key, inside, exports.get(key), declare));
	}
	return item;
}

function same(name: string, wanted: string, given: string): void {
	if (wanted !== given) mismatch(`"${name}" is of another type than the component imports`);
}
