import {casesOf, outline, sequence, type ValueType, variantLayout} from '../types.ts';
import {arrays, at, coerced, itemsOf, moved, split, unsigned, views} from './lift.ts';
import type {Source} from './source.ts';

/** A variable that takes one core value, and the core type it has. */
export interface Slot {
	readonly name: string;
	readonly type: string;
}

/** How a number of a type is told from what is none: its type in JavaScript, and what leaves it as it is. */
const checks: Readonly<Record<string, readonly [type: string, wrap: string]>> = {
	u8: ['number', '$&255'],
	s8: ['number', '$<<24>>24'],
	u16: ['number', '$&65535'],
	s16: ['number', '$<<16>>16'],
	u32: ['number', '$>>>0'],
	s32: ['number', '$|0'],
	u64: ['bigint', 'BigInt.asUintN(64,$)'],
	s64: ['bigint', 'BigInt.asIntN(64,$)'],
};

/** The core value of a number, which is a simple expression: checked in place, so that V8 knows its type. */
function number(kind: string, value: string): string | undefined {
	if (kind === 'bool') return `(${value}?1:0)`;
	if (kind === 'char') return `fromChar(${value})`;
	if (kind === 'f32' || kind === 'f64') return `(typeof ${value}==='number'?${value}:bad('${kind}',${value}))`;
	const check = checks[kind];
	if (check === undefined) return undefined;
	const [type, wrap] = check;
	return `(typeof ${value}==='${type}'&&(${wrap.replace('$', value)})===${value}?${value}:bad('${kind}',${value}))`;
}

/** Statements that put the core values of a value, which is a simple expression, into slots that are zero. */
export function lowerFlat(source: Source, type: ValueType, value: string, slots: readonly Slot[]): string {
	const set = (i: number, have: string, text: string): string => {
		const slot = slots[i] as Slot;
		return `${slot.name}=${coerced(have, slot.type, text)};`;
	};
	const text = number(type.kind, value);
	if (text !== undefined) return set(0, type.flat, text);
	switch (type.kind) {
		case 'string':
		case 'list':
			if (type.kind === 'list' && type.length !== undefined) return fixed(source, type, value, slots);
			return set(0, 'i', pointer(source, type, value)) + set(1, 'i', 'V.units');
		case 'map':
			return lowerFlat(source, type.entries, pairs(source, value), slots);
		case 'record':
		case 'tuple':
			return source.grown(
				parts(source, type, value, (item, inner, i) => lowerFlat(source, item, inner, split(itemsOf(type), slots)[i] as Slot[])),
			);
		case 'flags':
			return set(0, 'i', flags(source, type.labels, value));
		case 'enum':
			return set(0, 'i', labelled(source, type.labels, value));
		case 'variant':
		case 'option':
		case 'result':
			return source.grown(
				choice(
					source,
					type,
					value,
					i => set(0, 'i', String(i)),
					(inner, payload) => lowerFlat(source, inner, payload, slots.slice(1)),
				),
			);
		default:
			return set(0, 'i', handle(source, type, value));
	}
}

/** Statements that write a value at a pointer; both are simple expressions. The views are read after what calls the guest. */
export function store(source: Source, type: ValueType, pointerTo: string, value: string): string {
	const text = number(type.kind, value);
	if (text !== undefined) return `${at(...(views[type.kind] as readonly [string, number]), pointerTo)}=${text};`;
	switch (type.kind) {
		case 'string':
		case 'list': {
			if (type.kind === 'list' && type.length !== undefined)
				return `${elements(source, type)}(${pointerTo},fixed(${value},${type.length}),${type.length});`;
			const at4 = moved(pointerTo, 4);
			const pair = source.fresh();
			return `{const ${pair}=${pointer(source, type, value)},n=V.units;V.u32[${pointerTo}>>>2]=${pair};V.u32[${at4}>>>2]=n;}`;
		}
		case 'map':
			return store(source, type.entries, pointerTo, pairs(source, value));
		case 'flags':
			return `${unsigned(type.size, pointerTo)}=${flags(source, type.labels, value)};`;
		case 'enum':
			return `${unsigned(type.size, pointerTo)}=${labelled(source, type.labels, value)};`;
		case 'own':
		case 'borrow':
		case 'stream':
		case 'future':
		case 'error-context':
			return `V.u32[${pointerTo}>>>2]=${handle(source, type, value)};`;
		default:
			return `${source.helper(`store ${type.key}`, () => `(p,x)=>{${compound(source, type)}}`)}(${pointerTo},${value});`;
	}
}

function compound(source: Source, type: ValueType): string {
	if (type.kind === 'record' || type.kind === 'tuple') {
		const {offsets} = sequence(itemsOf(type));
		return parts(source, type, 'x', (item, inner, i) => store(source, item, moved('p', offsets[i] as number), inner));
	}
	const {tag, payload} = variantLayout(casesOf(type));
	return choice(
		source,
		type,
		'x',
		i => `${unsigned(tag, 'p')}=${i};`,
		(inner, value) => store(source, inner, moved('p', payload), value),
	);
}

