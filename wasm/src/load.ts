import {adopt, type Component, externs} from './component.ts';
import type {ComponentNode, ModuleNode} from './decode/ast.ts';
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

/** A component that was decoded and checked. */
interface Checked {
	/** Whether it is a core module, which only V8 can tell to be a command. */
	readonly command: boolean;
	readonly node: ComponentNode;
	readonly plan: Plan;
	readonly modules: readonly {readonly node: ModuleNode; readonly bytes: Uint8Array}[];
}

async function check(bytes: Uint8Array, metered: boolean): Promise<Checked> {
	const command = isCoreModule(bytes);
	const {node, all} = command ? await wrap(bytes, metered) : decode(bytes, metered);
	const modules = all.modules.map(({node, bytes}) => ({node, bytes}));
	const nodes = modules.map(({node}) => node);
	return {command, node, plan: plan(node, nodes), modules};
}

async function prepare({command, modules, ...component}: Checked): Promise<Component> {
	const compiled = await Promise.all(modules.map(async ({node, bytes}, i) => ({node, module: await compile(bytes, i)})));
	if (command) checkCommand((compiled[0] as (typeof compiled)[number]).module);
	return adopt({...component, modules: compiled});
}

/** What `pack` makes of a component. */
export interface Packed extends Pick<Component, 'imports' | 'exports'> {
	readonly bytes: Uint8Array;
}

/** What stands before the modules of a packed component, whose number of bytes stands before it, in 32 bits. */
interface Head extends Omit<Checked, 'modules'> {
	readonly modules: readonly {readonly node: ModuleNode; readonly size: number}[];
}

const LENGTH = 4;

const v8 = () => process.getBuiltinModule('node:v8');

/** A component decoded and checked, as bytes for the `unpack` of another process, which does neither again. Throws as `load` does, but for what V8 refuses. */
export async function pack(bytes: Uint8Array): Promise<Packed> {
	const {modules, ...component} = await check(bytes, false);
	const head: Head = {...component, modules: modules.map(({node, bytes: {length: size}}) => ({node, size}))};
	const written = v8().serialize(head);
	const length = Buffer.alloc(LENGTH);
	length.writeUInt32LE(written.length);
	return {...externs(component.plan), bytes: Buffer.concat([length, written, ...modules.map(({bytes}) => bytes)])};
}

/** The component in what `pack` has made, compiled: believed, whatever it says. Throws where V8 refuses a module. */
export async function unpack(packed: Uint8Array): Promise<Component> {
	const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
	let at = LENGTH + bytes.readUInt32LE();
	const {modules, ...component}: Head = v8().deserialize(bytes.subarray(LENGTH, at));
	const whole = modules.map(({node, size}) => {
		at += size;
		return {node, bytes: bytes.subarray(at - size, at)};
	});
	return prepare({...component, modules: whole});
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
	const preparing = remember(key, check(bytes, metered).then(prepare));
	loading.set(key, preparing);
	return preparing;
}
