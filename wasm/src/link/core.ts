import type {Store} from '../abi/store.ts';
import type {Bounds, ModuleNode, Sort} from '../decode/ast.ts';
import {errors} from '../errors.ts';
import {mismatch} from './types.ts';

/** A core module, compiled, and what the linker makes for it. */
export interface CompiledModule {
	readonly node: ModuleNode;
	readonly module: WebAssembly.Module;
}

/** Instantiates a core module, its start function included, within the limits. */
export function instantiateCore(
	store: Store,
	{node, module}: CompiledModule,
	args: ReadonlyMap<string, WebAssembly.ModuleImports>,
	pages: (memory: Bounds) => number,
): WebAssembly.ModuleImports {
	store.count('instances', store.instances++);
	const imports: WebAssembly.Imports = Object.create(null);
	for (const [name, instance] of args) imports[name] = instance;
	try {
		imports[node.host] = own(store, node, pages);
		return new WebAssembly.Instance(module, imports).exports;
	} catch (error) {
		if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return mismatch(error.message);
		throw store.kill(error);
	}
}

/** The memories and tables that a module would have made itself, with the maxima of the limits. */
function own(store: Store, node: ModuleNode, pages: (memory: Bounds) => number): WebAssembly.ModuleImports {
	const made: WebAssembly.ModuleImports = Object.create(null);
	if (node.metered) {
		made.fuel = store.fuel.global;
		made.length = new WebAssembly.Global({value: 'i32', mutable: true}, 0);
	}
	node.memories.forEach((bounds, i) => {
		store.count('memories', store.memories.length);
		const maximum = pages(bounds);
		const memory = new WebAssembly.Memory({initial: bounds.whole ? maximum : bounds.min, maximum});
		store.memories.push(memory);
		made[`memory${i}`] = memory;
	});
	node.tables.forEach(({element, min, max}, i) => {
		store.count('tables', store.tables++);
		const limit = store.limits.tableElements;
		if (min > limit) throw errors.FORGE_LIMIT_COUNT({limit, what: 'elements in a table'});
		made[`table${i}`] = new WebAssembly.Table({element, initial: min, maximum: Math.min(max ?? limit, limit)});
	});
	return made;
}

const kinds: Partial<Record<Sort, (value: unknown) => boolean>> = {
	'core func': value => typeof value === 'function',
	'core table': value => value instanceof WebAssembly.Table,
	'core memory': value => value instanceof WebAssembly.Memory,
	'core global': value => value instanceof WebAssembly.Global,
	'core tag': value => value instanceof WebAssembly.Tag,
};

/** An export of a core instance, which must be of its sort. */
export function coreExport(exports: WebAssembly.ModuleImports, sort: Sort, name: string): unknown {
	const found = Object.hasOwn(exports, name) ? exports[name] : undefined;
	return kinds[sort]?.(found) ? found : mismatch(`a core instance has no ${sort.slice(5)} "${name}"`);
}
