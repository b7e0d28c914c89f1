import {readFile, realpath, rename, rm, stat, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {nearest} from '../client/codec.ts';
import {errors} from '../errors.ts';
import {checkConfiguration, type Loaded} from './load.ts';
import type {Config} from './schema.ts';

/** How a plugin is named in a configuration. */
export type PluginConfig = NonNullable<Config['plugins']>[string];

/** Writes a file as a whole or not at all: what a link leads to, with the rights that it had. */
async function replace(file: string, text: string): Promise<void> {
	const path = await realpath(file).catch(() => file);
	const mode = await stat(path).then(
		({mode}) => mode & 0o777,
		() => 0o644,
	);
	const beside = `${path}.${crypto.randomUUID()}`;
	try {
		await writeFile(beside, text, {mode, flush: true});
		await rename(beside, path);
	} catch (error) {
		await rm(beside, {force: true});
		throw error;
	}
}

/** Refuses a name that is there already, or is not, with the nearest one. */
function checkName({config: {plugins = {}}}: Loaded, file: string, plugin: string, entry: PluginConfig | undefined): void {
	const there = Object.hasOwn(plugins, plugin);
	if (entry !== undefined && there) throw errors.FORGE_CONFIG_TAKEN({file, plugin});
	if (entry !== undefined || there) return;
	const like = nearest(plugin, Object.keys(plugins));
	throw errors.FORGE_CONFIG_PLUGIN({file, plugin, remedy: like === undefined ? 'see forge plugin list' : `did you mean "${like}"?`});
}

/** What is left to the reader: exactly what to write, or to take out. */
function byHand(file: string, plugin: string, entry: PluginConfig | undefined, cause?: unknown): Error {
	const what = entry === undefined ? `take "${plugin}" out of its plugins` : `add to its plugins: "${plugin}": ${JSON.stringify(entry)}`;
	return errors.FORGE_CONFIG_HAND({file, what}, {cause});
}

/**
 * Puts a plugin into the file of a configuration, or takes it out where `entry` is undefined; says which file that is. Where there is none,
 * forge.config.yaml is made. All else in it stays as it is. What would be no configuration is not written. Throws FORGE_CONFIG_TAKEN,
 * FORGE_CONFIG_PLUGIN with the nearest name, FORGE_CONFIG_HAND with what to add, FORGE_CONFIG_INVALID.
 */
export async function configurePlugin(loaded: Loaded, plugin: string, entry: PluginConfig | undefined): Promise<string> {
	const {file = join(loaded.folder, 'forge.config.yaml')} = loaded;
	const name = basename(file);
	checkName(loaded, name, plugin, entry);
	await checkConfiguration({plugins: {...loaded.config.plugins, [plugin]: entry ?? ''}}, name);
	if (/\.[jt]s$/.test(file)) throw byHand(name, plugin, entry);
	const text = loaded.file === undefined ? '' : await readFile(file, 'utf8');
	const {edited} = await import('./edit.ts');
	const path = [...(name === 'package.json' ? ['forge'] : []), 'plugins', plugin];
	let made: string;
	try {
		made = edited(text, path, entry, file.endsWith('.json'));
	} catch (error) {
		throw byHand(name, plugin, entry, error);
	}
	await replace(file, made);
	return file;
}
