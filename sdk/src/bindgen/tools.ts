import {fileURLToPath} from 'node:url';
import {errors} from '../errors.ts';

/** Imports a tool that only those who build have installed. */
export async function tool<T>(name: string, load: () => Promise<T>): Promise<T> {
	try {
		return await load();
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
		throw errors.FORGE_BINDGEN_TOOL({tool: name}, {cause});
	}
}

/** Where a program of a package lies that only those who build have installed. */
export function programOf(name: string, path: string): Promise<string> {
	return tool(name, async () => fileURLToPath(new URL(path, import.meta.resolve(`${name}/package.json`))));
}

/** The tools of the component model: 6 MB, and slow to load. */
export const wasmTools = () => tool('@bytecodealliance/jco-transpile', () => import('@bytecodealliance/jco-transpile/wasm-tools'));

/** What makes types of a world. */
export const typesTool = () => tool('@bytecodealliance/jco-transpile', () => import('@bytecodealliance/jco-transpile/component'));

/** The compiler of AssemblyScript. */
export const compiler = () => tool('assemblyscript', () => import('assemblyscript/asc'));

/** The bundler of JavaScript. */
export const bundler = () => tool('rolldown', () => import('rolldown'));

/** The module of a package that makes components of JavaScript; it is loaded by a process of its own. */
export const engineOf = (name: string) => tool(name, async () => import.meta.resolve(name));
