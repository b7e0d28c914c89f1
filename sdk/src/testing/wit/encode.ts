import {wasmTools} from '../../bindgen/tools.ts';

/** A component of a world that does nothing, for its types to be read. */
export async function encode(witSource: string, world: string): Promise<Uint8Array> {
	const {componentEmbed, componentNew} = await wasmTools();
	return componentNew(await componentEmbed({dummy: true, witSource, world}));
}
