/** A form of the text format: an atom or string as text, a list as an array. */
export type Form = string | Form[];

/** A top-level form with the text that it was written in and its line. */
export interface Directive {
	readonly form: Form[];
	readonly text: string;
	readonly line: number;
}

const token = /\s+|;;[^\n]*|\(;|[()]|"(?:[^"\\]|\\[\s\S])*"|[^\s()";]+/gy;

function* tokens(text: string): Generator<{text: string; start: number; end: number}> {
	token.lastIndex = 0;
	while (token.lastIndex < text.length) {
		const start = token.lastIndex;
		const match = token.exec(text);
		if (match === null) throw new SyntaxError(`unexpected character at ${start}`);
		if (match[0] === '(;') token.lastIndex = endOfComment(text, start);
		else if (!/^(\s|;;)/.test(match[0])) yield {text: match[0], start, end: token.lastIndex};
	}
}

function endOfComment(text: string, start: number): number {
	let depth = 0;
	for (let i = start; i < text.length; i++) {
		if (text.startsWith('(;', i)) depth++;
		else if (text.startsWith(';)', i) && --depth === 0) return i + 2;
	}
	return text.length;
}

/** Splits a script into its top-level forms. */
export function directives(text: string): Directive[] {
	const found: Directive[] = [];
	const open: Form[][] = [];
	let begin = 0;
	for (const {text: word, start, end} of tokens(text)) {
		if (word === '(') {
			if (open.length === 0) begin = start;
			open.push([]);
			continue;
		}
		if (word !== ')') {
			open.at(-1)?.push(word);
			continue;
		}
		const form = open.pop() ?? [];
		if (open.length > 0) open.at(-1)?.push(form);
		else found.push({form, text: text.slice(begin, end), line: text.slice(0, begin).split('\n').length});
	}
	return found;
}

/** The texts of the lists directly within a list's text, in order. */
export function inner(text: string): string[] {
	return directives(text.slice(1, -1)).map(part => part.text);
}

const escapes: Readonly<Record<string, string>> = {n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\'};

/** A string's bytes, its escapes resolved. */
export function bytes(quoted: string): Uint8Array {
	const out: number[] = [];
	for (const [, unicode, hex, escaped, plain] of quoted
		.slice(1, -1)
		.matchAll(/\\u\{([0-9a-fA-F_]+)\}|\\([0-9a-fA-F]{2})|\\([\s\S])|([^\\]+)/g)) {
		if (hex !== undefined) out.push(Number.parseInt(hex, 16));
		else if (unicode !== undefined) out.push(...Buffer.from(String.fromCodePoint(Number.parseInt(unicode, 16))));
		else out.push(...Buffer.from(plain ?? escapes[escaped as string] ?? ''));
	}
	return Uint8Array.from(out);
}

/** A string as text. */
export const string = (quoted: string): string => Buffer.from(bytes(quoted)).toString();
