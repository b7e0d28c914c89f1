import {Tokens} from './tokens.ts';

/** A package as a text names it: such as `a:b@1.0.0`, with where its statement or its block begins and ends. */
interface PackageText {
	readonly id: string;
	readonly start: number;
	readonly end: number;
}

/** What a text says beside its types, which the tools read, but without positions and without prose. */
export interface Scanned {
	/** The package of the file itself. */
	readonly header: PackageText | undefined;
	/** Packages within the file, from the word `package` to the closing brace. */
	readonly nested: readonly PackageText[];
	/** The worlds of each package; those of the file itself where it does not name its package have an empty one. */
	readonly worlds: readonly {readonly package: string; readonly name: string}[];
	/** Doc comments by path: package, interface or world, type or function, field or case, joined by spaces. */
	readonly docs: ReadonlyMap<string, string>;
	/** The packages that it speaks of by name, and where it first does. */
	readonly mentions: ReadonlyMap<string, number>;
	readonly tokens: Tokens;
}

/**
 * Checks the syntax of a WIT text and gathers its prose. It knows the grammar and no meaning: names are resolved by the tools.
 * Throws `SyntaxError` where the text is none, with `position` set to the offset.
 */
export function scan(text: string): Scanned {
	const grammar = new Grammar(text);
	grammar.file();
	return grammar;
}

type Path = readonly string[];

/** Types that have types in angle brackets. */
const containers = new Set(['list', 'option', 'result', 'tuple', 'borrow', 'own', 'stream', 'future', 'map']);

