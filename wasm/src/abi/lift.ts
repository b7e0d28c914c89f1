import {casesOf, outline, sequence, type ValueType, variantLayout} from '../types.ts';
import type {Source} from './source.ts';

/** How a number is read from its view, by type: the view, the shift of its index. */
export const views: Readonly<Record<string, readonly [view: string, shift: number]>> = {
	bool: ['u8', 0],
	u8: ['u8', 0],
	s8: ['s8', 0],
	u16: ['u16', 1],
	s16: ['s16', 1],
	u32: ['u32', 2],
	s32: ['s32', 2],
	u64: ['u64', 3],
	s64: ['s64', 3],
	f32: ['f32', 2],
	f64: ['f64', 3],
	char: ['u32', 2],
};

/** What an object of JavaScript takes beside what it holds, and what a list of numbers does with the buffer that it is on, in bytes, about. */
const OBJECT = 64;
const BUFFER = 512;

/** The classes of typed arrays that stand for lists of numbers, by their names, for each type of number. */
export const arrays: Readonly<Record<string, string>> = {
	u8: 'Uint8Array',
	s8: 'Int8Array',
	u16: 'Uint16Array',
	s16: 'Int16Array',
	u32: 'Uint32Array',
	s32: 'Int32Array',
	u64: 'BigUint64Array',
	s64: 'BigInt64Array',
	f32: 'Float32Array',
	f64: 'Float64Array',
};

/** An element of a view at a pointer. */
export const at = (view: string, shift: number, pointer: string): string =>
	shift === 0 ? `V.${view}[${pointer}]` : `V.${view}[${pointer}>>>${shift}]`;

/** A pointer moved by a constant. */
export const moved = (pointer: string, offset: number): string => (offset === 0 ? pointer : `(${pointer}+${offset})`);

/** The view that holds a number of so many bytes. */
export const unsigned = (size: number, pointer: string): string => {
	const shift = size === 1 ? 0 : size === 2 ? 1 : 2;
	return at(['u8', 'u16', 'u32'][shift] as string, shift, pointer);
};

const numbers: Readonly<Record<string, (value: string) => string>> = {
	bool: value => `${value}!==0`,
	u8: value => `${value}&255`,
	s8: value => `${value}<<24>>24`,
	u16: value => `${value}&65535`,
	s16: value => `${value}<<16>>16`,
	u32: value => `${value}>>>0`,
	s32: value => `${value}|0`,
	u64: value => `BigInt.asUintN(64,${value})`,
	s64: value => value,
	f32: value => value,
	f64: value => value,
	char: value => `toChar(${value}>>>0)`,
};

/** An expression that turns core values, each a simple expression, into the value of JavaScript. */
export function liftFlat(source: Source, type: ValueType, core: readonly string[]): string {
	const [first = '', second = ''] = core;
	const number = numbers[type.kind];
	if (number !== undefined) return `(${number(first)})`;
	switch (type.kind) {
		case 'string':
			return `liftString(V,${first}>>>0,${second}>>>0,charge)`;
		case 'list':
			if (type.length === undefined) return `${list(source, type)}(${first}>>>0,${second}>>>0)`;
			return fixed(source, type, core);
		case 'map':
			return map(source, liftFlat(source, type.entries, core));
		case 'record':
			return record(source, type, liftAll(source, itemsOf(type), core));
		case 'tuple':
			return `[${liftAll(source, type.items, core).join()}]`;
		case 'flags':
			return flags(source, type.labels, first);
		case 'enum':
			return labelled(source, type.labels, `${first}>>>0`);
		case 'variant':
		case 'option':
		case 'result':
			return `${flatChoice(source, type)}(${core.join()})`;
		default:
			return handle(source, type, first);
	}
}

/** An expression that reads the value at a pointer, which is a simple expression, aligned and in bounds. */
export function load(source: Source, type: ValueType, pointer: string): string {
	const view = views[type.kind];
	if (view !== undefined) {
		const raw = at(...view, pointer);
		return type.kind === 'bool' ? `(${raw}!==0)` : type.kind === 'char' ? `toChar(${raw})` : raw;
	}
	switch (type.kind) {
		case 'string':
			return `liftString(V,V.u32[${pointer}>>>2],V.u32[${moved(pointer, 4)}>>>2],charge)`;
		case 'list':
			if (type.length !== undefined) return `${elements(source, type)}(${pointer},${type.length})`;
			return `${list(source, type)}(V.u32[${pointer}>>>2],V.u32[${moved(pointer, 4)}>>>2])`;
		case 'map':
			return map(source, load(source, type.entries, pointer));
		case 'flags':
			return flags(source, type.labels, unsigned(type.size, pointer));
		case 'enum':
			return labelled(source, type.labels, unsigned(type.size, pointer));
		case 'own':
		case 'borrow':
		case 'stream':
		case 'future':
		case 'error-context':
			return handle(source, type, `V.u32[${pointer}>>>2]`);
		default:
			return `${source.helper(`load ${type.key}`, () => `p=>${compound(source, type)}`)}(${pointer})`;
	}
}

function compound(source: Source, type: ValueType): string {
	if (type.kind === 'record' || type.kind === 'tuple') {
		const parts = loadAll(source, itemsOf(type), 'p');
		return type.kind === 'record' ? `(${record(source, type, parts)})` : `[${parts.join()}]`;
	}
	const cases = casesOf(type);
	const {tag, payload} = variantLayout(cases);
	return choice(source, type, unsigned(tag, 'p'), inner => load(source, inner, moved('p', payload)));
}

