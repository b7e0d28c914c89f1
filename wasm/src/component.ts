import {type Limits, Store} from './abi/store.ts';
import type {Bounds, ComponentNode, ModuleNode, Sort} from './decode/ast.ts';
import {most} from './decode/scope.ts';
import {errors} from './errors.ts';
import type {Code} from './link/bindings.ts';
import {hostFunction, type Imports} from './link/host.ts';
import {instantiate, type Linking, root} from './link/linker.ts';
import type {Outline, Plan} from './link/plan.ts';
import {surface} from './link/surface.ts';
import {camelCase, compatibly, functionName, pascalCase} from './names.ts';

/** A component in a form that can be posted to another thread, for `adopt`. */
export interface SharedComponent {
	readonly node: ComponentNode;
	readonly plan: Plan;
	readonly modules: readonly {readonly node: ModuleNode; readonly module: WebAssembly.Module}[];
}

/** An import or an export of a component. */
export interface Extern {
	/** As in the binary, such as `wasi:cli/environment@0.2.3`. */
	readonly name: string;
	readonly kind: Exclude<Outline['kind'], 'func'> | 'function';
	/** An interface's functions by their JavaScript names; those of a resource as `InputStream.read`, its constructor as `InputStream`. */
	readonly functions?: readonly string[];
}

/** A component that is decoded and compiled, ready to be instantiated any number of times. */
export interface Component {
	/** What it needs, in order. */
	readonly imports: readonly Extern[];
	/** What it gives, in order. */
	readonly exports: readonly Extern[];
	/** Makes an instance. Imports are found by exact name, then by compatible version, then without version; `FORGE_IMPORT_MISSING` lists all that nobody gives. */
	instantiate(imports?: Imports, limits?: Limits): Promise<Instance>;
	/** The form in which another thread can `adopt` it. */
	share(): SharedComponent;
}

/** A running instance of a component. */
export interface Instance {
	/** Interfaces by name, functions of the world by their camelCase name. Neither has a prototype. */
	readonly exports: Readonly<Record<string, unknown>>;
	/** The present size of all its memories. */
	readonly memoryBytes: number;
	/** The fuel that is left, where the component is metered. It may be filled up again between calls. */
	fuel: number;
	/** Whether it trapped, exited or was disposed of: it is never entered again. */
	readonly dead: boolean;
	/** An exported interface by name, compatible versions included. */
	interface(name: string): Readonly<Record<string, InterfaceMember>> | undefined;
	/** Ends it, and drops what it holds of the host's. Further calls fail with `FORGE_INSTANCE_DEAD`. */
	dispose(): void;
}

/** A function or resource class of an interface; its types are those of the WIT, which only the caller knows. */
// biome-ignore lint/suspicious/noExplicitAny: the WIT decides
export type InterfaceMember = (...args: any[]) => any;

const page = 65_536;

function memberName(name: string): string {
	const {role, resource, label} = functionName(name);
	if (role === 'function') return camelCase(label);
	return role === 'constructor' ? pascalCase(resource) : `${pascalCase(resource)}.${camelCase(label)}`;
}

const extern = ({name, kind, functions}: Outline): Extern =>
	kind === 'instance' ? {name, kind, functions: functions.map(memberName)} : {name, kind: kind === 'func' ? 'function' : kind};

/** What a component needs and gives, as its plan has it. */
export const externs = ({imports, exports}: Plan): Pick<Component, 'imports' | 'exports'> => ({
	imports: imports.map(extern),
	exports: exports.map(extern),
});

/** Divides the limit among the memories: each gets its initial size and an equal share of the rest. */
function pagesFor(memories: readonly Bounds[], bytes: number): (memory: Bounds) => number {
	const limit = Math.floor(bytes / page);
	const needed = memories.reduce((sum, {min}) => sum + min, 0);
	if (needed > limit) throw errors.FORGE_LIMIT_MEMORY({needed: needed * page, limit: bytes});
	const growing = memories.filter(({min, max}) => max !== min).length;
	const share = growing === 0 ? 0 : Math.floor((limit - needed) / growing);
	return ({min, max}) => Math.min(max ?? most.pages, min + share, most.pages);
}

function missing(imports: readonly Outline[], host: Linking['host']): string[] {
	return imports.flatMap(({name, kind, functions}) => {
		const given = host(name, kind);
		if (kind === 'func') return hostFunction(given, name) === undefined ? [name] : [];
		if (given === undefined && functions.length > 0) return [name];
		return functions.filter(key => hostFunction(given, key) === undefined).map(key => `${name}#${key}`);
	});
}

/** How many compiled functions and shapes are kept for the components to come; bounded, for a component may have any number of its own. */
const KEPT = 4096;

let code: Code | undefined;

/** What components of one process share: functions of one signature are the same whoever has them. */
function currentCode(): Code {
	if (code === undefined || Math.max(code.functions.size, code.shapes.size) > KEPT) {
		code = {shapes: new Map(), functions: new Map(), needs: new Map()};
	}
	return code;
}

/** Makes a component of its shared form: nothing is decoded or compiled again. */
export function adopt(shared: SharedComponent): Component {
	const {node, plan, modules} = shared;
	const code = currentCode();
	return {
		...externs(plan),
		share: () => shared,
		async instantiate(imports = {}, limits = {}) {
			const find = compatibly(new Map(Object.entries(imports)));
			const host = (name: string, sort: Sort): unknown => (sort === 'instance' ? find(name) : imports);
			const names = missing(plan.imports, host);
			if (names.length > 0) throw errors.FORGE_IMPORT_MISSING({names: names.join(', ')}, {cause: names});
			const unmetered = modules.some(({node}) => !node.metered);
			if (limits.fuel !== undefined && unmetered) throw errors.FORGE_FUEL_UNMETERED();
			const store = new Store(limits, !unmetered);
			const pages = pagesFor(plan.memories, store.limits.memoryBytes);
			return new Running(store, surface(instantiate({store, code, modules, pages, host}, root(node), undefined), store));
		},
	};
}

/** A class, for V8 is slow at the accessors of an object literal. */
class Running implements Instance {
	readonly exports: Instance['exports'];
	readonly #store: Store;
	readonly #interfaces: (name: string) => unknown;

	constructor(store: Store, exports: Instance['exports']) {
		this.exports = exports;
		this.#store = store;
		this.#interfaces = compatibly(new Map(Object.entries(exports)));
	}

	get memoryBytes() {
		return this.#store.memories.reduce((sum, {buffer}) => sum + buffer.byteLength, 0);
	}

	get fuel() {
		return Math.max(0, this.#store.fuel.left);
	}

	set fuel(units) {
		this.#store.fuel.left = units;
	}

	get dead() {
		return this.#store.dead !== undefined;
	}

	interface(name: string) {
		const found = this.#interfaces(name);
		return typeof found === 'object' ? (found as Record<string, InterfaceMember>) : undefined;
	}

	dispose() {
		this.#store.kill(new Error('disposed'));
		for (const handles of this.#store.handles.splice(0)) handles.end();
		this.#store.memories.length = 0;
	}
}
