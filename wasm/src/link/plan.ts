import type {Bounds, ComponentNode, Def, ExternDef, ModuleNode, Named, Sort, TypeDef} from '../decode/ast.ts';
import {errors} from '../errors.ts';

/** What is known of a thing without running anything. */
interface Known {
	readonly sort: Sort;
	readonly module?: number | undefined;
	readonly component?: {readonly node: ComponentNode; readonly scope: Scope} | undefined;
	readonly instance?: ReadonlyMap<string, Known> | undefined;
	readonly type?: {readonly def: TypeDef; readonly scope: Scope} | undefined;
}

interface Scope {
	readonly parent: Scope | undefined;
	readonly spaces: Map<Sort, Known[]>;
}

/** An import or export as it can be listed. */
export interface Outline {
	readonly name: string;
	readonly kind: Exclude<Sort, 'value'>;
	/** The names of an instance's functions, as in the binary. */
	readonly functions: readonly string[];
	/** The names of an instance's types, as in the binary. */
	readonly types: readonly string[];
}

/** What instantiation will take, and what goes in and out. */
export interface Plan {
	readonly imports: readonly Outline[];
	readonly exports: readonly Outline[];
	/** The memories that are made, in order. */
	readonly memories: readonly Bounds[];
}

/** No component instantiates more than this, or evaluates more definitions for it; nested ones multiply. */
const most = {instances: 2_000, definitions: 1_000_000} as const;

/** Follows a component's definitions without running them; refuses what it needs that is not there. */
export function plan(root: ComponentNode, modules: readonly ModuleNode[]): Plan {
	const imports: Outline[] = [];
	const memories: Bounds[] = [];
	let instances = 0;
	let definitions = 0;

	const enter = (parent: Scope | undefined): Scope => ({parent, spaces: new Map()});
	const space = (scope: Scope, sort: Sort): Known[] => {
		const found = scope.spaces.get(sort);
		if (found !== undefined) return found;
		const made: Known[] = [];
		scope.spaces.set(sort, made);
		return made;
	};
	const named = (scope: Scope, all: readonly Named[]): Map<string, Known> =>
		new Map(all.map(([name, sort, index]) => [name, space(scope, sort)[index] ?? {sort}]));

	const outer = (scope: Scope, count: number): Scope => {
		let found = scope;
		for (let i = 0; i < count && found.parent !== undefined; i++) found = found.parent;
		return found;
	};
	const counted = (): void => {
		if (++instances > most.instances) throw errors.FORGE_COMPONENT_LIMIT({what: 'instances', limit: most.instances});
	};

	/** What a declaration of this type stands for. */
	const declared = (scope: Scope, type: ExternDef): Known => {
		if (type.sort === 'type') return {...(type.eq === undefined ? {} : space(scope, 'type')[type.eq]), sort: 'type'};
		if (type.sort !== 'instance') return {sort: type.sort};
		const found = space(scope, 'type')[type.type]?.type;
		if (found?.def.kind !== 'instance') return {sort: 'instance'};
		const inner = enter(found.scope);
		return {sort: 'instance', instance: follow(inner, found.def.defs, new Map())};
	};

	const evaluate = (scope: Scope, def: Def, args: ReadonlyMap<string, Known>): Known => {
		switch (def.op) {
			case 'core module':
				return {sort: 'core module', module: def.module};
			case 'core instantiate': {
				counted();
				const module = space(scope, 'core module')[def.module]?.module;
				if (module !== undefined) memories.push(...(modules[module]?.memories ?? []));
				return {sort: 'core instance'};
			}
			case 'core bundle':
				return {sort: 'core instance'};
			case 'core type':
				return {sort: 'core type'};
			case 'component':
				return {sort: 'component', component: {node: def.component, scope}};
			case 'instantiate': {
				counted();
				const component = space(scope, 'component')[def.component]?.component;
				if (component === undefined) return {sort: 'instance'};
				return {sort: 'instance', instance: follow(enter(component.scope), component.node.defs, named(scope, def.args))};
			}
			case 'bundle':
				return {sort: 'instance', instance: named(scope, def.exports)};
			case 'alias export':
				return space(scope, 'instance')[def.instance]?.instance?.get(def.name) ?? {sort: def.sort};
			case 'alias core export':
				return {sort: def.sort};
			case 'alias outer':
				return space(outer(scope, def.count), def.sort)[def.index] ?? {sort: def.sort};
			case 'type':
				return {sort: 'type', type: {def: def.type, scope}};
			case 'lift':
				return {sort: 'func'};
			case 'builtin':
			case 'lower':
			case 'resource.new':
			case 'resource.drop':
			case 'resource.rep':
				return {sort: 'core func'};
			case 'import':
				return args.get(def.name) ?? declared(scope, def.type);
			case 'export':
				return space(scope, def.sort)[def.index] ?? {sort: def.sort};
			case 'declare':
				return declared(scope, def.type);
		}
	};

	/** Follows definitions in order; gives what they export. */
	function follow(scope: Scope, defs: readonly Def[], args: ReadonlyMap<string, Known>): Map<string, Known> {
		const exports = new Map<string, Known>();
		definitions += defs.length;
		if (definitions > most.definitions) throw errors.FORGE_COMPONENT_LIMIT({what: 'definitions', limit: most.definitions});
		for (const def of defs) {
			const known = evaluate(scope, def, args);
			space(scope, known.sort).push(known);
			if (def.op === 'export' || def.op === 'declare') exports.set(def.name, known);
			else if (def.op === 'import' && defs === root.defs) {
				served(known);
				imports.push(outline(def.name, known));
			}
		}
		return exports;
	}

	const exports = follow(enter(undefined), root.defs, new Map());
	return {imports, exports: [...exports].map(([name, known]) => outline(name, known)), memories};
}

/** Refuses what no host can give, in an instance too. */
function served({sort, instance}: Known): void {
	if (sort === 'component' || sort === 'core module') throw errors.FORGE_COMPONENT_UNSUPPORTED({feature: `${sort} imports`, where: ''});
	for (const inner of instance?.values() ?? []) served(inner);
}

function outline(name: string, known: Known): Outline {
	const inner = [...(known.instance ?? [])];
	const of = (sort: Sort): string[] => inner.filter(([, item]) => item.sort === sort).map(([key]) => key);
	return {name, kind: known.sort as Outline['kind'], functions: of('func'), types: of('type')};
}
