import type {ValueType} from '@forgeone/wasm';
import type * as FastCheck from 'fast-check';
import {errors} from '../../errors.ts';
import {arrayOf, boundsOf, isBig} from './arrays.ts';

type Any = FastCheck.Arbitrary<unknown>;

/** Names that mean something to a program that is careless. */
export const oddNames = [
	'',
	'__proto__',
	'constructor',
	'toString',
	'..',
	'../../etc/passwd',
	'\0',
	'a\0b',
	'\n',
	'*',
	'\u202e',
	'\ufeff',
	'%00',
	'$&',
	"';--",
];

const oddTexts = [...oddNames, '\ud800', 'a\udfff', '\u{10ffff}', 'é'.normalize('NFD'), '\uffff', 'ﷺ'.repeat(300)];
const huge = 'x'.repeat(100_000);
const large = 1_048_577;

/** Values of a type, at its extremes and in between; those of `fc` shrink. Throws FORGE_TEST_HANDLE for what can not be made here. */
export function valuesOf(fc: typeof FastCheck, type: ValueType): Any {
	const of = (part: ValueType): Any => valuesOf(fc, part);
	const maybe = (tag: string, part: ValueType | undefined): Any =>
		part === undefined ? fc.constant({tag}) : of(part).map(val => ({tag, val}));
	const object = (entries: readonly (readonly [string, Any])[]): Any => fc.record(Object.fromEntries(entries), {noNullPrototype: true});
	const bounds = boundsOf(type);
	if (bounds !== undefined) {
		const [min, max] = bounds;
		const all = fc.oneof(fc.constantFrom(min, max, 0n, 1n), fc.bigInt({min, max}));
		return isBig(type) ? all : all.map(Number);
	}
	switch (type.kind) {
		case 'bool':
			return fc.boolean();
		case 'f32':
			return fc.oneof(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0), fc.float());
		case 'f64':
			return fc.oneof(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.MAX_VALUE), fc.double());
		case 'char':
			return fc.oneof(fc.constantFrom('\0', '\u202e', '\ufffd', '\u{10ffff}'), fc.string({unit: 'binary', minLength: 1, maxLength: 1}));
		case 'string':
			return texts(fc);
		case 'list':
			return lists(fc, type);
		case 'map':
			return fc.array(of(type.entries.element), {maxLength: 5}).map(entries => new Map(entries as [unknown, unknown][]));
		case 'record':
			return object(type.fields.map(field => [field.key, of(field.type)] as const));
		case 'tuple':
			return fc.tuple(...type.items.map(of));
		case 'flags':
			return object(type.labels.map(label => [label, fc.boolean()] as const));
		case 'enum':
			return fc.constantFrom(...type.labels);
		case 'variant':
			return fc.oneof(...type.cases.map(entry => maybe(entry.key, entry.type)));
		case 'result':
			return fc.oneof(maybe('ok', type.ok), maybe('err', type.err));
		case 'option':
			if (type.some.kind === 'option') return fc.oneof(maybe('none', undefined), maybe('some', type.some));
			return fc.option(of(type.some), {nil: undefined});
		default:
			throw errors.FORGE_TEST_HANDLE({type: type.kind});
	}
}

function texts(fc: typeof FastCheck): Any {
	const units = fc.integer({min: 0, max: 0xffff}).map(unit => String.fromCharCode(unit));
	return fc.oneof(
		{arbitrary: fc.constantFrom(...oddTexts), weight: 8},
		{arbitrary: fc.string({unit: 'binary'}), weight: 4},
		{arbitrary: fc.string({unit: units}), weight: 4},
		{arbitrary: fc.constant(huge), weight: 1},
	);
}

function lists(fc: typeof FastCheck, {element, length}: Extract<ValueType, {kind: 'list'}>): Any {
	const made = arrayOf(element);
	const whole = (items: unknown[]): unknown => (made === undefined ? items : made.from(items as never[]));
	const inner = valuesOf(fc, element);
	if (length !== undefined) return fc.array(inner, {minLength: length, maxLength: length}).map(whole);
	const long = element.kind === 'u8' ? fc.constant(new Uint8Array(large)) : inner.map(item => whole(Array(1_000).fill(item)));
	return fc.oneof({arbitrary: fc.array(inner, {maxLength: 20}).map(whole), weight: 30}, {arbitrary: long, weight: 1});
}
