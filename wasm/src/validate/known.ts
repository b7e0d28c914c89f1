import type {CoreSort, Sort} from '../decode/ast.ts';
import type {CoreExports, CoreItem, CoreType, ModuleType} from '../decode/core-ast.ts';
import {errors} from '../errors.ts';
import type {FuncType, ResourceType, ValueType} from '../types.ts';

/** How an expectation that is not met is told: with the place, which only the reader knows. */
export type Fail = (expected: string, found?: string | number) => never;

/** How deep instances, and the types of instances and components, may nest by mentioning each other. */
const deepest = 100;

const depthOf = (item: Item): number => {
	if (item.sort === 'instance') return item.value.depth;
	const type = item.sort === 'type' || item.sort === 'component' ? item.value : undefined;
	if (type?.kind === 'component') return Math.max(type.imports.depth, type.exports.depth);
	return type?.kind === 'instance' ? type.exports.depth : 0;
};

/** The exports of an instance, or the imports of a component, in order: a type comes before what mentions it. */
export class Exports extends Map<string, Item> {
	readonly depth: number;

	constructor(entries: Iterable<readonly [string, Item]>) {
		super(entries);
		let depth = 0;
		for (const item of this.values()) depth = Math.max(depth, depthOf(item));
		this.depth = depth + 1;
		if (this.depth > deepest) throw errors.FORGE_COMPONENT_LIMIT({what: 'nested types', limit: deepest});
	}
}

/** The type of an instance. `made` are the resources that every instance of it brings anew, by id. */
interface InstanceType {
	readonly kind: 'instance';
	readonly exports: Exports;
	readonly made: readonly number[];
}

/** The type of a component. `given` are the resources that come with its imports, `made` those that every instance of it brings anew, by id. */
export interface ComponentType {
	readonly kind: 'component';
	readonly imports: Exports;
	readonly exports: Exports;
	readonly given: readonly number[];
	readonly made: readonly number[];
}

/** What an index of a type stands for. Two that are equal may be two objects: only one that was imported or exported has a name. */
export type Type =
	| {readonly kind: 'value'; readonly type: ValueType}
	| {readonly kind: 'func'; readonly type: FuncType}
	| {readonly kind: 'resource'; readonly resource: ResourceType}
	| InstanceType
	| ComponentType;

/** Anything that can be imported or exported, or has an index. */
export type Item =
	| CoreItem
	| {readonly sort: 'core type'; readonly value: CoreType}
	| {readonly sort: 'core module'; readonly value: ModuleType}
	| {readonly sort: 'core instance'; readonly value: CoreExports}
	| {readonly sort: 'func'; readonly value: FuncType}
	| {readonly sort: 'type'; readonly value: Type}
	| {readonly sort: 'component'; readonly value: ComponentType}
	| {readonly sort: 'instance'; readonly value: Exports}
	| {readonly sort: 'value'; readonly value: never};

type Of<S extends Sort> = Extract<Item, {readonly sort: S}>['value'];

/** What each index space holds. */
export type Spaces = {readonly [S in Sort]: Of<S>[]};

/** Empty index spaces. */
export const spaces = (): Spaces => ({
	'core func': [],
	'core table': [],
	'core memory': [],
	'core global': [],
	'core tag': [],
	'core type': [],
	'core module': [],
	'core instance': [],
	func: [],
	value: [],
	type: [],
	component: [],
	instance: [],
});

/** Whether an item is of core WebAssembly. */
export const isCore = (sort: Sort): sort is CoreSort => sort.startsWith('core ');
