import {type Gathered, step} from '../decode/scope.ts';
import type {FuncType} from '../types.ts';
import {matchModule} from './core.ts';
import type {ComponentType, Exports, Fail, Item, Type} from './known.ts';
import {Substitution} from './substitution.ts';

/** What matching goes by. */
export interface Matching {
	readonly all: Gathered;
	readonly fail: Fail;
	/** What the abstract resources on the wanted side have turned out to be. */
	readonly found: Substitution;
	/** The resources on the wanted side, by id, for which any will do. */
	readonly abstract: ReadonlySet<number>;
}

/** Begins to match something whose abstract resources are these. */
export const matching = (all: Gathered, fail: Fail, abstract: readonly number[]): Matching => ({
	all,
	fail,
	found: new Substitution(all),
	abstract: new Set(abstract),
});

const sameFunc = (a: FuncType, b: FuncType): boolean =>
	a.key === b.key && a.async === b.async && a.params.every(({label}, i) => label === b.params[i]?.label);

/** Refuses an item that is none, or that cannot stand where one of the wanted type must. */
export function match(by: Matching, name: string, given: Item | undefined, wanted: Item): void {
	step(by.all);
	const other = (): never => by.fail(`a ${wanted.sort} "${name}" of the type that is declared`, 'another type');
	if (given?.sort !== wanted.sort) by.fail(`a ${wanted.sort} "${name}"`, given?.sort ?? 'none');
	if (wanted.sort === 'func' && given.sort === 'func' && !sameFunc(given.value, by.found.func(wanted.value))) other();
	if (wanted.sort === 'type' && given.sort === 'type') matchType(by, given.value, wanted.value, other);
	if (wanted.sort === 'instance' && given.sort === 'instance') matchExports(by, given.value, wanted.value);
	if (wanted.sort === 'component' && given.sort === 'component') matchComponent(by, given.value, wanted.value);
	if (wanted.sort === 'core module' && given.sort === 'core module') matchModule(given.value, wanted.value, by.fail);
}

/** Refuses exports that lack one of the wanted. */
export function matchExports(by: Matching, given: Exports, wanted: Exports): void {
	for (const [name, item] of wanted) match(by, name, given.get(name), item);
}

function matchType(by: Matching, given: Type, wanted: Type, other: () => never): void {
	const {found} = by;
	if (wanted.kind === 'resource' && given.kind === 'resource') {
		const {id} = wanted.resource;
		if (by.abstract.has(id) && !found.bound(id)) found.bind(id, given.resource);
		else if (given.resource.id !== found.resource(wanted.resource).id) other();
	} else if (wanted.kind === 'value' && given.kind === 'value') {
		if (given.type.key !== found.value(wanted.type).key) other();
	} else if (wanted.kind === 'func' && given.kind === 'func') {
		if (!sameFunc(given.type, found.func(wanted.type))) other();
	} else if (wanted.kind === 'instance' && given.kind === 'instance') {
		matchExports({...by, abstract: new Set([...by.abstract, ...wanted.made])}, given.exports, wanted.exports);
	} else if (wanted.kind === 'component' && given.kind === 'component') matchComponent(by, given, wanted);
	else other();
	found.rename(wanted, given);
}

/** One component can stand for another where it does with that one's imports, and then exports at least what that one does. */
function matchComponent({all, fail, found}: Matching, given: ComponentType, wanted: ComponentType): void {
	// A component's type stays one.
	const {imports, exports, made} = found.type(wanted) as ComponentType;
	const inward = matching(all, fail, given.given);
	matchExports(inward, imports, given.imports);
	matchExports(matching(all, fail, made), inward.found.exports(given.exports), exports);
}
