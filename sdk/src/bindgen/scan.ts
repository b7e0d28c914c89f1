import {Tokens} from './tokens.ts';

/** What a text says beside its types: which the tools read, but without positions and without prose. */
export interface Scanned {
	/** The package of the file itself, such as `a:b@1.0.0`, and where its statement begins and ends. */
	readonly header: {readonly id: string; readonly start: number; readonly end: number} | undefined;
	/** Packages within the file, from the word `package` to the closing brace. */
	readonly nested: readonly {readonly id: string; readonly start: number; readonly end: number}[];
	/** The worlds of each package. */
	readonly worlds: readonly {readonly package: string; readonly name: string}[];
	/** Doc comments by path: package, interface or world, type or function, field or case, joined by spaces. */
	readonly docs: ReadonlyMap<string, string>;
	readonly tokens: Tokens;
}

type Path = readonly string[];

const containers = new Set(['list', 'option', 'result', 'tuple', 'borrow', 'own', 'stream', 'future', 'map']);

/**
 * Checks the syntax of a WIT text and gathers its prose. It knows the grammar and no meaning: names are resolved by the tools.
 * Throws `SyntaxError` where the text is none, with `position` set to the offset.
 */
export function scan(text: string): Scanned {
	const tokens = new Tokens(text);
	const found = {header: undefined as Scanned['header'], nested: [] as Scanned['nested'][number][]};
	const worlds: Scanned['worlds'][number][] = [];
	const docs = new Map<string, string>();

	const document = (prose: string, path: Path): void => {
		if (prose !== '') docs.set(path.join(' '), prose);
	};
	const semicolon = () => tokens.expect(';');

	function packageId(): string {
		let id = tokens.id();
		do id += tokens.expect(':') + tokens.id();
		while (tokens.at(':'));
		return id + tokens.version();
	}

	/** A path to an interface or a world: `name`, or `ns:package/name@version`. */
	function usePath(): void {
		tokens.id();
		while (tokens.accept(':')) tokens.id();
		while (tokens.accept('/')) tokens.id();
		tokens.version();
	}

	function type(): void {
		const name = tokens.type();
		if (!containers.has(name) || !tokens.accept('<')) return;
		tokens.list('>', () => {
			if (!tokens.accept('_') && !tokens.number()) type();
		});
	}

	function parameters(path: Path): void {
		tokens.expect('(');
		tokens.list(')', () => {
			const prose = tokens.gates();
			document(prose, [...path, tokens.id()]);
			tokens.expect(':');
			type();
		});
	}

	function func(path: Path): void {
		tokens.accept('async');
		tokens.expect('func');
		parameters(path);
		if (tokens.accept('->')) type();
	}

	/** The members of a record, variant, enum or flags: a name, perhaps a type. */
	function members(path: Path, after: () => unknown): void {
		tokens.expect('{');
		tokens.list('}', () => {
			const prose = tokens.gates();
			document(prose, [...path, tokens.id()]);
			after();
		});
	}

	function typed(open: string, close?: string): void {
		tokens.expect(open);
		type();
		if (close !== undefined) tokens.expect(close);
	}

	function resource(path: Path): void {
		if (tokens.accept(';')) return;
		tokens.expect('{');
		tokens.until('}', () => {
			const prose = tokens.gates();
			if (tokens.accept('constructor')) {
				document(prose, [...path, `[constructor]`]);
				parameters(path);
				if (tokens.accept('->')) type();
			} else {
				const name = tokens.id();
				document(prose, [...path, name]);
				tokens.expect(':');
				tokens.accept('static');
				func([...path, name]);
			}
			semicolon();
		});
	}

	const declarations: Readonly<Record<string, (path: Path) => void>> = {
		type() {
			tokens.expect('=');
			type();
			semicolon();
		},
		record: path => members(path, () => typed(':')),
		variant: path => members(path, () => tokens.at('(') && typed('(', ')')),
		enum: path => members(path, () => {}),
		flags: path => members(path, () => {}),
		resource,
	};

	/** A `use` statement or a declaration of a type, where there is one. */
	function declared(prose: string, path: Path): boolean {
		if (tokens.acceptWord('use')) {
			usePath();
			tokens.expect('.');
			tokens.expect('{');
			tokens.list('}', rename);
			semicolon();
			return true;
		}
		const declare = tokens.word(declarations);
		if (declare === undefined) return false;
		const name = tokens.id();
		document(prose, [...path, name]);
		declare([...path, name]);
		return true;
	}

	function rename(): void {
		tokens.id();
		if (tokens.accept('as')) tokens.id();
	}

	function interfaceBody(path: Path): void {
		tokens.expect('{');
		tokens.until('}', () => {
			const prose = tokens.gates();
			if (declared(prose, path)) return;
			const name = tokens.id();
			document(prose, [...path, name]);
			tokens.expect(':');
			func([...path, name]);
			semicolon();
		});
	}

	function external(prose: string, path: Path): void {
		if (!tokens.labelled()) {
			usePath();
			semicolon();
			return;
		}
		const name = tokens.id();
		document(prose, [...path, name]);
		tokens.expect(':');
		if (tokens.acceptWord('interface')) interfaceBody([...path, name]);
		else {
			if (tokens.at('func') || tokens.at('async')) func([...path, name]);
			else usePath();
			semicolon();
		}
	}

	function worldBody(path: Path): void {
		tokens.expect('{');
		tokens.until('}', () => {
			const prose = tokens.gates();
			if (tokens.acceptWord('import') || tokens.acceptWord('export')) external(prose, path);
			else if (tokens.acceptWord('include')) {
				usePath();
				if (tokens.accept('with')) {
					tokens.expect('{');
					tokens.list('}', rename);
				}
				semicolon();
			} else if (!declared(prose, path)) tokens.fail('an import, an export, a type or an include');
		});
	}

	function item(of: string): void {
		const prose = tokens.gates();
		const start = tokens.position;
		if (tokens.acceptWord('package')) statement(start, prose);
		else if (tokens.acceptWord('interface')) {
			const name = tokens.id();
			document(prose, [of, name]);
			interfaceBody([of, name]);
		} else if (tokens.acceptWord('world')) {
			const name = tokens.id();
			worlds.push({package: of, name});
			document(prose, [of, name]);
			worldBody([of, name]);
		} else if (tokens.acceptWord('use')) {
			usePath();
			if (tokens.accept('as')) tokens.id();
			semicolon();
		} else tokens.fail('an interface, a world, a use or a package');
	}

	function statement(start: number, prose: string): void {
		const id = packageId();
		document(prose, [id]);
		if (tokens.accept(';')) {
			found.header = {id, start, end: tokens.passed};
			return;
		}
		tokens.expect('{');
		tokens.until('}', () => item(id));
		found.nested.push({id, start, end: tokens.passed});
	}

	while (!tokens.done) item(found.header?.id ?? '');
	return {...found, worlds, docs, tokens};
}
