import type {TypeDef, ValueRef} from '../decode/ast.ts';
import {carriedBy, casesOf, partsOf, sequence, type ValueType, variantLayout} from '../types.ts';
import type {Fail, Item, Type} from './known.ts';

/** Types of which a value is never larger, with pointers of 64 bits, than this in memory, without its lists and strings. */
const largest = 2 ** 28;

const widths = new WeakMap<ValueType, {readonly size: number; readonly align: number}>();

/** The layout of a type where pointers have 64 bits. */
function wide(type: ValueType): {readonly size: number; readonly align: number} {
	const known = widths.get(type);
	if (known !== undefined) return known;
	const made = measure(type);
	widths.set(type, made);
	return made;
}

function measure(type: ValueType): {readonly size: number; readonly align: number} {
	switch (type.kind) {
		case 'string':
			return {size: 16, align: 8};
		case 'list': {
			if (type.length === undefined) return {size: 16, align: 8};
			const {size, align} = wide(type.element);
			return {size: size * type.length, align};
		}
		case 'map':
			return {size: 16, align: 8};
		case 'record':
		case 'tuple':
			return sequence(partsOf(type).map(part => wide(part as ValueType)));
		case 'variant':
		case 'option':
		case 'result':
			return variantLayout(casesOf(type).map(part => part && wide(part)));
		default:
			return type;
	}
}

const borrowing = new WeakMap<ValueType, boolean>();

/** Whether a type holds a borrow. */
export function borrows(type: ValueType): boolean {
	const known = borrowing.get(type);
	if (known !== undefined) return known;
	const found = type.kind === 'borrow' || partsOf(type).some(part => part !== undefined && borrows(part));
	borrowing.set(type, found);
	return found;
}

/** Refuses a value type that is too large. */
export function checkValue(type: ValueType, fail: Fail): void {
	const {size} = wide(type);
	if (size >= largest) fail(`a type of less than ${largest} bytes`, size);
}

const keys: readonly string[] = ['bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'char', 'string'];

/** Refuses a map, a stream or a future of what it cannot hold. */
export function checkElements(def: TypeDef, of: (ref: ValueRef) => ValueType, fail: Fail): void {
	if (def.kind === 'map') {
		const {kind} = of(def.key);
		if (!keys.includes(kind)) fail('a key that is a number, a character or a string', kind);
	} else if ((def.kind === 'stream' || def.kind === 'future') && def.element !== undefined) {
		const element = of(def.element);
		if (borrows(element)) fail(`a ${def.kind} without a borrow`, 'one');
		if (def.kind === 'stream' && element.kind === 'char') fail('a stream of anything but characters', 'char');
	}
}

/** Whether a type mentions a resource that it does not bring itself. */
export function hasResource(type: Type, bound: ReadonlySet<number> = new Set(), seen = new Set<object>()): boolean {
	const held = (of: ValueType | undefined): boolean => {
		if (of === undefined || seen.has(of)) return false;
		seen.add(of);
		return of.kind === 'own' || of.kind === 'borrow' ? !bound.has(of.resource.id) : partsOf(of).some(held);
	};
	if (type.kind === 'value') return held(type.type);
	if (type.kind === 'func') return carriedBy(type.type).some(held);
	if (type.kind === 'resource') return !bound.has(type.resource.id);
	const own = new Set([...bound, ...type.made, ...(type.kind === 'component' ? type.given : [])]);
	const within = (item: Item): boolean => {
		if (item.sort === 'func') return hasResource({kind: 'func', type: item.value}, own, seen);
		if (item.sort === 'type' || item.sort === 'component') return hasResource(item.value, own, seen);
		return item.sort === 'instance' && [...item.value.values()].some(within);
	};
	return [...type.exports.values(), ...(type.kind === 'component' ? type.imports.values() : [])].some(within);
}
