import {errors} from '../errors.ts';

/** Imports a tool that only those who build have installed. */
async function tool<T>(name: string, load: () => Promise<T>): Promise<T> {
	try {
		return await load();
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
		throw errors.FORGE_BINDGEN_TOOL({tool: name}, {cause});
	}
}

/** The tools of the component model: 6 MB, and slow to load. */
export const wasmTools = () => tool('@bytecodealliance/jco-transpile', () => import('@bytecodealliance/jco-transpile/wasm-tools'));

/** The compiler of AssemblyScript. */
export const compiler = () => tool('assemblyscript', () => import('assemblyscript/asc'));
