import type {Primitive} from '@forgeone/wasm';

/** Where a named thing was declared: an interface as it is imported or exported, or the world itself. */
export interface Scope {
	/** As in the binary, such as `wasi:io/streams@0.2.0`; `$root` for the world. */
	readonly id: string;
	readonly side: 'import' | 'export' | 'world';
	readonly declarations: Declaration[];
	readonly functions: Func[];
	readonly docs: string;
	/** The prose of a member, by its path below the scope. */
	doc(...path: readonly string[]): string;
}

/** A name that a scope gives to a type: its own, or another for a type of elsewhere. */
export interface Declaration {
	readonly label: string;
	readonly type: Type | Resource;
	readonly docs: string;
}

/** The scope and the label under which a type was first declared. */
export interface Home {
	readonly scope: Scope;
	readonly label: string;
}

export interface Field {
	readonly label: string;
	readonly type: Type;
}

interface Case {
	readonly label: string;
	readonly type: Type | undefined;
}

/** A resource type. */
export interface Resource {
	readonly kind: 'resource';
	home: Home | undefined;
}

/** Whether a declaration is that of a resource of its scope's own. */
export const isOwn = (type: Type | Resource, scope: Scope, label: string): type is Resource =>
	type.kind === 'resource' && type.home?.scope === scope && type.home.label === label;

/** A type of a value. Those that WIT only knows by a name get their `home` where they are declared. */
export type Type =
	| {readonly kind: 'primitive'; readonly name: Primitive}
	| {readonly kind: 'list'; readonly of: Type}
	| {readonly kind: 'option'; readonly of: Type}
	| {readonly kind: 'result'; readonly ok: Type | undefined; readonly err: Type | undefined}
	| {readonly kind: 'tuple'; readonly items: readonly Type[]}
	| {readonly kind: 'own' | 'borrow'; readonly resource: Resource}
	| RecordType
	| VariantType
	| LabelType;

export interface RecordType {
	readonly kind: 'record';
	readonly fields: readonly Field[];
	home: Home | undefined;
}

export interface VariantType {
	readonly kind: 'variant';
	readonly cases: readonly Case[];
	home: Home | undefined;
}

export interface LabelType {
	readonly kind: 'enum' | 'flags';
	readonly labels: readonly string[];
	home: Home | undefined;
}

/** A function; its name as in the binary, such as `[method]input-stream.read`. */
export interface Func {
	readonly name: string;
	readonly params: readonly Field[];
	readonly result: Type | undefined;
	readonly docs: string;
}

/** A world, resolved. */
export interface World {
	/** As in the binary, such as `a:b/w@1.0.0`. */
	readonly id: string;
	readonly docs: string;
	readonly imports: readonly Scope[];
	readonly exports: readonly Scope[];
	/** Types of the world, and the functions that it imports. */
	readonly root: Scope;
	/** The functions that the world exports. */
	readonly functions: readonly Func[];
}

/** How the canonical ABI lays a type out: bytes in memory, alignment, and core values when it is flat. */
export interface Layout {
	readonly size: number;
	readonly align: number;
	readonly flat: readonly Core[];
}

export type Core = 'i32' | 'i64' | 'f32' | 'f64';

const primitives: Readonly<Partial<Record<Primitive, readonly [size: number, ...flat: Core[]]>>> = {
	bool: [1, 'i32'],
	s8: [1, 'i32'],
	u8: [1, 'i32'],
	s16: [2, 'i32'],
	u16: [2, 'i32'],
	s32: [4, 'i32'],
	u32: [4, 'i32'],
	s64: [8, 'i64'],
	u64: [8, 'i64'],
	f32: [4, 'f32'],
	f64: [8, 'f64'],
	char: [4, 'i32'],
};

const alignTo = (offset: number, align: number): number => Math.ceil(offset / align) * align;

/** The offsets of parts one after the other, and their layout together. */
export function sequence(parts: readonly Type[]): Layout & {readonly offsets: readonly number[]; readonly flats: readonly number[]} {
	let end = 0;
	let align = 1;
	const flat: Core[] = [];
	const flats: number[] = [];
	const offsets = parts.map(part => {
		const of = layout(part);
		const offset = alignTo(end, of.align);
		end = offset + of.size;
		align = Math.max(align, of.align);
		flats.push(flat.length);
		flat.push(...of.flat);
		return offset;
	});
	return {offsets, flats, flat, align, size: alignTo(end, align)};
}

const join = (a: Core, b: Core): Core => (a === b ? a : [a, b].every(core => core === 'i32' || core === 'f32') ? 'i32' : 'i64');

/** The layout of a variant: bytes of its discriminant, and where its payload begins. */
export function choice(cases: readonly (Type | undefined)[]): Layout & {readonly tag: 1 | 2 | 4; readonly payload: number} {
	const tag = cases.length <= 0x100 ? 1 : cases.length <= 0x10000 ? 2 : 4;
	const layouts = cases.flatMap(type => (type === undefined ? [] : [layout(type)]));
	const align = Math.max(tag, ...layouts.map(of => of.align));
	const payload = alignTo(tag, Math.max(1, ...layouts.map(of => of.align)));
	const flat: Core[] = [];
	for (const of of layouts) {
		for (const [i, core] of of.flat.entries()) flat[i] = flat[i] === undefined ? core : join(flat[i], core);
	}
	return {tag, payload, align, size: alignTo(payload + Math.max(0, ...layouts.map(of => of.size)), align), flat: ['i32', ...flat]};
}

/** The parts of a choice as the ABI sees it: a variant, an option or a result. */
export function casesOf(type: Extract<Type, {kind: 'variant' | 'option' | 'result'}>): (Type | undefined)[] {
	if (type.kind === 'variant') return type.cases.map(of => of.type);
	return type.kind === 'option' ? [undefined, type.of] : [type.ok, type.err];
}

/** Bytes of the number that stands for an enum or for flags. */
export function labelSize({kind, labels}: LabelType): 1 | 2 | 4 {
	if (kind === 'enum') return labels.length <= 0x100 ? 1 : labels.length <= 0x10000 ? 2 : 4;
	return labels.length <= 8 ? 1 : labels.length <= 16 ? 2 : 4;
}

const layouts = new WeakMap<Type, Layout>();

function compute(type: Type): Layout {
	switch (type.kind) {
		case 'primitive': {
			const [size, ...flat] = primitives[type.name] ?? [];
			return size === undefined ? {size: 8, align: 4, flat: ['i32', 'i32']} : {size, align: size, flat};
		}
		case 'list':
			return {size: 8, align: 4, flat: ['i32', 'i32']};
		case 'own':
		case 'borrow':
			return {size: 4, align: 4, flat: ['i32']};
		case 'record':
			return sequence(type.fields.map(field => field.type));
		case 'tuple':
			return sequence(type.items);
		case 'enum':
		case 'flags':
			return {size: labelSize(type), align: labelSize(type), flat: ['i32']};
		default:
			return choice(casesOf(type));
	}
}

/** The layout of a type by the canonical ABI. */
export function layout(type: Type): Layout {
	const found = layouts.get(type) ?? compute(type);
	layouts.set(type, found);
	return found;
}
