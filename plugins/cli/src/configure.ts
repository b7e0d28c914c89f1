import {existsSync, readdirSync} from 'node:fs';
import {basename, dirname, extname, isAbsolute, relative, resolve} from 'node:path';
import {checkConfig} from '@forgeone/sdk';
import {nearest} from '@forgeone/sdk/client';
import {configurePlugin, type Loaded, loadConfig, type PluginConfig} from '@forgeone/sdk/config';
import {daemon} from './engine.ts';
import {errors} from './errors.ts';
import {lookUp, rehearse} from './kernel.ts';

/** What was done to a configuration, and the command that makes it so. */
export interface Configured {
	readonly name: string;
	readonly file: string;
	readonly next: string;
}

const isPath = (source: string) => isAbsolute(source) || /^\.{1,2}[/\\]/.test(source);

/** A path from here as one from the folder of the configuration. Throws FORGE_CLI_SOURCE with the nearest file for one that leads nowhere. */
function sourceOf(source: string, folder: string): string {
	const named = isPath(source) || (/\.(wasm|[cm]?[jt]s)$/.test(source) && existsSync(source));
	if (!named) return source;
	const path = resolve(source);
	if (!existsSync(path) && existsSync(dirname(path))) {
		const files = readdirSync(dirname(path)).filter(file => extname(file) === extname(path));
		const like = nearest(basename(path), files);
		const remedy = like === undefined ? 'check the path' : `did you mean "${source.slice(0, -basename(path).length)}${like}"?`;
		throw errors.FORGE_CLI_SOURCE({source, remedy});
	}
	if (isAbsolute(source)) return source;
	const from = relative(folder, path);
	return isPath(from) ? from : `./${from}`;
}

interface Described {
	readonly properties?: Readonly<Record<string, {readonly type?: string}>>;
	readonly additionalProperties?: {readonly type?: string};
}

/** A setting of the command line as its schema wants it: text for a string, else what it says in JSON, if it does. Throws FORGE_USAGE. */
function settingOf(text: string, {properties = {}, additionalProperties: others}: Described): [string, unknown] {
	const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
	if (key === '') throw errors.FORGE_USAGE({reason: `"${text}" is no setting, write it like KEY=VALUE`, command: 'plugin add'});
	const described = Object.hasOwn(properties, key) ? properties[key] : others;
	if (described?.type === 'string') return [key, value];
	try {
		return [key, JSON.parse(value)];
	} catch {
		return [key, value];
	}
}

/** What makes a change known to the daemon, or starts one. */
async function nextOf(name: string, source: string | undefined): Promise<string> {
	const running = await daemon();
	if (!running) return 'forge up -d';
	const there = (await running.engine.plugins.list()).some(plugin => plugin.name === name);
	await running.engine.close();
	return there && source !== undefined ? `forge plugin reload ${name} --to ${source}` : 'forge down && forge up -d';
}

/**
 * Puts a plugin into the configuration of this folder, once it has been found, its configuration has been checked, and all plugins together
 * could start. Throws what is in the way of that.
 */
export async function addPlugin(name: string, given: string, settings: readonly string[], file?: string): Promise<Configured> {
	const loaded = await loadConfig(process.cwd(), file);
	const source = sourceOf(given, loaded.folder);
	const plugin = await lookUp(loaded, source);
	const described: Described = plugin.config?.schema ?? {};
	const config = Object.fromEntries(settings.map(text => settingOf(text, described)));
	checkConfig(plugin, name, settings.length > 0 ? config : undefined);
	const entry: PluginConfig = settings.length > 0 ? {use: source, config} : source;
	await rehearse(withPlugin(loaded, name, entry));
	const written = await configurePlugin(loaded, name, entry);
	return {name, file: relative('', written), next: await nextOf(name, settings.length > 0 ? undefined : given)};
}

const withPlugin = (loaded: Loaded, name: string, entry: PluginConfig): Loaded => ({
	...loaded,
	config: {...loaded.config, plugins: {...loaded.config.plugins, [name]: entry}},
});

/** Takes a plugin out of the configuration of this folder. */
export async function removePlugin(name: string, file?: string): Promise<Configured> {
	const written = await configurePlugin(await loadConfig(process.cwd(), file), name, undefined);
	return {name, file: relative('', written), next: await nextOf(name, undefined)};
}
