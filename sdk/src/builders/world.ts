import {describe, unversioned} from '@forgeone/wasm';
import {encodeWorld} from '../bindgen/encode.ts';
import {readWit, type Wit, worldName} from '../bindgen/source.ts';

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

/** A world of a project's WIT. */
export interface World {
	readonly wit: Wit;
	/** As the tools find it. */
	readonly name: string;
	/** Of a component that does all that the world says. */
	readonly outline: Outline;
}

/** Reads the world in a folder of WIT, the only one where none is asked for. Throws `FORGE_BINDGEN_*`. */
export async function readWorld(folder: string, asked: string | undefined): Promise<World> {
	const wit = await readWit(folder);
	const name = worldName(wit, asked);
	return {wit, name, outline: await outlineOf(await encodeWorld(wit, name))};
}

/** The imports of a component that its world does not have, whatever the versions. */
export function beyond({imports}: Outline, world: Outline): string[] {
	const known = new Set(world.imports.map(unversioned));
	return imports.filter(name => !known.has(unversioned(name)));
}
