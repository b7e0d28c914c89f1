import type {Primitive} from './decode/ast.ts';
import {errors} from './errors.ts';
import {camelCase} from './names.ts';

/** What the ABI knows of every type: bytes in memory, alignment, core values when flat (one letter each: i32 `i`, i64 `l`, f32 `f`, f64 `d`), and a key that is equal for equal shapes. */
interface Layout {
	readonly size: number;
	readonly align: number;
	readonly flat: string;
	readonly key: string;
	/** How deep it nests. */
	readonly depth: number;
}

/** A resource type of a running instance; its identity is the object's. */
export interface ResourceType {
	readonly name: string;
	/** Its number in the order of the instance's resources: the same in every instance of a component. */
	readonly id: number;
}

/** A named part of a record, or a case of a variant; `key` is its name in JavaScript. */
interface Part<T = ValueType> {
	readonly label: string;
	readonly key: string;
	readonly type: T;
}

/** A value type of a running instance, its resources resolved. */
export type ValueType = Layout &
	(
		| {readonly kind: Primitive}
		| {readonly kind: 'record'; readonly fields: readonly Part[]}
		| {readonly kind: 'variant'; readonly cases: readonly Part<ValueType | undefined>[]}
		| {readonly kind: 'list'; readonly element: ValueType; readonly length: number | undefined}
		| {readonly kind: 'tuple'; readonly items: readonly ValueType[]}
		| {readonly kind: 'flags' | 'enum'; readonly labels: readonly string[]}
		| {readonly kind: 'option'; readonly some: ValueType}
		| {readonly kind: 'result'; readonly ok: ValueType | undefined; readonly err: ValueType | undefined}
		| {readonly kind: 'own' | 'borrow'; readonly resource: ResourceType}
		| {readonly kind: 'stream' | 'future'; readonly element: ValueType | undefined}
		| {readonly kind: 'map'; readonly entries: ValueType & {readonly kind: 'list'}}
	);

/** What of the elements of a stream or future has to be known to carry them. */
export type ElementType = Pick<ValueType, 'kind' | 'key' | 'size'>;

/** The type of a stream or future, without the resources of the instance that it was made for. */
export interface Carrying {
	readonly kind: 'stream' | 'future';
	readonly element: ElementType | undefined;
}

/** The part of a stream's or future's type that is the same in all instances. */
export function outline({kind, element}: ValueType & Carrying): Carrying {
	return {kind, element: element && {kind: element.kind, key: element.key, size: element.size}};
}

/** The type of a function of a running instance. */
export interface FuncType {
	readonly params: readonly Part[];
	readonly result: ValueType | undefined;
	readonly async: boolean;
	/** Equal for functions that carry equal values, whatever the names of their parameters. */
	readonly key: string;
}

/** How many core values a flat type lists at most; longer ones never travel flat, so that their tail does not matter. */
const flatCap = 17;

/** The largest that a value may be in memory without its lists and strings, and the deepest that types may nest. */
const most = {size: 2 ** 28, depth: 100} as const;

/** Rounds an offset up to an alignment. */
const alignTo = (offset: number, align: number): number => Math.ceil(offset / align) * align;

const primitives: Readonly<Record<Primitive, readonly [size: number, flat: string]>> = {
	bool: [1, 'i'],
	s8: [1, 'i'],
	u8: [1, 'i'],
	s16: [2, 'i'],
	u16: [2, 'i'],
	s32: [4, 'i'],
	u32: [4, 'i'],
	s64: [8, 'l'],
	u64: [8, 'l'],
	f32: [4, 'f'],
	f64: [8, 'd'],
	char: [4, 'i'],
	string: [8, 'ii'],
	'error-context': [4, 'i'],
};

const tooLarge = (what: string, limit: number): Error => errors.FORGE_COMPONENT_LIMIT({what, limit});

function layout(
	size: number,
	align: number,
	flat: string,
	key: string,
	parts: readonly (ValueType | undefined)[],
	largest: number = most.size,
): Layout {
	const depth = 1 + parts.reduce((deepest, part) => Math.max(deepest, part?.depth ?? 0), 0);
	if (depth > most.depth) throw tooLarge('nested types', most.depth);
	if (size >= largest) throw tooLarge('bytes in a type', largest);
	return {size, align, flat: flat.slice(0, flatCap), key, depth};
}

/** The offsets of parts laid one after the other, then their size and alignment together. */
export function sequence(parts: readonly Pick<Layout, 'size' | 'align'>[]): {offsets: number[]; size: number; align: number} {
	let end = 0;
	let align = 1;
	const offsets = parts.map(part => {
		const offset = alignTo(end, part.align);
		end = offset + part.size;
		align = Math.max(align, part.align);
		return offset;
	});
	return {offsets, size: alignTo(end, align), align};
}

