import type {FuncType, ResourceType, ValueType} from './types.ts';
import type {Item} from './validate/known.ts';

/** The type of an import or an export, or of what is in one. Resources that are the same have the same number. */
export type Typed =
	| {readonly kind: 'function'; readonly type: FuncType}
	| {readonly kind: 'type'; readonly type: ValueType}
	| {readonly kind: 'resource'; readonly type: ResourceType}
	| {readonly kind: 'instance'; readonly members: Members};

/** By name, as in the binary; a type comes before what mentions it. */
export type Members = ReadonlyMap<string, Typed>;

/** What a component needs and gives. */
export interface Signature {
	readonly imports: Members;
	readonly exports: Members;
}

function typedItem(item: Item): Typed | undefined {
	if (item.sort === 'func') return {kind: 'function', type: item.value};
	if (item.sort === 'instance') return {kind: 'instance', members: typed(item.value)};
	if (item.sort !== 'type') return undefined;
	if (item.value.kind === 'value') return {kind: 'type', type: item.value.type};
	return item.value.kind === 'resource' ? {kind: 'resource', type: item.value.resource} : undefined;
}

/** What can be called, or is mentioned by what can; the rest is left out. */
export function typed(items: ReadonlyMap<string, Item>): Members {
	return new Map(
		[...items].flatMap(([name, item]) => {
			const found = typedItem(item);
			return found === undefined ? [] : [[name, found] as const];
		}),
	);
}
