import {adopt, type Component, externs} from './component.ts';
import type {ComponentNode} from './decode/ast.ts';
import {readComponent} from './decode/component.ts';
import {Reader} from './decode/reader.ts';
import {type Gathered, gathered, type Scope} from './decode/scope.ts';
import {digest} from './digest.ts';
import {errors} from './errors.ts';
import {type Plan, plan} from './link/plan.ts';
import {checkCommand, isCoreModule, wrap} from './preview1.ts';
import {type Signature, typed} from './signature.ts';

/** Bytes up to which a module compiles faster here than it is handed to V8's threads and back. */
const small = 32_768;

async function compile(bytes: Uint8Array, module: number): Promise<WebAssembly.Module> {
	try {
		return bytes.length < small ? new WebAssembly.Module(bytes) : await WebAssembly.compile(bytes);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw errors.FORGE_COMPONENT_MODULE({module, reason}, {cause});
	}
}

function decode(bytes: Uint8Array, meter: boolean): {node: ComponentNode; all: Gathered} {
	const all = gathered(meter);
	return {node: readComponent(new Reader(bytes), all), all};
}

/** The same as `describe`, by the names that the binary has, and the memories that it makes. Nothing is compiled. Throws `FORGE_COMPONENT_*`. */
export async function outline(bytes: Uint8Array): Promise<Plan> {
	const {node, all} = isCoreModule(bytes) ? await wrap(bytes, false) : decode(bytes, false);
	const modules = all.modules.map(entry => entry.node);
	return plan(node, modules);
}

/** What a component needs and gives, or a core module of WASI preview1. Nothing is compiled. Throws `FORGE_COMPONENT_*`. */
export async function describe(bytes: Uint8Array): Promise<Pick<Component, 'imports' | 'exports'>> {
	return externs(await outline(bytes));
}

/** The definitions of a component, in the order of the file, as plain data: for tools that read types. Nothing is compiled. Throws as `load` does. */
export const definitions = (bytes: Uint8Array): ComponentNode => decode(bytes, false).node;

/** The types of what a component needs and gives, resolved, or of a core module of WASI preview1. Nothing is compiled. Throws as `load` does. */
export async function signature(bytes: Uint8Array): Promise<Signature> {
	const {node, all} = isCoreModule(bytes) ? await wrap(bytes, false) : decode(bytes, false);
	// The reader has left the scope of the whole there.
	const {imports, exports} = all.scopes.get(node.defs) as Scope;
	return {imports: typed(imports), exports: typed(exports)};
}

/** How a component is loaded. */
export interface LoadOptions {
	/** Whether its code takes fuel, so that instances can be given the limit `fuel`. It then runs slower. */
	readonly metered?: boolean;
}

async function prepare(bytes: Uint8Array, metered: boolean): Promise<Component> {
	const command = isCoreModule(bytes);
	const {node, all} = command ? await wrap(bytes, metered) : decode(bytes, metered);
	const nodes = all.modules.map(entry => entry.node);
	const outline = plan(node, nodes);
	const modules = await Promise.all(all.modules.map(async (entry, i) => ({node: entry.node, module: await compile(entry.bytes, i)})));
	if (command) checkCommand((modules[0] as (typeof modules)[number]).module);
	return adopt({node, plan: outline, modules});
}

/** Components in use by the digest of their bytes, and those that are being loaded. */
const loaded = new Map<string, WeakRef<Component>>();
const loading = new Map<string, Promise<Component>>();
const unused = new FinalizationRegistry<string>(key => {
	if (loaded.get(key)?.deref() === undefined) loaded.delete(key);
});

async function remember(key: string, preparing: Promise<Component>): Promise<Component> {
	try {
		const component = await preparing;
		loaded.set(key, new WeakRef(component));
		unused.register(component, key);
		return component;
	} finally {
		loading.delete(key);
	}
}

/**
 * Decodes and compiles a component, or a core module of WASI preview1 that is a command; V8 compiles beside this thread. While
 * a component of the same bytes is in use, it is given again. Throws `FORGE_COMPONENT_*` with the offset and what was expected there.
 */
export async function load(bytes: Uint8Array, {metered = false}: LoadOptions = {}): Promise<Component> {
	const key = `${digest(bytes)} ${metered}`;
	const known = loaded.get(key)?.deref() ?? loading.get(key);
	if (known !== undefined) return known;
	const preparing = remember(key, prepare(bytes, metered));
	loading.set(key, preparing);
	return preparing;
}