const flatOf = (parts: readonly ValueType[]): string => parts.reduce((flat, part) => (flat.length < flatCap ? flat + part.flat : flat), '');

const joined = (a: string, b: string): string => (a === b ? a : 'if'.includes(a) && 'if'.includes(b) ? 'i' : 'l');

/** The core values that hold either of two flat types. */
function join(a: string, b: string): string {
	const [long, short] = a.length >= b.length ? [a, b] : [b, a];
	return [...long].map((type, i) => (i < short.length ? joined(type, short[i] as string) : type)).join('');
}

/** The size of the number that says which of `count` cases or flags. */
const discriminant = (count: number): number => (count <= 256 ? 1 : count <= 65_536 ? 2 : 4);

/** Where a variant's payload lies, and the bytes of its discriminant. */
export function variantLayout(cases: readonly (Pick<Layout, 'size' | 'align'> | undefined)[]): {
	tag: number;
	payload: number;
	size: number;
	align: number;
} {
	const tag = discriminant(cases.length);
	const inner = cases.reduce((align, part) => Math.max(align, part?.align ?? 1), 1);
	const payload = alignTo(tag, inner);
	const align = Math.max(tag, inner);
	const size = alignTo(payload + cases.reduce((largest, part) => Math.max(largest, part?.size ?? 0), 0), align);
	return {tag, payload, size, align};
}

/** The types that the cases of a variant, option or result carry, in order. */
export function casesOf(type: ValueType): readonly (ValueType | undefined)[] {
	if (type.kind === 'variant') return type.cases.map(entry => entry.type);
	if (type.kind === 'option') return [undefined, type.some];
	return type.kind === 'result' ? [type.ok, type.err] : [];
}

function choice(key: string, cases: readonly (ValueType | undefined)[]): Layout {
	const {size, align} = variantLayout(cases);
	return layout(size, align, `i${cases.reduce((flat, part) => join(flat, part?.flat ?? ''), '')}`, key, cases);
}

const keys = (parts: readonly (ValueType | undefined)[]): string => parts.map(part => part?.key ?? '_').join(',');

/** The bytes of a flags type. */
const flagsSize = (count: number): number => (count <= 8 ? 1 : count <= 16 ? 2 : 4);

/** Keys name shapes by number, so that they stay short however types nest; one table per component. */
export interface Interned {
	readonly shapes: Map<string, string>;
}

function intern({shapes}: Interned, text: string): string {
	const known = shapes.get(text);
	if (known !== undefined) return known;
	const key = `#${shapes.size}`;
	shapes.set(text, key);
	return key;
}

const primitiveTypes = new Map<string, ValueType>(
	Object.entries(primitives).map(([kind, [size, flat]]) => [
		kind,
		{kind: kind as Primitive, size, align: kind === 'string' ? 4 : size, flat, key: kind, depth: 1},
	]),
);

