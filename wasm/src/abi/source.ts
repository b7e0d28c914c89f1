import {errors} from '../errors.ts';

/** The most text that one function may need; only types made to explode need more. */
const longest = 500_000;

/**
 * The text of one generated function. It holds this package's own templates and integers, nothing else: names of fields and
 * cases enter as constants (`k0`, `k1`, ...) beside the text, so that no component can write code.
 */
export class Source {
	readonly constants: unknown[] = [];
	/** Whether lists of numbers are views of memory, not copies. */
	readonly views: boolean;
	/** Whether values go from guest to guest: maps are then lists of pairs, which may have one key twice. */
	readonly inside: boolean;
	readonly #helpers = new Map<string, {name: string; text: string}>();
	#names = 0;
	#length = 0;

	constructor({views = false, inside = false} = {}) {
		this.views = views;
		this.inside = inside;
	}

	/** A constant's name in the text. */
	constant(value: unknown): string {
		return `k${this.constants.push(value) - 1}`;
	}

	/** A fresh variable's name. */
	fresh(): string {
		return `v${this.#names++}`;
	}

	/** The name of a local function that is written once per key. */
	helper(key: string, text: () => string): string {
		const known = this.#helpers.get(key);
		if (known !== undefined) return known.name;
		const helper = {name: `h${this.#helpers.size}`, text: ''};
		this.#helpers.set(key, helper);
		helper.text = this.grown(text());
		return helper.name;
	}

	/** The same text, counted. */
	grown(text: string): string {
		this.#length += text.length;
		if (this.#length > longest) throw errors.FORGE_COMPONENT_LIMIT({what: 'cases in the types of a function', limit: longest});
		return text;
	}

	/** Every local function, as declarations. */
	helpers(): string {
		return [...this.#helpers.values()].map(({name, text}) => `const ${name}=${text};`).join('\n');
	}
}
