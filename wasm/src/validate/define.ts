import type {Def, ExternDef, Named, Sort, TypeDef} from '../decode/ast.ts';
import type {CoreExports} from '../decode/core-ast.ts';
import type {Gathered, Scope} from '../decode/scope.ts';
import {resolveFunc, resolveValue} from '../resolve.ts';
import {types} from '../types.ts';
import {checkCanon, checkLift, resourceAt} from './canon.ts';
import {matchArguments} from './core.ts';
import {type ComponentType, Exports, type Fail, type Item, isCore, type Type} from './known.ts';
import {match, matchExports, matching} from './match.ts';
import {Names} from './names.ts';
import {newResource, renamed, renewing, Substitution} from './substitution.ts';
import {borrows, checkElements, checkValue, hasResource} from './values.ts';

/** Where something is defined. */
interface Here {
	readonly scope: Scope;
	readonly all: Gathered;
	readonly fail: Fail;
}

// An item of a sort's space is of that sort, by construction; its index was checked when it was read.
const get = <S extends Sort>({scope}: Here, sort: S, index: number): Extract<Item, {readonly sort: S}> =>
	({sort, value: scope.spaces[sort][index]}) as unknown as Extract<Item, {readonly sort: S}>;

/** What a declaration of this type stands for; its abstract resources are new ones, added to `into`. */
function declared(here: Here, type: ExternDef, into: number[]): Item {
	const {all, fail, scope} = here;
	switch (type.sort) {
		case 'core module': {
			const {value} = get(here, 'core type', type.type);
			return value.kind === 'module' ? {sort: 'core module', value} : fail('the type of a core module', value.kind);
		}
		case 'type': {
			if (type.eq !== undefined) return renamed(get(here, 'type', type.eq), new Substitution(all));
			const resource = newResource(all);
			into.push(resource.id);
			return {sort: 'type', value: {kind: 'resource', resource}};
		}
		case 'func': {
			const found = scope.spaces.type[type.type];
			return found?.kind === 'func' ? {sort: 'func', value: found.type} : fail('a function type', found?.kind);
		}
		case 'instance': {
			const found = scope.spaces.type[type.type];
			if (found?.kind !== 'instance') return fail('an instance type', found?.kind);
			return {sort: 'instance', value: renewing(all, found.made, into).exports(found.exports)};
		}
		case 'component': {
			const value = scope.spaces.type[type.type];
			return value?.kind === 'component' ? {sort: 'component', value} : fail('a component type', value?.kind);
		}
		case 'value':
			return fail('anything but a value');
	}
}

/** Makes an item visible as an import or export under a name. */
function show({scope, fail}: Here, as: 'import' | 'export', name: string, item: Item): Item {
	scope.names[as].add(name, item, fail);
	if (item.sort === 'type' && item.value.kind === 'resource') scope.names[as].resource(name, item.value.resource);
	if (scope.kind !== 'instance type' && !scope.visible.add(as, item)) {
		fail(`that all types which "${name}" mentions are ${as}ed before it`, 'one that is not');
	}
	(as === 'import' ? scope.imports : scope.exports).set(name, item);
	return item;
}

/** Refuses a sort that has no type as an import or export. */
function exportable({fail}: Here, sort: Sort): void {
	if (isCore(sort) && sort !== 'core module') fail('something that can be exported', sort);
}

function named(here: Here, all: readonly Named[]): Map<string, Item> {
	return new Map(all.map(([name, sort, index]) => [name, get(here, sort, index)]));
}

function exported(here: Here, def: Extract<Def, {readonly op: 'export'}>): Item {
	const {all, fail, scope} = here;
	exportable(here, def.sort);
	let item: Item = get(here, def.sort, def.index);
	if (def.type !== undefined) {
		const made: number[] = [];
		const wanted = declared(here, def.type, made);
		match(matching(all, fail, made), def.name, item, wanted);
		scope.made.push(...made);
		item = wanted;
	}
	// Functions that are exported after an instance may mention its types by either name.
	if (item.sort === 'instance') scope.visible.add('export', item);
	return show(here, 'export', def.name, renamed(item, new Substitution(all)));
}

function instantiated(here: Here, def: Extract<Def, {readonly op: 'instantiate'}>): Item {
	const {all, fail, scope} = here;
	const {value: component} = get(here, 'component', def.component);
	const by = matching(all, fail, component.given);
	matchExports(by, named(here, def.args) as Exports, component.imports);
	for (const id of component.made) {
		const resource = newResource(all);
		scope.made.push(resource.id);
		by.found.bind(id, resource);
	}
	return {sort: 'instance', value: by.found.exports(component.exports)};
}

function outer(here: Here, def: Extract<Def, {readonly op: 'alias outer'}>): Item {
	const {fail} = here;
	let {scope} = here;
	let closed = false;
	for (let i = 0; i < def.count; i++) {
		closed ||= scope.kind === 'component';
		scope = scope.parent ?? fail('an enclosing component');
	}
	const item = get({...here, scope}, def.sort, def.index);
	if (here.scope.kind !== 'component' && def.sort !== 'type' && def.sort !== 'core type') fail('an alias of a type', def.sort);
	if (closed && item.sort === 'type' && hasResource(item.value)) fail('a type without resources of an enclosing component', 'one');
	return item;
}