/** Makes value types; the constructors check size and depth. */
export const types = {
	primitive: (kind: Primitive): ValueType => primitiveTypes.get(kind) as ValueType,

	record(all: Interned, fields: readonly (readonly [string, ValueType])[]): ValueType {
		const parts = fields.map(([label, type]) => ({label, key: camelCase(label), type}));
		const items = parts.map(part => part.type);
		const key = intern(all, `record ${parts.map(part => `${part.label}:${part.type.key}`).join()}`);
		const {size, align} = sequence(items);
		return {kind: 'record', fields: parts, ...layout(size, align, flatOf(items), key, items)};
	},

	tuple(all: Interned, items: readonly ValueType[]): ValueType {
		const {size, align} = sequence(items);
		return {kind: 'tuple', items, ...layout(size, align, flatOf(items), intern(all, `tuple ${keys(items)}`), items)};
	},

	variant(all: Interned, cases: readonly (readonly [string, ValueType | undefined])[]): ValueType {
		const parts = cases.map(([label, type]) => ({label, key: label, type}));
		const key = intern(all, `variant ${parts.map(part => `${part.label}:${part.type?.key ?? '_'}`).join()}`);
		return {
			kind: 'variant',
			cases: parts,
			...choice(
				key,
				parts.map(part => part.type),
			),
		};
	},

	list(all: Interned, element: ValueType, length: number | undefined): ValueType {
		const key = intern(all, `list ${element.key} ${length ?? ''}`);
		if (length === undefined) return {kind: 'list', element, length, ...layout(8, 4, 'ii', key, [element])};
		const flat = element.flat.repeat(Math.min(length, flatCap));
		return {kind: 'list', element, length, ...layout(element.size * length, element.align, flat, key, [element])};
	},

	flags(all: Interned, labels: readonly string[]): ValueType {
		const size = flagsSize(labels.length);
		return {kind: 'flags', labels: labels.map(camelCase), ...layout(size, size, 'i', intern(all, `flags ${labels.join()}`), [])};
	},

	enum(all: Interned, labels: readonly string[]): ValueType {
		const size = discriminant(labels.length);
		return {kind: 'enum', labels, ...layout(size, size, 'i', intern(all, `enum ${labels.join()}`), [])};
	},

	option: (all: Interned, some: ValueType): ValueType => ({
		kind: 'option',
		some,
		...choice(intern(all, `option ${some.key}`), [undefined, some]),
	}),

	result: (all: Interned, ok: ValueType | undefined, err: ValueType | undefined): ValueType => ({
		kind: 'result',
		ok,
		err,
		...choice(intern(all, `result ${keys([ok, err])}`), [ok, err]),
	}),

	handle: (kind: 'own' | 'borrow', resource: ResourceType): ValueType => ({
		kind,
		resource,
		...layout(4, 4, 'i', `${kind} ${resource.id}`, []),
	}),

	/** A stream or future of elements, or of none. */
	carrying: (all: Interned, kind: 'stream' | 'future', element: ValueType | undefined): ValueType => ({
		kind,
		element,
		...layout(4, 4, 'i', intern(all, `${kind} ${keys([element])}`), [element]),
	}),

	/** A list of pairs, which is no type that could be named: it may be larger. */
	map(all: Interned, key: ValueType, value: ValueType): ValueType {
		const items = [key, value];
		const {size, align} = sequence(items);
		const pair = layout(size, align, flatOf(items), intern(all, `tuple ${keys(items)}`), items, Number.POSITIVE_INFINITY);
		const entries = types.list(all, {kind: 'tuple', items, ...pair}, undefined) as ValueType & {kind: 'list'};
		return {kind: 'map', entries, ...layout(8, 4, 'ii', intern(all, `map ${entries.key}`), [entries])};
	},

	func(all: Interned, params: readonly (readonly [string, ValueType])[], result: ValueType | undefined, async = false): FuncType {
		const parts = params.map(([label, type]) => ({label, key: camelCase(label), type}));
		const key = intern(all, `func ${keys(parts.map(part => part.type))} ${result?.key ?? '_'}`);
		return {params: parts, result, async, key};
	},
};

/** The types directly within a type. */
export function partsOf(type: ValueType): readonly (ValueType | undefined)[] {
	if (type.kind === 'record') return type.fields.map(field => field.type);
	if (type.kind === 'tuple') return type.items;
	if (type.kind === 'map') return partsOf(type.entries.element);
	if (type.kind === 'stream' || type.kind === 'future') return [type.element];
	return type.kind === 'list' ? [type.element] : casesOf(type);
}

/** The same type with other types and resources in it; the type itself where they are the same. */
export function withParts(
	all: Interned,
	type: ValueType,
	part: (of: ValueType) => ValueType,
	resource: (of: ResourceType) => ResourceType,
): ValueType {
	if (type.kind === 'own' || type.kind === 'borrow') {
		const made = resource(type.resource);
		return made === type.resource ? type : types.handle(type.kind, made);
	}
	const maybe = (of: ValueType | undefined): ValueType | undefined => (of === undefined ? undefined : part(of));
	if (partsOf(type).every(of => of === maybe(of))) return type;
	switch (type.kind) {
		case 'record':
			return types.record(
				all,
				type.fields.map(field => [field.label, part(field.type)] as const),
			);
		case 'tuple':
			return types.tuple(all, type.items.map(part));
		case 'list':
			return types.list(all, part(type.element), type.length);
		case 'variant':
			return types.variant(
				all,
				type.cases.map(entry => [entry.label, maybe(entry.type)] as const),
			);
		case 'option':
			return types.option(all, part(type.some));
		case 'result':
			return types.result(all, maybe(type.ok), maybe(type.err));
		case 'stream':
		case 'future':
			return types.carrying(all, type.kind, maybe(type.element));
		case 'map': {
			const [key, value] = partsOf(type) as [ValueType, ValueType];
			return types.map(all, part(key), part(value));
		}
		default:
			return type;
	}
}

/** These types and every type that they hold, each shape once, inner ones after outer ones; what a stream or future carries is not held. */
export function mentioned(all: readonly (ValueType | undefined)[]): ValueType[] {
	const found = new Map<string, ValueType>();
	const visit = (part: ValueType | undefined): void => {
		if (part === undefined || found.has(part.key)) return;
		found.set(part.key, part);
		if (part.kind !== 'stream' && part.kind !== 'future') partsOf(part).forEach(visit);
	};
	all.forEach(visit);
	return [...found.values()];
}

/** The types of a function's parameters, and of its result. */
export const carriedBy = ({params, result}: FuncType): readonly (ValueType | undefined)[] => [...params.map(({type}) => type), result];
