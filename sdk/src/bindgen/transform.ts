/** What this needs of the compiler's parser: the sources with their statements, of which decorated functions are looked at. */
interface Program {
	readonly sources: readonly {readonly internalPath: string; readonly statements: readonly Statement[]}[];
}

interface Statement {
	readonly name?: {readonly text: string};
	decorators?: Decorator[] | null;
}

interface Decorator {
	readonly name: {readonly text?: string};
	readonly args: readonly {readonly value?: string}[] | null;
}

interface Module {
	removeExport(name: string): void;
	addFunctionExport(internal: string, external: string): unknown;
}

/**
 * A transform for asc that gives functions decorated with `@exportAs('name')` that name, which AssemblyScript itself cannot spell: the names of
 * the component model have `:` and `#` in them. Use it as `asc --transform @forgeone/sdk/bindgen/transform`.
 */
export default class ExportAs {
	readonly #names = new Map<string, {readonly path: string; readonly canonical: string}>();
	/** Whether functions are exported that only collect garbage after a call: for the runtime that does not do so by itself. */
	readonly #collects: boolean;

	constructor(collects = process.argv.some(word => /^(--runtime=)?minimal$/.test(word))) {
		this.#collects = collects;
	}

	afterParse({sources}: Program): void {
		for (const {internalPath, statements} of sources) {
			for (const {name, decorators} of statements) {
				for (const decorator of decorators ?? []) if (name !== undefined) this.#keep(decorator, name.text, internalPath);
			}
		}
	}

	#keep({name, args}: Decorator, own: string, path: string): void {
		const canonical = args?.[0]?.value;
		if (canonical === undefined || !(name.text === 'exportAs' || name.text === 'exportToCollect')) return;
		this.#names.set(own, {path: `${path}/${own}`, canonical: name.text === 'exportAs' || this.#collects ? canonical : ''});
	}

	afterCompile(module: Module): void {
		for (const [name, {path, canonical}] of this.#names) {
			module.removeExport(name);
			if (canonical !== '') module.addFunctionExport(path, canonical);
		}
	}
}