function parts(
	source: Source,
	type: ValueType & {kind: 'record' | 'tuple'},
	value: string,
	lower: (item: ValueType, inner: string, i: number) => string,
): string {
	const open = type.kind === 'record' ? `record(${value});` : `fixed(${value},${type.items.length});`;
	const each = itemsOf(type).map((item, i) => {
		const inner = source.fresh();
		const key = type.kind === 'record' ? source.constant(type.fields[i]?.key) : i;
		return `{const ${inner}=${value}[${key}];${lower(item, inner, i)}}`;
	});
	return open + each.join('');
}

function choice(
	source: Source,
	type: ValueType,
	value: string,
	tag: (i: number) => string,
	lower: (inner: ValueType, payload: string) => string,
): string {
	if (type.kind === 'option' && type.some.kind !== 'option') {
		return `if(${value}===undefined||${value}===null){${tag(0)}}else{${tag(1)}${lower(type.some, value)}}`;
	}
	const names = type.kind === 'variant' ? type.cases.map(entry => entry.label) : type.kind === 'option' ? ['none', 'some'] : ['ok', 'err'];
	const arms = casesOf(type).map((inner, i) => {
		const payload = source.fresh();
		const rest = inner === undefined ? '' : `const ${payload}=${value}.val;${lower(inner, payload)}`;
		return `case ${i}:{${tag(i)}${rest}break}`;
	});
	return `switch(index(${source.constant(indexes(names))},tagOf(${value}))){${arms.join('')}}`;
}

const indexes = (names: readonly string[]): ReadonlyMap<string, number> => new Map(names.map((name, i) => [name, i]));

const labelled = (source: Source, labels: readonly string[], value: string): string =>
	`index(${source.constant(indexes(labels))},${value})`;

const flags = (source: Source, labels: readonly string[], value: string): string =>
	`${source.helper(
		`unflags ${labels.join()}`,
		() => `x=>{record(x);return ${labels.map((label, i) => `(x[${source.constant(label)}]?${2 ** i}:0)`).join('|')}}`,
	)}(${value})`;

const pairs = ({inside}: Source, map: string): string => (inside ? map : `pairs(${map})`);

function handle(source: Source, type: ValueType, value: string): string {
	if (type.kind === 'own') return `I.handles.lowerOwn(R[${type.resource.id}],${value})`;
	if (type.kind === 'borrow') return `I.handles.lowerBorrow(R[${type.resource.id}],${value},task,I)`;
	if (type.kind === 'error-context') return `lowerError(I,${value})`;
	if (type.kind === 'stream' || type.kind === 'future') return `lowerEnd(S,I,${value},${source.constant(outline(type))})`;
	throw new TypeError(`"${type.kind}" cannot be lowered`);
}

/** An expression that writes a string or list into fresh memory: its pointer, and its length in `V.units`. */
function pointer(source: Source, type: ValueType, value: string): string {
	if (type.kind !== 'list') return `lowerString(V,realloc,${value})`;
	const name = source.helper(`unlist ${type.element.key}`, () => {
		const {size, align} = type.element;
		const write = elements(source, type);
		return `x=>{const n=lengthOf(x);pass(n*${size});const p=allocate(V,realloc,${align},n*${size});${write}(p,x,n);V.units=n;return p}`;
	});
	return `${name}(${value})`;
}

/** The name of a function over elements for memory: `(pointer, list, count)`. */
export function elements(source: Source, type: ValueType & {kind: 'list'}): string {
	return source.helper(`unelements ${type.element.key}`, () => {
		const {element} = type;
		const loop = `for(let i=0;i<n;i++,p+=${element.size}){const e=x[i];${store(source, element, 'p', 'e')}}`;
		const array = arrays[element.kind];
		if (array === undefined) return `(p,x,n)=>{${loop}}`;
		const [view, shift] = views[element.kind] as readonly [string, number];
		return `(p,x,n)=>{if(x instanceof ${array}){V.${view}.set(x,p>>>${shift});return}${loop}}`;
	});
}

function fixed(source: Source, type: ValueType & {kind: 'list'}, value: string, slots: readonly Slot[]): string {
	const width = type.element.flat.length;
	const each = Array.from({length: type.length as number}, (_, i) => {
		const inner = source.fresh();
		return `{const ${inner}=${value}[${i}];${lowerFlat(source, type.element, inner, slots.slice(i * width, (i + 1) * width))}}`;
	});
	return `fixed(${value},${type.length});${each.join('')}`;
}

/** Statements that put the core values of several values into slots. */
export function lowerAll(source: Source, items: readonly ValueType[], values: readonly string[], slots: readonly Slot[]): string {
	const parts = split(items, slots);
	return items.map((item, i) => lowerFlat(source, item, values[i] as string, parts[i] as Slot[])).join('');
}

/** Statements that write several values one after the other, as a tuple, at a pointer. */
export function storeAll(source: Source, items: readonly ValueType[], values: readonly string[], pointerTo: string): string {
	const {offsets} = sequence(items);
	return items.map((item, i) => store(source, item, moved(pointerTo, offsets[i] as number), values[i] as string)).join('');
}
