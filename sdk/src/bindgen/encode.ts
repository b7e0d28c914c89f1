import {refusal, type Wit} from './source.ts';
import {wasmTools} from './tools.ts';

/** A component of a world, by its full name, that does nothing: for its types to be read. Throws `FORGE_BINDGEN_SYNTAX` with the place, or `FORGE_BINDGEN_WIT`. */
export async function encodeWorld(wit: Wit, world: string): Promise<Uint8Array> {
	const {componentEmbed, componentNew} = await wasmTools();
	const embedded = await componentEmbed({dummy: true, witSource: wit.text, world}).catch(cause => {
		throw refusal(wit, cause);
	});
	return componentNew(embedded);
}
