interface Token {
	readonly text: string;
	readonly start: number;
	/** The doc comments before it, without their slashes. */
	readonly prose: string;
}

/** What begins at an offset: a comment to the end of the line, a block comment, white space, or a token. */
const pattern =
	/(\/\/[^\n]*)|(\/\*)|\s+|(@\s*\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?|%?[A-Za-z][0-9A-Za-z]*(?:-[0-9A-Za-z]+)*|->|\d+(?:\.\d+)*(?:-[0-9A-Za-z.-]+)?|\S)/sy;

/** Words that a name must be escaped not to be. */
export const keywords = new Set(
	'as async bool borrow char constructor enum export f32 f64 flags from func future import include interface list option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world'.split(
		' ',
	),
);

/** The prose of a doc comment, as it is in the tools: without slashes, stars and the space after them; nothing where it is another comment. */
function proseOf(comment: string): string[] {
	if (/^\/\/\/(?!\/)/.test(comment)) return [comment.slice(3).replace(/^ |\s+$/g, '')];
	if (!/^\/\*\*(?![*/])/.test(comment)) return [];
	const lines = comment.slice(3, -2).split('\n');
	return [
		lines
			.map(line => line.replace(/^\s*\* ?/, '').trimEnd())
			.join('\n')
			.trim(),
	];
}

/** Where the block comment that begins at `start` ends: block comments nest. */
function endOfBlock(text: string, start: number): number {
	const marks = /\/\*|\*\//g;
	marks.lastIndex = start;
	let depth = 0;
	for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
		depth += mark[0] === '/*' ? 1 : -1;
		if (depth === 0) return marks.lastIndex;
	}
	throw Object.assign(new SyntaxError('expected "*/", found the end'), {position: text.length});
}

function tokenize(text: string): Token[] {
	const tokens: Token[] = [];
	const prose: string[] = [];
	pattern.lastIndex = 0;
	for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
		const [, line, block, token] = match;
		if (block !== undefined) pattern.lastIndex = endOfBlock(text, match.index);
		if (line !== undefined || block !== undefined) prose.push(...proseOf(text.slice(match.index, pattern.lastIndex)));
		if (token !== undefined) tokens.push({text: token, start: match.index, prose: prose.splice(0).join('\n').trim()});
	}
	tokens.push({text: '', start: text.length, prose: ''});
	return tokens;
}

/** A cursor over the tokens of a WIT text. Each refusal is a `SyntaxError` with the `position` and says what was expected there. */
export class Tokens {
	readonly #tokens: readonly Token[];
	#at = 0;

	constructor(text: string) {
		this.#tokens = tokenize(text);
	}

	get #now(): Token {
		return this.#tokens[this.#at] as Token;
	}

	get done(): boolean {
		return this.#now.text === '';
	}

	/** Where the next token begins. */
	get position(): number {
		return this.#now.start;
	}

	/** Where the last token ended. */
	get passed(): number {
		const {start, text} = this.#tokens[this.#at - 1] as Token;
		return start + text.length;
	}

	fail(expected: string): never {
		const found = this.done ? 'the end' : `"${this.#now.text}"`;
		throw Object.assign(new SyntaxError(`expected ${expected}, found ${found}`), {position: this.position});
	}

	at(text: string): boolean {
		return this.#now.text === text;
	}

	accept(text: string): boolean {
		if (!this.at(text)) return false;
		this.#at++;
		return true;
	}

	/** Passes a word that begins a statement: not one that only names something, as `use` does in `use: func()`. */
	acceptWord(text: string): boolean {
		return this.at(text) && !this.#names() && this.accept(text);
	}

	/** The entry for the word that begins a declaration. */
	word<T>(table: Readonly<Record<string, T>>): T | undefined {
		const {text} = this.#now;
		const found = Object.hasOwn(table, text) && !this.#names() ? table[text] : undefined;
		if (found !== undefined) this.#at++;
		return found;
	}

	#names(): boolean {
		return this.#tokens[this.#at + 1]?.text === ':';
	}

	/** Whether a label and a colon come next, and not a path with a colon in it. */
	labelled(): boolean {
		return this.#names() && !['/', ':'].includes(this.#tokens[this.#at + 3]?.text ?? '');
	}

	expect(text: string): string {
		return this.accept(text) ? text : this.fail(`"${text}"`);
	}

	/** An identifier, without its escape: no word of WIT's own, unless it is escaped. */
	id(): string {
		const {text} = this.#now;
		if (keywords.has(text)) this.fail(`a name, such as "%${text}"`);
		return this.type();
	}

	/** The name of a type, or the word that begins one. */
	type(): string {
		const {text} = this.#now;
		if (!/^%?[A-Za-z]/.test(text)) this.fail('a name');
		this.#at++;
		return text.replace('%', '');
	}

	number(): boolean {
		if (!/^\d/.test(this.#now.text)) return false;
		this.#at++;
		return true;
	}

	/** `@1.0.0` where it comes next, else nothing. */
	version(): string {
		const {text} = this.#now;
		if (!/^@\s*\d/.test(text)) return '';
		this.#at++;
		return text.replace(/\s/g, '');
	}

	/** Passes gates such as `@since(version = 1.0.0)` and gives the prose before what they stand at. */
	gates(): string {
		let {prose} = this.#now;
		while (this.accept('@')) {
			this.id();
			this.expect('(');
			while (!this.at(')') && !this.done) this.#at++;
			this.expect(')');
			prose ||= this.#now.prose;
		}
		return prose;
	}

	/** Entries between commas, to the closing mark. */
	list(close: string, entry: () => void): void {
		while (!this.accept(close)) {
			entry();
			if (!this.accept(',')) {
				this.expect(close);
				return;
			}
		}
	}

	/** Entries one after the other, to the closing mark. */
	until(close: string, entry: () => void): void {
		while (!this.accept(close)) {
			if (this.done) this.fail(`"${close}"`);
			entry();
		}
	}

	/** Where a name stands in the text: its `nth` mention, else its first. */
	find(name: string, nth = 0): number | undefined {
		const mentions = this.#tokens.filter(({text}) => text === name || text === `%${name}`);
		return (mentions[nth] ?? mentions[0])?.start;
	}
}
