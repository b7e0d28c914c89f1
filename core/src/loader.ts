import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {isAbsolute, join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {type Limits, reasonOf} from '@forgeone/wasm';
import {componentPlugin} from './component-plugin.ts';
import {errors} from './errors.ts';
import type {AnyPlugin, Found, Hooks} from './plugin.ts';

/** A plugin, a path or a package, with a configuration and, for a component, limits of its own. */
type Source = {readonly use: AnyPlugin | string; readonly config?: unknown; readonly limits?: Limits};

/** How a plugin is named in a configuration: itself, a path or a package, or one of these with more. */
export type PluginEntry = AnyPlugin | string | Source;

/** The file of a plugin: a path counts from the first of `folders`, a package is looked for from each. Throws what Node does. */
export function resolvePlugin(source: string, folders: readonly string[]): string {
	if (isAbsolute(source) || /^\.{1,2}[/\\]/.test(source)) return resolve(folders[0] ?? '.', source);
	const paths = folders.map(folder => resolve(folder));
	return createRequire(join(paths[0] ?? '/', 'package.json')).resolve(source, {paths});
}

function checked(value: unknown, source: string): AnyPlugin {
	const {name, setup} = Object(value) as Partial<AnyPlugin>;
	const missing = typeof name !== 'string' ? 'name' : typeof setup !== 'function' ? 'setup function' : undefined;
	if (missing) throw errors.FORGE_PLUGIN_INVALID({source, reason: `its default export has no ${missing}`});
	return value as AnyPlugin;
}

async function loadPlugin(source: string, folders: readonly string[], hooks: Hooks, limits: Limits, anew: boolean): Promise<AnyPlugin> {
	let found: Uint8Array | {readonly default?: unknown};
	try {
		const path = resolvePlugin(source, folders);
		found = await (path.endsWith('.wasm') ? readFile(path) : import(`${pathToFileURL(path)}${anew ? `?time=${performance.now()}` : ''}`));
	} catch (error) {
		throw errors.FORGE_PLUGIN_UNREADABLE({source, reason: reasonOf(error)}, {cause: error});
	}
	return found instanceof Uint8Array ? componentPlugin(source, found, hooks, limits) : checked(found.default, source);
}

/**
 * Finds a plugin: a path counts from the first of `folders`, a package is looked for from each, a `.wasm` file is a component, whose
 * exports that are among `hooks` are its taps. Where it is to take the place of `now`, it is loaded anew, and keeps the configuration and the
 * limits of that where the entry names none. Throws FORGE_PLUGIN_UNREADABLE, FORGE_PLUGIN_INVALID, FORGE_COMPONENT_*.
 */
export async function findPlugin(entry: PluginEntry, folders: readonly string[], hooks: Hooks, now?: Found): Promise<Found> {
	const {
		use,
		config = now?.config,
		limits = now?.limits ?? {},
	}: Source = typeof entry === 'object' && 'use' in entry ? entry : {use: entry};
	if (typeof use !== 'string') return {plugin: checked(use, 'plugin'), source: undefined, config, limits};
	return {plugin: await loadPlugin(use, folders, hooks, limits, now !== undefined), source: use, config, limits};
}
