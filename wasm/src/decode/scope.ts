import type {ModuleNode, Sort} from './ast.ts';
import type {Reader} from './reader.ts';

/** Caps on what one binary may hold; far above what tools emit, low enough that no file is slow to refuse. */
export const caps = {depth: 64, definitions: 200_000, modules: 1_000} as const;

/** The sizes of the index spaces of one component, component type or instance type while it is read. */
export class Scope {
	readonly #sizes = new Map<Sort, number>();
	readonly parent: Scope | undefined;
	readonly depth: number;

	constructor(parent: Scope | undefined) {
		this.parent = parent;
		this.depth = parent === undefined ? 0 : parent.depth + 1;
	}

	size(sort: Sort): number {
		return this.#sizes.get(sort) ?? 0;
	}

	add(sort: Sort): void {
		this.#sizes.set(sort, this.size(sort) + 1);
	}

	/** Reads an index into one of the spaces. */
	index(from: Reader, sort: Sort): number {
		return from.index(this.size(sort), sort);
	}

	/** The scope `count` levels out. */
	outer(from: Reader, count: number): Scope {
		let scope: Scope = this;
		for (let i = 0; i < count; i++) {
			if (scope.parent === undefined) from.fail('an enclosing component', `${count} levels out`);
			scope = scope.parent;
		}
		return scope;
	}
}

/** What a whole binary gathers while it is read: its core modules, and how much it has defined. */
export interface Gathered {
	readonly modules: {readonly node: ModuleNode; readonly bytes: Uint8Array}[];
	definitions: number;
	/** Whether core modules get a meter. */
	readonly meter: boolean;
}