function record(source: Source, type: ValueType & {kind: 'record'}, parts: readonly string[]): string {
	return `({${type.fields.map((field, i) => `[${source.constant(field.key)}]:${parts[i]}`).join()}})`;
}

/** The types of a record's fields or of a tuple's items. */
export const itemsOf = (type: ValueType & {kind: 'record' | 'tuple'}): readonly ValueType[] =>
	type.kind === 'tuple' ? type.items : type.fields.map(field => field.type);

/** Deals out core values to the types, in order, that they are of. */
export function split<T>(items: readonly ValueType[], core: readonly T[]): T[][] {
	let start = 0;
	return items.map(({flat}) => {
		const part = core.slice(start, start + flat.length);
		start += flat.length;
		return part;
	});
}

/** Expressions for several values whose core values come one after the other. */
export function liftAll(source: Source, items: readonly ValueType[], core: readonly string[]): string[] {
	const parts = split(items, core);
	return items.map((item, i) => liftFlat(source, item, parts[i] as string[]));
}

/** Expressions for several values that lie in memory as a tuple at a pointer. */
export function loadAll(source: Source, items: readonly ValueType[], pointer: string): string[] {
	const {offsets} = sequence(items);
	return items.map((item, i) => load(source, item, moved(pointer, offsets[i] as number)));
}

const flags = (source: Source, labels: readonly string[], value: string): string =>
	`${source.helper(`flags ${labels.join()}`, () => `x=>({${labels.map((label, i) => `[${source.constant(label)}]:(x>>>${i}&1)!==0`).join()}})`)}(${value})`;

const labelled = (source: Source, labels: readonly string[], value: string): string => `label(${source.constant(labels)},${value})`;

const map = ({inside}: Source, pairs: string): string => (inside ? pairs : `new Map(${pairs})`);

function handle(source: Source, type: ValueType, index: string): string {
	if (type.kind === 'own') return `I.handles.liftOwn(${index},R[${type.resource.id}])`;
	if (type.kind === 'borrow') return `I.handles.liftBorrow(${index},R[${type.resource.id}],lent)`;
	if (type.kind === 'error-context') return `liftError(I,${index})`;
	if (type.kind === 'stream' || type.kind === 'future') return `liftEnd(S,I,${index},${source.constant(outline(type))})`;
	throw new TypeError(`"${type.kind}" cannot be lifted`);
}

/** A conditional over the cases, with what to read for each. */
function choice(source: Source, type: ValueType, tag: string, read: (inner: ValueType) => string): string {
	if (type.kind === 'option') {
		const some = read(type.some);
		const nested = type.some.kind === 'option';
		return `{switch(${tag}){case 0:return ${nested ? "{tag:'none'}" : 'undefined'};case 1:return ${nested ? `{tag:'some',val:${some}}` : some};default:noCase()}}`;
	}
	const names = type.kind === 'variant' ? type.cases.map(entry => entry.label) : ['ok', 'err'];
	const arms = casesOf(type).map((inner, i) => {
		const value = inner === undefined ? (type.kind === 'result' ? ',val:undefined' : '') : `,val:${read(inner)}`;
		return `case ${i}:return{tag:${source.constant(names[i])}${value}};`;
	});
	return `{switch(${tag}){${arms.join('')}default:noCase()}}`;
}

function flatChoice(source: Source, type: ValueType): string {
	return source.helper(`flat ${type.key}`, () => {
		const params = [...type.flat].map((_, i) => `c${i}`);
		const body = choice(source, type, 'c0>>>0', inner =>
			liftFlat(
				source,
				inner,
				[...inner.flat].map((want, i) => coerced(type.flat[i + 1] as string, want, `c${i + 1}`)),
			),
		);
		return `(${params.join()})=>${body}`;
	});
}

/** A core value of one type as another. */
export const coerced = (have: string, want: string, value: string): string =>
	have === want ? value : `reinterpret.${have}${want}(${value})`;

/** The name of a function over elements in memory: `(pointer, count)`. */
export function elements(source: Source, type: ValueType & {kind: 'list'}): string {
	return source.helper(`elements ${type.element.key}`, () => {
		const [view, shift] = views[type.element.kind] ?? ['', 0];
		if (arrays[type.element.kind] !== undefined)
			return `(p,n)=>V.${view}.${source.views ? 'subarray' : 'slice'}(p>>>${shift},(p>>>${shift})+n)`;
		const {size} = type.element;
		return `(p,n)=>{const list=[];for(const end=p+n*${size};p<end;p+=${size})list.push(${load(source, type.element, 'p')});return list}`;
	});
}

function list(source: Source, type: ValueType & {kind: 'list'}): string {
	return source.helper(`list ${type.element.key}`, () => {
		const {size, align, kind} = type.element;
		const flat = arrays[kind] !== undefined;
		// A list, and an element that becomes an object or a string, take more room here than there; a view takes none.
		const weight = flat ? size : size + OBJECT;
		const count = flat && source.views ? `pass(n*${size});` : `charge(${flat ? BUFFER : OBJECT}+n*${weight});`;
		return `(p,n)=>{range(V,p,n*${size},${align});${count}return ${elements(source, type)}(p,n)}`;
	});
}

function fixed(source: Source, type: ValueType & {kind: 'list'}, core: readonly string[]): string {
	const width = type.element.flat.length;
	const items = Array.from({length: type.length as number}, (_, i) =>
		liftFlat(source, type.element, core.slice(i * width, (i + 1) * width)),
	);
	const array = arrays[type.element.kind];
	return array === undefined ? `[${items.join()}]` : `${array}.of(${items.join()})`;
}
