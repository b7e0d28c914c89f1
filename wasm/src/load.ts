import {adopt, type Component} from './component.ts';
import {readComponent} from './decode/component.ts';
import {Reader} from './decode/reader.ts';
import type {Gathered} from './decode/scope.ts';
import {errors} from './errors.ts';
import {plan} from './link/plan.ts';

async function compile(bytes: Uint8Array, module: number): Promise<WebAssembly.Module> {
	try {
		return await WebAssembly.compile(bytes);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw errors.FORGE_COMPONENT_MODULE({module, reason}, {cause});
	}
}

/** Decodes and compiles a component; its core modules are compiled by V8 beside this thread. Throws `FORGE_COMPONENT_*` with the offset and what was expected there. */
export async function load(bytes: Uint8Array): Promise<Component> {
	const all: Gathered = {modules: [], definitions: 0};
	const node = readComponent(new Reader(bytes), all);
	const nodes = all.modules.map(entry => entry.node);
	const outline = plan(node, nodes);
	const modules = await Promise.all(all.modules.map(async (entry, i) => ({node: entry.node, module: await compile(entry.bytes, i)})));
	return adopt({node, plan: outline, modules});
}
