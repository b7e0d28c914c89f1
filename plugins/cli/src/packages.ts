import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {reasonOf} from '@forgeone/core';
import {type Config, loadConfig} from '@forgeone/sdk/config';
import {Plugin} from '@oclif/core/config';
import {errors} from './errors.ts';
import {describe} from './failure.ts';
import {program} from './program.ts';

/** Tells in one line what is wrong with a package. The other commands work. */
function leaveOut(name: string, reason: string): void {
	console.error(describe(errors.FORGE_CLI_COMMANDS({package: name, reason}), {json: false, verbose: false}));
}

/** The packages that a configuration names, each once; what it names by a path is none. */
function packagesOf({plugins = {}}: Config): string[] {
	const sources = Object.values(plugins).map(plugin => (typeof plugin === 'string' ? plugin : plugin.use));
	const names = sources.flatMap(source => /^(@[^/\\]+\/[^/\\]+|[^@./\\][^/\\]*)(?:\/|$)/.exec(source)?.[1] ?? []);
	return [...new Set(names)];
}

/** The folder of a package, as Node would find it from another folder: its `package.json` need not be among what it exports. */
function folderOf(name: string, from: string): string | undefined {
	const paths = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
	return paths.map(path => join(path, name)).find(folder => existsSync(join(folder, 'package.json')));
}

const jsonOf = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** The commands of a package, by oclif; undefined where it has none. Its hooks are not taken: it adds commands and changes no other. */
async function loadPackage(name: string, root: string): Promise<Plugin | undefined> {
	const {oclif, version} = jsonOf(join(root, 'package.json'));
	if (Object(oclif).commands === undefined) return undefined;
	// Of a manifest that it can not use, oclif would tell at length, and go on.
	const manifest = join(root, 'oclif.manifest.json');
	if (existsSync(manifest) && jsonOf(manifest).version !== version) throw new Error('its oclif.manifest.json is of another version');
	const plugin = new Plugin({name, root, type: 'user', errorOnManifestCreate: true} as ConstructorParameters<typeof Plugin>[0]);
	await plugin.load();
	plugin.hooks = {};
	const topics = Object.entries<object>(Object(plugin.pjson.oclif.topics)).filter(
		([topic]) => !Object.hasOwn(program.pjson.oclif.topics, topic),
	);
	plugin.pjson.oclif.topics = Object.fromEntries(topics) as NonNullable<typeof plugin.pjson.oclif.topics>;
	return plugin;
}

/** Leaves out of a package what somebody before it has, and tells it. */
function keepTaken(plugin: Plugin, taken: Set<string>): void {
	const free = (id: string) => !taken.has(id);
	const others = plugin.commands.filter(({id}) => taken.has(id)).map(({id}) => id.replaceAll(':', ' '));
	if (others.length > 0) leaveOut(plugin.name, `there is a command "${others.join('", "')}" already`);
	plugin.commands = plugin.commands
		.filter(({id}) => free(id))
		.map(command => ({...command, aliases: command.aliases.filter(free), hiddenAliases: command.hiddenAliases.filter(free)}));
	for (const {id, aliases} of plugin.commands) for (const name of [id, ...aliases]) taken.add(name);
}

/**
 * What oclif is told of this program with the commands of the packages that the folder's configuration names, and what these are called;
 * undefined where there are none.
 */
export async function packagedProgram(): Promise<{readonly options: object; readonly ids: readonly string[]} | undefined> {
	const {config, folder} = await loadConfig(process.cwd()).catch(() => ({config: {}, folder: '.'}));
	const found: Plugin[] = [];
	for (const name of packagesOf(config)) {
		try {
			const root = folderOf(name, folder);
			const plugin = root === undefined ? undefined : await loadPackage(name, root);
			if (plugin) found.push(plugin);
		} catch (error) {
			leaveOut(name, reasonOf(error));
		}
	}
	if (found.length === 0) return undefined;
	const own = new Plugin({...program, isRoot: true} as unknown as ConstructorParameters<typeof Plugin>[0]);
	await own.load();
	const taken = new Set(own.commands.flatMap(({id, aliases}) => [id, ...aliases]));
	for (const plugin of found) keepTaken(plugin, taken);
	const ids = found.flatMap(({commands}) => commands.map(({id}) => id.replaceAll(':', ' ')));
	return {options: {...program, plugins: new Map([own, ...found].map(plugin => [plugin.name, plugin]))}, ids};
}
