import {errors} from '../errors.ts';
import type {Interned} from '../types.ts';
import {type Item, type Spaces, spaces} from '../validate/known.ts';
import {Names} from '../validate/names.ts';
import {Visible} from '../validate/visible.ts';
import type {Def, ModuleNode, Sort} from './ast.ts';
import type {ModuleType} from './core-ast.ts';
import type {Reader} from './reader.ts';

/** Caps on what one binary may hold; far above what tools emit, low enough that no file is slow to refuse. */
export const caps = {depth: 64, definitions: 200_000, modules: 1_000, steps: 1_000_000} as const;

/** The most pages that a 32-bit memory can have, and elements that a table can. */
export const most = {pages: 65_536, elements: 2 ** 32 - 1} as const;

/** The index spaces of one component, component type or instance type while it is read, and what is known of its imports and exports. */
export class Scope {
	readonly parent: Scope | undefined;
	readonly kind: 'component' | 'component type' | 'instance type';
	readonly depth: number;
	readonly spaces: Spaces = spaces();
	readonly imports = new Map<string, Item>();
	readonly exports = new Map<string, Item>();
	readonly names = {import: new Names(), export: new Names()};
	readonly visible: Visible;
	/** The resources, by id, that come with imports; those that every instance brings anew; and those that are defined right here. */
	readonly given: number[] = [];
	readonly made: number[] = [];
	readonly own = new Set<number>();

	constructor(all: Gathered, parent: Scope | undefined, kind: Scope['kind'] = 'component') {
		this.parent = parent;
		this.kind = kind;
		this.visible = new Visible(() => step(all));
		this.depth = parent === undefined ? 0 : parent.depth + 1;
	}

	add({sort, value}: Item): void {
		// Each sort's space takes items of that sort, by construction.
		(this.spaces[sort] as unknown[]).push(value);
	}

	/** Reads an index into one of the spaces. */
	index(from: Reader, sort: Sort): number {
		return from.index(this.spaces[sort].length, sort);
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

/** What a whole binary gathers while it is read: its core modules, its scopes, and how much it has defined. */
export interface Gathered extends Interned {
	readonly modules: {readonly node: ModuleNode; readonly bytes: Uint8Array; readonly type: () => ModuleType}[];
	/** The scope of each list of definitions that was read. */
	readonly scopes: Map<readonly Def[], Scope>;
	definitions: number;
	/** How many resources are told apart. */
	resources: number;
	/** How many items were compared or copied to check types. */
	steps: number;
	/** Whether core modules get a meter. */
	readonly meter: boolean;
}

/** What a binary gathers, before it is read. */
export const gathered = (meter: boolean): Gathered => ({
	modules: [],
	scopes: new Map(),
	shapes: new Map(),
	definitions: 0,
	resources: 0,
	steps: 0,
	meter,
});

/** Counts one step of checking types, so that no file is slow to check. */
export function step(all: Gathered): void {
	if (++all.steps > caps.steps) throw errors.FORGE_COMPONENT_LIMIT({what: 'steps to check its types', limit: caps.steps});
}
