import {describe} from '@forgeone/wasm';
import {refusal, type Wit} from '../bindgen/source.ts';
import {wasmTools} from '../bindgen/tools.ts';

/** What a world, or a component, asks for and gives: names of interfaces, and of functions. */
export interface Outline {
	readonly imports: readonly string[];
	readonly exports: readonly string[];
}

/** Of a component, in its order. Throws `FORGE_COMPONENT_*` where it is none. */
export async function outlineOf(component: Uint8Array): Promise<Outline> {
	const {imports, exports} = await describe(component);
	return {imports: imports.map(({name}) => name), exports: exports.map(({name}) => name)};
}

/** Of a world, by its full name: what a component has that does all that the world says. */
export async function worldOutline(wit: Wit, world: string): Promise<Outline> {
	const {componentEmbed, componentNew} = await wasmTools();
	const embedded = await componentEmbed({dummy: true, witSource: wit.text, world}).catch(cause => {
		throw refusal(wit, cause);
	});
	return outlineOf(await componentNew(embedded));
}