// The reader has put it there when it read the definitions.
const scopeOf = ({all}: Here, defs: readonly Def[]): Scope => all.scopes.get(defs) as Scope;

/** The type of a component, or the one that a component type is, now that all of it was read. */
function componentOf(here: Here, defs: readonly Def[]): ComponentType {
	const {imports, exports, given, made} = scopeOf(here, defs);
	return {kind: 'component', imports: new Exports(imports), exports: new Exports(exports), given, made};
}

function resource({scope, all, fail}: Here, dtor: number | undefined): Type {
	if (scope.kind !== 'component') fail('a type that can be declared', 'a resource');
	const found = dtor === undefined ? 'i>' : scope.spaces['core func'][dtor];
	if (found !== 'i>') fail('a destructor of type i>', found);
	const resource = newResource(all);
	scope.own.add(resource.id);
	scope.made.push(resource.id);
	return {kind: 'resource', resource};
}

function defined(here: Here, type: TypeDef): Type {
	const {scope, all, fail} = here;
	if (type.kind === 'component') return componentOf(here, type.defs);
	if (type.kind === 'resource') return resource(here, type.dtor);
	if (type.kind === 'instance') {
		const {exports, made} = scopeOf(here, type.defs);
		return {kind: 'instance', exports: new Exports(exports), made};
	}
	const at = {
		value(index: number) {
			const found = scope.spaces.type[index];
			return found?.kind === 'value' ? found.type : fail('a value type', found?.kind);
		},
		resource: (index: number) => resourceAt(scope, index, fail),
	};
	if (type.kind === 'func') {
		const made = resolveFunc(at, all, type);
		if (made.result !== undefined && borrows(made.result)) fail('a result without a borrow', 'one');
		return {kind: 'func', type: made};
	}
	checkElements(type, ref => (typeof ref === 'string' ? types.primitive(ref) : at.value(ref)), fail);
	const made = resolveValue(at, all, type);
	checkValue(made, fail);
	return {kind: 'value', type: made};
}

type Definers = {readonly [Op in Def['op']]: (here: Here, def: Extract<Def, {readonly op: Op}>) => Item};

const canonical = ({scope, fail}: Here, def: Parameters<typeof checkCanon>[1]): Item => ({
	sort: 'core func',
	value: checkCanon(scope, def, fail),
});

const definers: Definers = {
	'core module': ({all}, def) => ({sort: 'core module', value: (all.modules[def.module] as Gathered['modules'][number]).type()}),
	'core instantiate': (here, def) => {
		const {value: module} = get(here, 'core module', def.module);
		const args = new Map(def.args.map(([name, index]) => [name, get(here, 'core instance', index).value]));
		matchArguments(module, args, here.fail);
		return {sort: 'core instance', value: module.exports};
	},
	// The reader allows only sorts of core items.
	'core bundle': (here, def) => ({sort: 'core instance', value: named(here, def.exports) as CoreExports}),
	'core type': (_, def) => ({sort: 'core type', value: def.type}),
	component: (here, def) => ({sort: 'component', value: componentOf(here, def.component.defs)}),
	instantiate: instantiated,
	bundle: (here, def) => {
		const names = new Names();
		const exports = named(here, def.exports);
		for (const [name, item] of exports) {
			exportable(here, item.sort);
			names.add(name, item, here.fail);
		}
		return {sort: 'instance', value: new Exports(exports)};
	},
	'alias export': (here, def) => {
		if (here.scope.kind !== 'component' && def.sort !== 'type' && def.sort !== 'instance') {
			here.fail('an alias of a type or an instance', def.sort);
		}
		const item = get(here, 'instance', def.instance).value.get(def.name);
		return item?.sort === def.sort ? item : here.fail(`an export "${def.name}" that is a ${def.sort}`, item?.sort ?? 'none');
	},
	'alias core export': (here, def) => {
		const item = get(here, 'core instance', def.instance).value.get(def.name);
		return item?.sort === def.sort ? item : here.fail(`an export "${def.name}" that is a ${def.sort}`, item?.sort ?? 'none');
	},
	'alias outer': outer,
	type: (here, def) => ({sort: 'type', value: defined(here, def.type)}),
	lift: ({scope, fail}, def) => ({sort: 'func', value: checkLift(scope, def, fail)}),
	lower: canonical,
	builtin: canonical,
	'resource.new': canonical,
	'resource.drop': canonical,
	'resource.rep': canonical,
	import: (here, def) => show(here, 'import', def.name, declared(here, def.type, here.scope.given)),
	export: exported,
	declare: (here, def) => show(here, 'export', def.name, declared(here, def.type, here.scope.made)),
};

/** What a definition makes, if it is valid where it stands; `fail` tells where that is. */
export function define(here: Here, def: Def): Item {
	// The table maps each op to the definer of that very op.
	const table: Readonly<Record<Def['op'], (here: Here, def: never) => Item>> = definers;
	return table[def.op](here, def as never);
}
