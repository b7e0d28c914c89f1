import type {Schema} from '../client/codec.ts';

/** What is wrong with a schema: where in it (`properties.level`), and why. */
interface Flaw {
	readonly where: string;
	readonly reason: string;
}

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/** What `decode` checks, and what is only for readers. Any other keyword would hold in the editor, and not when a plugin starts. */
const keywords = new Set([
	...['type', 'const', 'enum', 'anyOf', 'oneOf', 'items', 'properties', 'patternProperties', 'additionalProperties', 'required', 'pattern'],
	...['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'],
	...['default', 'title', 'description', 'examples', 'deprecated', '$comment', '$id', '$schema'],
]);

/** The schemas inside of one, by their places in it. */
function parts({
	anyOf = [],
	items = [],
	properties = {},
	patternProperties = {},
	additionalProperties: others,
}: Schema): [string, Schema][] {
	const named = (keyword: string, list: object) => Object.entries(list).map(([key, one]): [string, Schema] => [`${keyword}.${key}`, one]);
	return [
		...named('anyOf', anyOf),
		...(Array.isArray(items) ? named('items', items) : [['items', items] as [string, Schema]]),
		...named('properties', properties),
		...named('patternProperties', patternProperties),
		...(typeof others === 'object' ? [['additionalProperties', others] as [string, Schema]] : []),
	];
}

function flawOf(schema: Schema): string | undefined {
	const {type, anyOf = [], oneOf = [], properties, patternProperties, additionalProperties: others} = schema;
	const unknown = Object.keys(schema).find(key => !keywords.has(key) && !key.startsWith('~'));
	if (unknown !== undefined) return `has "${unknown}", which is not checked here`;
	if (type !== undefined && !types.includes(type)) return `has the type ${JSON.stringify(type)}, which is none`;
	const kinds = anyOf.map(one => (one.type === 'integer' ? 'number' : one.type));
	const told = anyOf.every(one => one.const !== undefined) || (new Set(kinds).size === kinds.length && !kinds.includes(undefined));
	if (!told) return 'has alternatives in "anyOf" that differ neither in "type" nor all in "const"';
	if (oneOf.some(one => Object.keys(one).join() !== 'required')) return 'has "oneOf" of more than "required"';
	if (others === true) return 'lets unknown keys in';
	const maps = [properties, ...Object.keys(patternProperties ?? {}), typeof others === 'object' || undefined].filter(Boolean);
	return maps.length > 1 ? 'has more than one of properties, a pattern, and a schema for others' : undefined;
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
