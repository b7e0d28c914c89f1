import type {ValueType} from '@forgeone/wasm';
import {arrayOf, boundsOf, isBig} from './arrays.ts';

const shown = (value: unknown): string => {
	if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
	return typeof value === 'object' && value !== null ? `an object of ${value.constructor?.name ?? 'no class'}` : String(value);
};

type Misfit = string | undefined;

const first = (all: Iterable<() => Misfit>): Misfit => {
	for (const one of all) {
		const found = one();
		if (found !== undefined) return found;
	}
	return undefined;
};

const simple: Partial<Record<ValueType['kind'], (value: unknown) => boolean>> = {
	bool: value => typeof value === 'boolean',
	f32: value => typeof value === 'number',
	f64: value => typeof value === 'number',
	char: value => typeof value === 'string' && [...value].length === 1,
	string: value => typeof value === 'string',
};

/** What is wrong with a value that should be of a type, with the place where it is wrong; nothing where it is right. */
export function misfit(type: ValueType, value: unknown, at = 'it'): Misfit {
	const wrong = (expected: string) => `${at} is ${shown(value)}, where ${expected} should be`;
	const bounds = boundsOf(type);
	if (bounds !== undefined) {
		const right = isBig(type) ? typeof value === 'bigint' : Number.isInteger(value);
		return right && (value as bigint) >= bounds[0] && (value as bigint) <= bounds[1] ? undefined : wrong(`a ${type.kind}`);
	}
	const holds = simple[type.kind];
	if (holds !== undefined) return holds(value) ? undefined : wrong(`a ${type.kind}`);
	switch (type.kind) {
		case 'list': {
			const made = arrayOf(type.element);
			if (made !== undefined) return value instanceof made ? undefined : wrong(`a ${made.name}`);
			if (!Array.isArray(value)) return wrong('an array');
			return first(value.map((item, i) => () => misfit(type.element, item, `${at}[${i}]`)));
		}
		case 'flags':
			return Object(value) === value ? undefined : wrong('flags');
		case 'record':
			if (Object(value) !== value) return wrong('a record');
			return first(
				type.fields.map(
					({key, type: of}) =>
						() =>
							misfit(of, (value as Record<string, unknown>)[key], `${at}.${key}`),
				),
			);
		case 'tuple':
			if (!Array.isArray(value)) return wrong('a tuple');
			return first(type.items.map((of, i) => () => misfit(of, value[i], `${at}[${i}]`)));
		case 'enum':
			return type.labels.includes(value as string) ? undefined : wrong(`one of ${type.labels.join(', ')}`);
		case 'option':
			if (type.some.kind !== 'option') return value === undefined ? undefined : misfit(type.some, value, at);
			return tagged({none: undefined, some: type.some}, value, at);
		case 'result':
			return tagged({ok: type.ok, err: type.err}, value, at);
		case 'variant':
			return tagged(Object.fromEntries(type.cases.map(entry => [entry.key, entry.type])), value, at);
		default:
			// A resource, a stream: whoever uses it will see.
			return value === undefined ? wrong(`a ${type.kind}`) : undefined;
	}
}

function tagged(cases: Readonly<Record<string, ValueType | undefined>>, value: unknown, at: string): Misfit {
	const {tag, val} = Object(value) as {tag?: unknown; val?: unknown};
	if (typeof tag !== 'string' || !Object.hasOwn(cases, tag))
		return `${at} is ${shown(value)}, where one of ${Object.keys(cases).join(', ')} should be tagged`;
	const type = cases[tag];
	return type === undefined ? undefined : misfit(type, val, `${at}.val`);
}