/** The grammar of WIT, a method for each of its parts. */
class Grammar implements Scanned {
	readonly tokens: Tokens;
	readonly docs = new Map<string, string>();
	readonly mentions = new Map<string, number>();
	readonly nested: PackageText[] = [];
	readonly worlds: {package: string; name: string}[] = [];
	header: PackageText | undefined = undefined;
	/** How a type is declared, by the word that begins it. */
	readonly #declarations: Readonly<Record<string, (path: Path) => void>> = {
		type: () => this.#typed('=', ';'),
		record: path => this.#members(path, () => this.#typed(':')),
		variant: path => this.#members(path, () => this.tokens.at('(') && this.#typed('(', ')')),
		enum: path => this.#members(path),
		flags: path => this.#members(path),
		resource: path => this.tokens.accept(';') || this.#resource(path),
	};

	constructor(text: string) {
		this.tokens = new Tokens(text);
	}

	file(): void {
		while (!this.tokens.done) this.#item(this.header?.id ?? '');
	}

	#item(of: string): void {
		const {tokens} = this;
		const prose = tokens.gates();
		const start = tokens.position;
		if (tokens.acceptWord('package')) this.#package(start, prose);
		else if (tokens.acceptWord('interface')) this.#interface(this.#named(prose, [of]));
		else if (tokens.acceptWord('world')) {
			const path = this.#named(prose, [of]);
			this.worlds.push({package: of, name: path.at(-1) ?? ''});
			this.#world(path);
		} else if (tokens.acceptWord('use')) {
			this.#usePath();
			if (tokens.accept('as')) tokens.id();
			tokens.expect(';');
		} else tokens.fail('an interface, a world, a use or a package');
	}

	#package(start: number, prose: string): void {
		const {tokens} = this;
		let id = tokens.id();
		do id += tokens.expect(':') + tokens.id();
		while (tokens.at(':'));
		id += tokens.version();
		this.#document(prose, [id]);
		if (tokens.accept(';')) {
			this.header = {id, start, end: tokens.passed};
			return;
		}
		tokens.expect('{');
		tokens.until('}', () => this.#item(id));
		this.nested.push({id, start, end: tokens.passed});
	}

	#document(prose: string, path: Path): void {
		if (prose !== '') this.docs.set(path.join(' '), prose);
	}

	/** Reads a name and keeps the prose before it; the path of what has that name. */
	#named(prose: string, path: Path): Path {
		const named = [...path, this.tokens.id()];
		this.#document(prose, named);
		return named;
	}

	/** A path to an interface or a world: `name`, or `ns:package/name@version`. */
	#usePath(): void {
		const {tokens} = this;
		const start = tokens.position;
		let id = tokens.id();
		while (tokens.accept(':')) id += `:${tokens.id()}`;
		while (tokens.accept('/')) tokens.id();
		id += tokens.version();
		if (id.includes(':') && !this.mentions.has(id)) this.mentions.set(id, start);
	}

	#interface(path: Path): void {
		const {tokens} = this;
		tokens.expect('{');
		tokens.until('}', () => {
			const prose = tokens.gates();
			if (this.#declared(prose, path)) return;
			const named = this.#named(prose, path);
			tokens.expect(':');
			this.#func(named);
			tokens.expect(';');
		});
	}

	#world(path: Path): void {
		const {tokens} = this;
		tokens.expect('{');
		tokens.until('}', () => {
			const prose = tokens.gates();
			if (tokens.acceptWord('import') || tokens.acceptWord('export')) this.#external(prose, path);
			else if (tokens.acceptWord('include')) this.#include();
			else if (!this.#declared(prose, path)) tokens.fail('an import, an export, a type or an include');
		});
	}

	#include(): void {
		const {tokens} = this;
		this.#usePath();
		if (tokens.accept('with')) this.#renames();
		tokens.expect(';');
	}

	#renames(): void {
		const {tokens} = this;
		tokens.expect('{');
		tokens.list('}', () => {
			tokens.id();
			if (tokens.accept('as')) tokens.id();
		});
	}

	#external(prose: string, path: Path): void {
		const {tokens} = this;
		if (!tokens.labelled()) {
			this.#usePath();
			tokens.expect(';');
			return;
		}
		const named = this.#named(prose, path);
		tokens.expect(':');
		if (tokens.acceptWord('interface')) {
			this.#interface(named);
			return;
		}
		if (tokens.at('func') || tokens.at('async')) this.#func(named);
		else this.#usePath();
		tokens.expect(';');
	}

	/** A `use` statement or a declaration of a type, where there is one. */
	#declared(prose: string, path: Path): boolean {
		const {tokens} = this;
		if (tokens.acceptWord('use')) {
			this.#usePath();
			tokens.expect('.');
			this.#renames();
			tokens.expect(';');
			return true;
		}
		const declare = tokens.word(this.#declarations);
		declare?.(this.#named(prose, path));
		return declare !== undefined;
	}

	#typed(open: string, close?: string): void {
		this.tokens.expect(open);
		this.#type();
		if (close !== undefined) this.tokens.expect(close);
	}

	/** The members of a record, variant, enum or flags: a name, perhaps a type. */
	#members(path: Path, after?: () => unknown): void {
		const {tokens} = this;
		tokens.expect('{');
		tokens.list('}', () => {
			this.#named(tokens.gates(), path);
			after?.();
		});
	}

	#resource(path: Path): void {
		const {tokens} = this;
		tokens.expect('{');
		tokens.until('}', () => {
			const prose = tokens.gates();
			if (tokens.accept('constructor')) {
				this.#document(prose, [...path, '[constructor]']);
				this.#signature(path);
			} else {
				const named = this.#named(prose, path);
				tokens.expect(':');
				tokens.accept('static');
				this.#func(named);
			}
			tokens.expect(';');
		});
	}

	#func(path: Path): void {
		this.tokens.accept('async');
		this.tokens.expect('func');
		this.#signature(path);
	}

	#signature(path: Path): void {
		const {tokens} = this;
		tokens.expect('(');
		tokens.list(')', () => {
			this.#named(tokens.gates(), path);
			this.#typed(':');
		});
		if (tokens.accept('->')) this.#type();
	}

	#type(): void {
		const {tokens} = this;
		if (!containers.has(tokens.type()) || !tokens.accept('<')) return;
		tokens.list('>', () => {
			if (!tokens.accept('_') && !tokens.number()) this.#type();
		});
	}
}
