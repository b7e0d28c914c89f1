import {pascalCase} from '@forgeone/wasm';
import {fileNames} from './names.ts';

/** A generated file: what it declares, what it imports, and the functions that carry its types across. */
export class File {
	readonly path: string;
	/** What an author reads. */
	readonly body: string[] = [];
	/** What an author need not read. */
	readonly plumbing: string[] = [];
	/** Names of types by label, of functions by their name in the binary. */
	readonly types = new Map<string, string>();
	/** Names of the enums of variants' cases, by the label of the variant. */
	readonly tags = new Map<string, string>();
	readonly functions = new Map<string, string>();
	readonly names = fileNames();
	readonly made = new Map<string, string>();
	readonly runtime = new Set<string>();
	readonly #imports = new Map<string, string>();
	readonly #outside = new Map<string, string[]>();

	constructor(path: string) {
		this.path = path;
	}

	/** Uses something of the runtime. */
	uses(name: string): string {
		this.runtime.add(name.replace(/<.*$/, ''));
		return name;
	}

	/** The name by which the things of another file are reached. */
	from(path: string): string {
		const known = this.#imports.get(path);
		if (known !== undefined) return known;
		const alias = this.names.claim(pascalCase(path.split('/').at(-1) ?? ''));
		this.#imports.set(path, alias);
		return alias;
	}

	/** Passes on a type of another file under a name of its own. */
	passOn(path: string, name: string, as: string): void {
		const names = this.#outside.get(path) ?? [];
		names.push(name === as ? name : `${name} as ${as}`);
		this.#outside.set(path, names);
	}

	/** The whole file; `author` is the author's module and `bindings` the folder of the bindings, both as this file imports them. */
	text(head: string, author: string | undefined, bindings = this.path.includes('/') ? '..' : '.'): string {
		const imports = [...this.#imports].map(([path, alias]) => `import * as ${alias} from '${bindings}/${path}';`);
		if (author !== undefined && this.runtime.has('Guest')) imports.push(`import * as Guest from '${author}';`);
		const runtime = [...this.runtime].filter(name => name !== 'Guest').sort();
		if (runtime.length > 0) imports.push(`import {${runtime.join(', ')}} from '${bindings}/wit';`);
		const passed = [...this.#outside].map(([path, names]) => `export {${names.join(', ')}} from '${bindings}/${path}';`);
		const parts = [head, [...imports, ...passed].join('\n'), ...this.body, ...this.plumbing];
		return `${parts.filter(part => part !== '').join('\n\n')}\n`;
	}
}
