import {camelCase, pascalCase} from '@forgeone/wasm';

/** Words that name nothing in AssemblyScript; then those that may name a member, and those that may not. */
const words =
	'async await break case catch class const continue debugger default do else enum export extends false finally function if implements import in instanceof interface let new of override package private protected public return static super switch this throw true try typeof var while with yield';
const operators = 'delete for null void';
const modifiers = 'abstract constructor declare readonly';

/** What generated code calls by name, so that nothing beside it may be called so. */
const used =
	'abort load store changetype memory heap unchecked offsetof idof Array ArrayBuffer String Result Some Unit Resource Exported char string bool i8 u8 i16 u16 i32 u32 i64 u64 f32 f64 usize isize v128 externref Guest Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Uint64Array Int64Array Float32Array Float64Array';

/** Names that are given out once each: a name that is taken gets an underscore, which no name of WIT can have. */
export class Names {
	readonly #taken: Set<string>;

	constructor(...reserved: readonly string[]) {
		this.#taken = new Set(reserved.flatMap(words => words.split(' ')));
	}

	claim(name: string): string {
		let free = name;
		while (this.#taken.has(free)) free += '_';
		this.#taken.add(free);
		return free;
	}
}

/** The names of a generated file. */
export const fileNames = (): Names => new Names(words, operators, used);

/** The names of an author's file, which only keywords are kept out of. */
export const authorNames = (): Names => new Names(words, operators);

/** The names of a function's parameters. */
export function parameterNames(labels: readonly string[]): string[] {
	const names = new Names(words, operators, used);
	return labels.map(label => names.claim(camelCase(label)));
}

/** The names of fields, methods or cases, kept apart from what the class has beside them. */
export function memberNames(labels: readonly string[], ...reserved: readonly string[]): string[] {
	const names = new Names(words, modifiers, ...reserved);
	return labels.map(label => names.claim(camelCase(label)));
}

/** The names of the labels of an enum or of flags. */
export function labelNames(labels: readonly string[]): string[] {
	const names = new Names();
	return labels.map(label => names.claim(pascalCase(label)));
}

/** A doc comment, or nothing. */
export function comment(prose: string, indent = ''): string[] {
	if (prose === '') return [];
	const lines = prose.replaceAll('*/', '*\u200b/').split('\n');
	if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
	return [`${indent}/**`, ...lines.map(line => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}
