import type {Static, TSchema} from 'typebox';

/** Where a value departs from its schema, and how; for a key that is not known, also those that are. */
export interface Mismatch {
	/** `spec.limits.memory`; empty at the top. */
	readonly where: string;
	readonly reason: string;
	readonly unknown?: {readonly key: string; readonly known: readonly string[]};
}

/** The part of JSON Schema that schemas are made of here. */
export interface Schema {
	readonly type?: string;
	readonly format?: string;
	readonly contentEncoding?: string;
	readonly default?: unknown;
	readonly const?: unknown;
	readonly enum?: readonly unknown[];
	readonly anyOf?: readonly Schema[];
	/** Of an object, each with nothing but what it requires. */
	readonly oneOf?: readonly Schema[];
	readonly items?: Schema | readonly Schema[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly patternProperties?: Readonly<Record<string, Schema>>;
	readonly additionalProperties?: Schema | boolean;
	readonly required?: readonly string[];
	readonly pattern?: string;
	readonly description?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
}

type Fail = (mismatch: Mismatch) => never;

/** The nesting that is taken from others. */
const DEPTH = 64;

/** Keys that reach into JavaScript's prototypes. */
const forbidden = ['__proto__', 'constructor', 'prototype'];

/** How deep arrays and objects are nested in a JSON text, counted without building anything. */
function nesting(text: string): number {
	let [depth, deepest, quoted] = [0, 0, false];
	for (let index = 0; index < text.length; index++) {
		const char = text[index];
		if (quoted) {
			if (char === '\\') index++;
			else if (char === '"') quoted = false;
		} else if (char === '"') quoted = true;
		else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
		else if (char === ']' || char === '}') depth--;
	}
	return deepest;
}

type Reviver = (key: string, value: unknown, context: {readonly source?: string}) => unknown;

const revive: Reviver = (_key, value, {source = ''}) =>
	typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;

/** JSON to values, where an integer that a number can not hold becomes a bigint. Throws SyntaxError, also for what nests too deep. */
export function parse(text: string): unknown {
	if (nesting(text) > DEPTH) throw new SyntaxError(`nested deeper than ${DEPTH}`);
	// TypeScript does not know the third argument yet, nor `rawJSON`.
	return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

const {rawJSON} = JSON as unknown as {rawJSON(text: string): unknown};

/** Values to JSON, where a bigint becomes an integer, and bytes a string in base64. */
export function stringify(value: unknown, space?: string): string {
	const replace = function (this: Readonly<Record<string, unknown>>, key: string): unknown {
		const part = this[key];
		if (part instanceof Uint8Array) return Buffer.from(part).toString('base64');
		return typeof part === 'bigint' ? rawJSON(String(part)) : part;
	};
	return JSON.stringify(value, replace, space) ?? 'null';
}

function kindOf(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'array';
	if (typeof value === 'bigint' || Number.isInteger(value)) return 'integer';
	return typeof value === 'number' && !Number.isFinite(value) ? String(value) : typeof value;
}

/** Whether a value of this kind has the type: each integer is a number. */
const isA = (kind: string, type: string | undefined) => type === kind || (type === 'number' && kind === 'integer');

const below = (where: string, key: string | number) => (where === '' ? String(key) : `${where}.${key}`);

function checkKey(key: string, where: string, known: readonly string[], fail: Fail): void {
	if (forbidden.includes(key)) fail({where, reason: `the key "${key}" is not allowed`});
	if (!known.includes(key)) fail({where, reason: `unknown key "${key}"`, unknown: {key, known}});
}

function decodeObject(schema: Schema, value: object, where: string, fail: Fail): unknown {
	const given = Object.entries(value);
	const {patternProperties = {}, additionalProperties: others, oneOf = []} = schema;
	const [pattern, of] = Object.entries(patternProperties)[0] ?? (typeof others === 'object' ? ['', others] : []);
	if (pattern !== undefined && of !== undefined) {
		const matching = new RegExp(pattern, 'u');
		const entries = given.map(([key, part]) => {
			if (forbidden.includes(key) || !matching.test(key)) fail({where, reason: `"${key}" is no name`});
			return [key, walk(of, part, below(where, key), fail)];
		});
		return Object.fromEntries(entries);
	}
	const {properties = {}, required = []} = schema;
	const known = Object.keys(properties);
	for (const [key] of given) checkKey(key, where, known, fail);
	const met = oneOf.filter(({required = []}) => required.every(key => Object.hasOwn(value, key)));
	const choice = oneOf.map(({required = []}) => required.join(' and ')).join(' or ');
	if (oneOf.length > 0 && met.length !== 1) fail({where, reason: `it needs either ${choice}`});
	const entries = Object.entries(properties).flatMap(([key, property]) => {
		const part = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : property.default;
		if (part !== undefined) return [[key, walk(property, part, below(where, key), fail)]];
		if (required.includes(key)) fail({where: below(where, key), reason: 'it is missing'});
		return [];
	});
	return Object.fromEntries(entries);
}

function decodeArray({items, minItems = 0, maxItems = 65_536}: Schema, value: readonly unknown[], where: string, fail: Fail): unknown {
	if (value.length < minItems) fail({where, reason: `it has less than ${minItems} items`});
	if (value.length > maxItems) fail({where, reason: `it has more than ${maxItems} items`});
	if (Array.isArray(items) && items.length !== value.length) fail({where, reason: `it needs ${items.length} items`});
	return value.map((part, index) => walk((Array.isArray(items) ? items[index] : items) ?? {}, part, below(where, index), fail));
}

function decodeString({contentEncoding, pattern, minLength = 0, maxLength, description}: Schema, value: string, where: string, fail: Fail) {
	if (contentEncoding === 'base64') return new Uint8Array(Buffer.from(value, 'base64'));
	// Counted in characters, as JSON Schema has it.
	if (minLength > 0 && [...value].length < minLength)
		fail({where, reason: minLength === 1 ? 'it is empty' : `it is shorter than ${minLength}`});
	if (maxLength !== undefined && value.length > maxLength && [...value].length > maxLength)
		fail({where, reason: `it is longer than ${maxLength}`});
	if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
		fail({where, reason: description === undefined ? `it does not match ${pattern}` : `it is not ${description}`});
	}
	return value;
}

function decodeNumber({type, format, minimum, maximum}: Schema, value: number | bigint, where: string, fail: Fail): unknown {
	if (minimum !== undefined && value < minimum) fail({where, reason: `it is below ${minimum}`});
	const usual = type === 'integer' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
	const highest = format === 'uint64' ? 2n ** 64n - 1n : (maximum ?? usual);
	if (value > highest) fail({where, reason: `it is above ${highest}`});
	return format === 'uint64' ? BigInt(value) : value;
}

function decodeAs(schema: Schema, value: unknown, where: string, fail: Fail): unknown {
	if (Array.isArray(value)) return decodeArray(schema, value, where, fail);
	if (typeof value === 'string') return decodeString(schema, value, where, fail);
	if (typeof value === 'number' || typeof value === 'bigint') return decodeNumber(schema, value, where, fail);
	return typeof value === 'object' && value !== null ? decodeObject(schema, value, where, fail) : value;
}

function choices({anyOf = [], enum: listed, const: only}: Schema): readonly unknown[] | undefined {
	if (only !== undefined) return [only];
	return listed ?? (anyOf.length > 0 && anyOf.every(one => one.const !== undefined) ? anyOf.map(one => one.const) : undefined);
}

function walk(schema: Schema, value: unknown, where: string, fail: Fail): unknown {
	const allowed = choices(schema);
	if (allowed) return allowed.includes(value) ? value : fail({where, reason: `it is none of ${allowed.join(', ')}`});
	const kind = kindOf(value);
	const found = schema.anyOf?.find(({type}) => isA(kind, type));
	if (found) return walk(found, value, where, fail);
	const wanted = schema.anyOf ? schema.anyOf.map(one => one.type).join(' or ') : schema.type;
	if (wanted === undefined) return value;
	return isA(kind, wanted) ? decodeAs(schema, value, where, fail) : fail({where, reason: `it is not of type ${wanted}`});
}

/**
 * A JSON value as its schema types it: checked as it is walked, with defaults filled in, integers of format `uint64` as bigints and base64
 * strings as bytes. `fail` throws, where it departs.
 */
export function decode<T extends TSchema>(schema: T, value: unknown, fail: Fail): Static<T> {
	return walk(schema as Schema, value, '', fail) as Static<T>;
}

/** The key among `known` that is written most like `key`. */
export function nearest(key: string, known: readonly string[]): string | undefined {
	const scored = known.map(one => ({
		one,
		distance: distance(key.toLowerCase(), one.toLowerCase()),
		longer: Math.abs(one.length - key.length),
	}));
	return scored.sort((a, b) => a.distance - b.distance || a.longer - b.longer)[0]?.one;
}

/** The same where it is like enough to have been meant: half of the letters, or two that were exchanged. */
export function similar(key: string, known: readonly string[]): string | undefined {
	const found = nearest(key, known);
	if (found === undefined) return undefined;
	const letters = distance(key.toLowerCase(), found.toLowerCase());
	return letters < key.length && letters <= Math.max(2, key.length / 2) ? found : undefined;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
	let row = Array.from({length: b.length + 1}, (_, index) => index);
	for (const [i, char] of [...a].entries()) {
		const next = [i + 1];
		for (let j = 0; j < b.length; j++) {
			next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (char === b[j] ? 0 : 1)));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
