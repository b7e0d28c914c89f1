import {type Form, string} from './sexpr.ts';

const camel = (label: string): string =>
	label
		.split('-')
		.map((word, i) => (i === 0 ? word.toLowerCase() : word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()))
		.join('');

function float(text: string): number {
	const [, sign = '', rest = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
	const size = rest.startsWith('nan') ? Number.NaN : rest === 'inf' ? Number.POSITIVE_INFINITY : number(rest);
	return sign === '-' ? -size : size;
}

function number(text: string): number {
	const plain = text.replaceAll('_', '');
	const match = /^0x([0-9a-f]+)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i.exec(plain);
	if (match === null) return Number(plain);
	const [, whole = '', part = '', power = '0'] = match;
	return (Number.parseInt(whole + part, 16) / 16 ** part.length) * 2 ** Number(power);
}

function wide(text: string): bigint {
	const [, sign, digits = ''] = /^([+-]?)(.*)$/.exec(text.replaceAll('_', '')) ?? [];
	return sign === '-' ? -BigInt(digits) : BigInt(digits);
}

/** A value as a script writes it, in the shape that JavaScript has for it. */
export function value(form: Form): unknown {
	const [head, ...rest] = form as [string, ...Form[]];
	const [first = ''] = rest;
	const kind = head.replace('.const', '');
	if (/^[us](8|16|32)$/.test(kind)) return number(first as string);
	if (/^[us]64$/.test(kind)) return wide(first as string);
	if (/^f(32|64)$/.test(kind)) return kind === 'f32' ? Math.fround(float(first as string)) : float(first as string);
	switch (kind) {
		case 'bool':
			return first === 'true';
		case 'char':
		case 'str':
		case 'string':
			return string(first as string);
		case 'enum':
			return string(first as string);
		case 'list':
		case 'tuple':
			return rest.map(value);
		case 'record':
			return Object.fromEntries(
				rest.map(field => [camel(string(field[1] as string)), value(Array.isArray(field[2]) ? field[2] : (field.slice(2) as Form[]))]),
			);
		case 'flags':
			return Object.fromEntries(rest.map(label => [camel(string(label as string)), true]));
		case 'variant':
			return {tag: string(first as string), val: rest[1] === undefined ? undefined : value(rest[1])};
		case 'option.none':
			return undefined;
		case 'option.some':
			return value(first);
		case 'result.ok':
		case 'result.err':
			return {tag: kind.slice(7), val: rest.length > 0 ? value(first) : undefined};
		default:
			throw new SyntaxError(`unknown value ${head}`);
	}
}

/** Whether a value is what a script expects: flags may leave out those that are false, an absent payload is undefined. */
export function equal(found: unknown, expected: unknown): boolean {
	if (typeof expected !== 'object' || expected === null) return Object.is(found, expected);
	if (typeof found !== 'object' || found === null) return false;
	if (Array.isArray(expected)) {
		const items = Array.from(found as ArrayLike<unknown>);
		return items.length === expected.length && items.every((item, i) => equal(item, expected[i]));
	}
	const keys = new Set([...Object.keys(found), ...Object.keys(expected)]);
	const of = (from: object, key: string): unknown => (from as Record<string, unknown>)[key];
	return [...keys].every(key => of(found, key) === (of(expected, key) ?? false) || equal(of(found, key), of(expected, key)));
}
