import type {Schema} from '../client/codec.ts';

/** What is wrong with a schema: where in it (`properties.level`), and why. */
interface Flaw {
	readonly where: string;
	readonly reason: string;
}

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/** What bounds a value of some type. */
const bounds = [
	...['items', 'properties', 'patternProperties', 'additionalProperties', 'required', 'oneOf', 'pattern'],
	...['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'],
];

/** What `decode` checks, and what is only for readers. Any other keyword would hold in the editor, and not when a plugin starts. */
const keywords = new Set([
	...bounds,
	...['type', 'const', 'enum', 'anyOf', 'default', 'title', 'description', 'examples', 'deprecated', '$comment', '$id', '$schema'],
]);

/** The schemas inside of one, by their places in it. */
function parts({anyOf = [], items, properties = {}, patternProperties = {}, additionalProperties: others}: Schema): [string, Schema][] {
	const named = (keyword: string, list: object) => Object.entries(list).map(([key, one]): [string, Schema] => [`${keyword}.${key}`, one]);
	const single = (keyword: string, one: unknown): [string, Schema][] => (typeof one === 'object' ? [[keyword, one as Schema]] : []);
	return [
		...named('anyOf', anyOf),
		...named('properties', properties),
		...named('patternProperties', patternProperties),
		...single('items', items),
		...single('additionalProperties', others),
	];
}

function isPattern(text: string): boolean {
	try {
		return new RegExp(text, 'u') !== undefined;
	} catch {
		return false;
	}
}

/** What is wrong with the alternatives of a schema. */
function flawOfChoice({type, anyOf = [], enum: listed = [], const: only, ...others}: Schema): string | undefined {
	const bound = bounds.find(key => Object.hasOwn(others, key));
	const chosen = anyOf.length > 0 || listed.length > 0 || only !== undefined;
	if (bound !== undefined && (type === undefined || chosen)) return `has "${bound}" where no one type is`;
	if ([...listed, only].some(value => Object(value) === value)) return 'has an object among its values';
	const kinds = anyOf.map(one => (one.type === 'integer' ? 'number' : one.type));
	const told = anyOf.every(one => one.const !== undefined) || (new Set(kinds).size === kinds.length && !kinds.includes(undefined));
	return told ? undefined : 'has alternatives in "anyOf" that differ neither in "type" nor all in "const"';
}

/** What is wrong with the keys of a schema for objects. */
function flawOfKeys({
	properties,
	patternProperties = {},
	additionalProperties: others,
	required = [],
	oneOf = [],
}: Schema): string | undefined {
	if (others === true) return 'lets unknown keys in';
	const maps = [properties, ...Object.keys(patternProperties), typeof others === 'object' || undefined].filter(map => map !== undefined);
	if (maps.length > 1) return 'has more than one of properties, a pattern, and a schema for others';
	if (oneOf.some(one => Object.keys(one).join() !== 'required')) return 'has "oneOf" of more than "required"';
	const missing = required.find(key => !Object.hasOwn(properties ?? {}, key));
	return missing === undefined ? undefined : `requires "${missing}", which it does not describe`;
}

function flawOf(schema: Schema): string | undefined {
	const {type, items, pattern = '', patternProperties = {}} = schema;
	const unknown = Object.keys(schema).find(key => !keywords.has(key) && !key.startsWith('~'));
	if (unknown !== undefined) return `has "${unknown}", which is not checked here`;
	if (type !== undefined && !types.includes(type)) return `has the type ${JSON.stringify(type)}, which is none`;
	if (Array.isArray(items)) return 'has a list of "items"';
	const wrong = [pattern, ...Object.keys(patternProperties)].find(text => !isPattern(text));
	if (wrong !== undefined) return `has the pattern ${JSON.stringify(wrong)}, which is none`;
	return flawOfChoice(schema) ?? flawOfKeys(schema);
}

/** What makes a schema one that `decode` can not check in full; undefined where it can. */
export function unusable(schema: Schema, where = ''): Flaw | undefined {
	if (typeof schema !== 'object' || schema === null) return {where, reason: 'is no schema'};
	const reason = flawOf(schema);
	if (reason !== undefined) return {where: where || 'the top', reason};
	return parts(schema)
		.map(([place, part]) => unusable(part, where === '' ? place : `${where}.${place}`))
		.find(flaw => flaw !== undefined);
}
