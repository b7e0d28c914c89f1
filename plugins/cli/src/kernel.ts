import {fileURLToPath} from 'node:url';
import {
	type AnyPlugin,
	appraisal,
	audit,
	containers,
	createKernel,
	findPlugin,
	type Kernel,
	type Log,
	listeners,
	networks,
	type PluginEntry,
	plugins,
	principals,
	volumes,
} from '@forgeone/sdk';
import type {Engine} from '@forgeone/sdk/client';
import {type Config, type Loaded, makeStateFolder, parseSize, stateFolder} from '@forgeone/sdk/config';

/** The subsystems, where a configuration names no others. */
const usual: Readonly<Record<string, PluginEntry>> = {
	audit: '@forgeone/plugin-security/audit',
	store: '@forgeone/plugin-storage/store',
	storage: '@forgeone/plugin-storage',
	security: '@forgeone/plugin-security',
	network: '@forgeone/plugin-network',
	runtime: '@forgeone/plugin-runtime',
};

/** Where plugins are looked for: from the folder of the configuration, and among those of this package. */
const foldersOf = ({folder}: Loaded) => [folder, fileURLToPath(new URL('..', import.meta.url))];

function entryOf(plugin: NonNullable<Config['plugins']>[string]): PluginEntry {
	if (typeof plugin === 'string') return plugin;
	const {use, config, limits: {memory, fuel} = {}} = plugin;
	const limits = {...(memory === undefined ? {} : {memoryBytes: Number(parseSize(memory))}), ...(fuel === undefined ? {} : {fuel})};
	return {use, config, limits};
}

const ownOf = ({config}: Loaded): Record<string, PluginEntry> =>
	Object.fromEntries(Object.entries(config.plugins ?? {}).map(([name, plugin]) => [name, entryOf(plugin)]));

/** Boots a kernel with the usual plugins, those of the configuration in their places, and `more`. */
export async function bootKernel(loaded: Loaded, more: Readonly<Record<string, PluginEntry>>, log?: Log): Promise<Kernel> {
	const state = stateFolder(process.env);
	await makeStateFolder(state);
	const {mode = 'production'} = loaded.config;
	const kernel = createKernel({mode, state, folders: foldersOf(loaded), ...(log ? {log} : {})});
	await kernel.boot({plugins: {...usual, ...more, ...ownOf(loaded)}});
	return kernel;
}

/** Loads one plugin as a kernel with this configuration would, without starting it. */
export const lookUp = async (loaded: Loaded, entry: PluginEntry): Promise<AnyPlugin> =>
	(await findPlugin(entry, foldersOf(loaded), [])).plugin;

/** Loads all plugins that a kernel would run, and plans their start. Throws what is in its way, as a provider that is missing or there twice. */
export async function rehearse(loaded: Loaded): Promise<void> {
	const kernel = createKernel({folders: foldersOf(loaded)});
	for (const [name, entry] of Object.entries({...usual, ...ownOf(loaded)})) await kernel.register(name, entry);
	// A link needs the plan of all; nothing is started for it.
	await kernel.link(principals);
}

/** The schemas of the configurations of all plugins that a kernel would run, where they have one. */
export async function configSchemas(loaded: Loaded): Promise<Record<string, object | undefined>> {
	const all = Object.entries({...usual, ...ownOf(loaded)});
	return Object.fromEntries(await Promise.all(all.map(async ([name, entry]) => [name, (await lookUp(loaded, entry)).config?.schema])));
}

/** The engine inside a kernel, in the name of the user of this process. Closing it stops the kernel. */
export async function engineOf(kernel: Kernel): Promise<Engine> {
	const identify = await kernel.link(principals);
	const user = await identify().user(process.getuid?.() ?? 0);
	const [forContainers, forVolumes, forPlugins, forListeners, forNetworks, forAppraisal, forAudit] = await Promise.all([
		kernel.link(containers),
		kernel.link(volumes),
		kernel.link(plugins),
		kernel.link(listeners),
		kernel.link(networks),
		kernel.link(appraisal),
		kernel.link(audit),
	]);
	return {
		containers: forContainers(user),
		volumes: forVolumes(user),
		plugins: forPlugins(user),
		listeners: forListeners(user),
		networks: forNetworks(user),
		appraisal: forAppraisal(user),
		audit: forAudit(user),
		close: () => kernel.stop(),
	};
}
