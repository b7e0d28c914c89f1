import {arrays} from '@forgeone/wasm';
import fc from 'fast-check';

/** A type of WIT: its text where it is used, the declarations that it needs, and values of it in JavaScript. */
export interface Generated {
	readonly text: string;
	readonly declarations: readonly string[];
	readonly values: fc.Arbitrary<unknown>;
	/** Whether it is an option, which within an option is told apart by tags. */
	readonly option?: boolean;
}

const simple = (text: string, values: fc.Arbitrary<unknown>): Generated => ({text, declarations: [], values});

const integers = (text: string, min: number, max: number): Generated => simple(text, fc.integer({min, max}));

const text = fc.string({unit: 'grapheme', maxLength: 40});

const primitives: readonly Generated[] = [
	simple('bool', fc.boolean()),
	integers('u8', 0, 255),
	integers('s8', -128, 127),
	integers('u16', 0, 65_535),
	integers('s16', -32_768, 32_767),
	integers('u32', 0, 2 ** 32 - 1),
	integers('s32', -(2 ** 31), 2 ** 31 - 1),
	simple('u64', fc.bigInt({min: 0n, max: 2n ** 64n - 1n})),
	simple('s64', fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n})),
	simple('f32', fc.float()),
	simple('f64', fc.double()),
	simple('char', fc.string({unit: 'binary', minLength: 1, maxLength: 1})),
	simple('string', text),
];

/** A resource of the host's; each is told from the others by its number. */
export class Thing {
	static #made = 0;
	readonly number = Thing.#made++;
}

const thing: Generated = {text: 'thing', declarations: ['resource thing;'], values: fc.constant(undefined).map(() => new Thing())};

function list(of: Generated): Generated {
	const items = fc.array(of.values, {maxLength: 5});
	const name = arrays[of.text];
	const values = name === undefined ? items : items.map(all => Reflect.get(globalThis, name).from(all));
	return {text: `list<${of.text}>`, declarations: of.declarations, values};
}

function option(of: Generated): Generated {
	const some = of.option ? of.values.map(val => ({tag: 'some', val})) : of.values;
	const none = of.option ? {tag: 'none'} : undefined;
	return {text: `option<${of.text}>`, declarations: of.declarations, values: fc.oneof(fc.constant(none), some), option: true};
}

function result(ok: Generated | undefined, err: Generated | undefined): Generated {
	const arm = (tag: string, of: Generated | undefined): fc.Arbitrary<unknown> =>
		of === undefined ? fc.constant({tag, val: undefined}) : of.values.map(val => ({tag, val}));
	const parts = err === undefined ? (ok === undefined ? '' : `<${ok.text}>`) : `<${ok?.text ?? '_'}, ${err.text}>`;
	return {
		text: `tuple<result${parts}>`,
		declarations: [...(ok?.declarations ?? []), ...(err?.declarations ?? [])],
		values: fc.oneof(arm('ok', ok), arm('err', err)).map(value => [value]),
	};
}

const tuple = (items: readonly Generated[]): Generated => ({
	text: `tuple<${items.map(item => item.text).join(', ')}>`,
	declarations: items.flatMap(item => item.declarations),
	values: fc.tuple(...items.map(item => item.values)),
});

/** Keys that differ as JavaScript tells them apart. */
const map = ([key, of]: readonly [Generated, Generated]): Generated => ({
	text: `map<${key.text}, ${of.text}>`,
	declarations: of.declarations,
	values: fc.array(fc.tuple(key.values, of.values), {maxLength: 5}).map(entries => new Map(entries)),
});

const keys = primitives.filter(({text}) => text !== 'f32' && text !== 'f64');

let named = 0;

function declared(kind: string, parts: readonly string[], of: readonly Generated[], values: fc.Arbitrary<unknown>): Generated {
	const name = `t${named++}`;
	return {text: name, declarations: [...of.flatMap(item => item.declarations), `${kind} ${name} { ${parts.join(', ')} }`], values};
}

function record(fields: readonly Generated[]): Generated {
	const model = Object.fromEntries(fields.map((field, i) => [`aB${i}`, field.values]));
	return declared(
		'record',
		fields.map((field, i) => `a-b${i}: ${field.text}`),
		fields,
		fc.record(model),
	);
}

function variant(cases: readonly (Generated | undefined)[]): Generated {
	const arms = cases.map((of, i) => (of === undefined ? fc.constant({tag: `c${i}`}) : of.values.map(val => ({tag: `c${i}`, val}))));
	const parts = cases.map((of, i) => (of === undefined ? `c${i}` : `c${i}(${of.text})`));
	return declared(
		'variant',
		parts,
		cases.flatMap(of => of ?? []),
		fc.oneof(...arms),
	);
}

function enumeration(count: number): Generated {
	const labels = Array.from({length: count}, (_, i) => `case-${i === 0 ? 'a' : `n${i}`}`);
	return declared('enum', labels, [], fc.constantFrom(...labels));
}

function flags(count: number): Generated {
	const labels = Array.from({length: count}, (_, i) => `f${i}`);
	return declared('flags', labels, [], fc.record(Object.fromEntries(labels.map(label => [label, fc.boolean()]))));
}

/** Types over these, nested to a few levels. */
const typesOver = (
	leaves: readonly Generated[],
	more: (of: fc.Arbitrary<Generated>) => fc.Arbitrary<Generated>[],
): fc.Arbitrary<Generated> =>
	fc.letrec<{type: Generated}>(tie => ({
		type: fc.oneof(
			{maxDepth: 4, depthSize: 'small', withCrossShrink: true},
			fc.constantFrom(...leaves),
			...more(tie('type')),
			fc.integer({min: 1, max: 300}).map(enumeration),
			fc.integer({min: 1, max: 32}).map(flags),
			tie('type').map(list),
			tie('type').map(option),
			fc.tuple(fc.option(tie('type'), {nil: undefined}), fc.option(tie('type'), {nil: undefined})).map(([ok, err]) => result(ok, err)),
			fc.array(tie('type'), {minLength: 1, maxLength: 6}).map(tuple),
			fc.array(tie('type'), {minLength: 1, maxLength: 18}).map(record),
			fc.array(fc.option(tie('type'), {nil: undefined}), {minLength: 1, maxLength: 6}).map(variant),
		),
	})).type;

/** Any type that bindings have: no resources and no maps. */
export const anyBoundType = typesOver(primitives, () => []);

/** Any type but maps, with the resource `thing` of the host's in it. */
export const anyType = typesOver([...primitives, thing], () => []);

/** Any type, maps too, whose code in jco 1.35 fails where it stands beside itself. */
export const anyTypeOrMap = typesOver([...primitives, thing], of => [fc.tuple(fc.constantFrom(...keys), of).map(map)]);
