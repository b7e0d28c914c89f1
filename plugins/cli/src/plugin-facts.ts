import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {type AnyPlugin, findPlugin, reasonOf, resolvePlugin} from '@forgeone/core';
import type {Engine} from '@forgeone/sdk/client';
import {loadConfig} from '@forgeone/sdk/config';
import {type Appraisal, outline, type Plugins, signature} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {type Interface, worldOf} from './wit.ts';

/** What the file of a plugin has; more of it where it is a component. */
interface FileFacts {
	readonly file: string;
	readonly size: number;
	readonly digest: string;
	/** In bytes, each memory; without a maximum it takes what it may. */
	readonly memories?: readonly {readonly min: number; readonly max?: number}[];
	readonly world?: {readonly imports: readonly Interface[]; readonly exports: readonly Interface[]};
}

/** All there is to know about a plugin that runs, or a file that may become one. */
export interface PluginFacts extends Partial<FileFacts>, Partial<Plugins.Plugin> {
	/** Why there are no facts of its file, or why the file is no plugin. */
	readonly lack?: string;
	readonly trust?: Appraisal.Vector;
	/** The JSON Schema of its configuration. */
	readonly config?: unknown;
}

const PAGE = 65_536;

/** A file is one by its path or its ending; anything else is the name of a plugin. */
export const isFile = (text: string): boolean => /[/\\]|\.(wasm|[cm]?[jt]s)$/.test(text);

async function fileFacts(file: string): Promise<FileFacts> {
	const bytes = await readFile(file).catch(error => {
		throw errors.FORGE_CLI_FILE({file, reason: reasonOf(error)}, {cause: error});
	});
	const facts = {file, size: bytes.length, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`};
	if (!file.endsWith('.wasm')) return facts;
	const {memories} = await outline(bytes);
	const world = worldOf(await signature(bytes));
	return {...facts, memories: memories.map(({min, max}) => ({min: min * PAGE, ...(max === undefined ? {} : {max: max * PAGE})})), world};
}

/** What anybody may know of an artefact that is given no power, and runs in the kernel's own thread. */
const appraise = ({appraisal}: Engine, digest: string, imports: readonly string[]): Promise<Appraisal.Vector> =>
	appraisal.appraise({digest, imports: [...imports], powers: [], isolation: 'inline'});

/** What a kernel would make of a file: nothing of it is run. */
async function asPlugin(file: string): Promise<Pick<PluginFacts, 'artefact' | 'config' | 'lack'>> {
	try {
		const {plugin} = await findPlugin(file, ['.'], []);
		return {...(plugin.artefact && {artefact: plugin.artefact}), ...schemaOf(plugin)};
	} catch (error) {
		return {lack: reasonOf(error)};
	}
}

const schemaOf = ({config}: AnyPlugin): Pick<PluginFacts, 'config'> => {
	const {schema} = Object(config) as {schema?: unknown};
	return schema === undefined ? {} : {config: schema};
};

/** The facts of a file. A module is not imported: what it provides shows once it runs. Throws FORGE_CLI_FILE, FORGE_COMPONENT_*. */
export async function factsOfFile(engine: Engine, file: string): Promise<PluginFacts> {
	const facts = await fileFacts(file);
	if (!facts.world) return {...facts, implementation: 'typescript', lack: 'a module is not run to be looked at'};
	const trust = await appraise(
		engine,
		facts.digest,
		facts.world.imports.map(({name}) => name),
	);
	return {implementation: 'component', ...facts, ...(await asPlugin(file)), trust};
}

/** The facts of a plugin that runs; those of its file only while that is what runs. */
export async function factsOfPlugin(engine: Engine, plugin: Plugins.Plugin): Promise<PluginFacts> {
	const {artefact, source, uses} = plugin;
	const trust = artefact && {trust: await appraise(engine, artefact.digest, uses)};
	if (source === undefined) return {...plugin, ...trust};
	const {folder} = await loadConfig(process.cwd());
	const folders = [folder, fileURLToPath(new URL('..', import.meta.url))];
	try {
		const facts = await fileFacts(resolvePlugin(source, folders));
		if (artefact && artefact.digest !== facts.digest)
			return {...plugin, ...trust, digest: artefact.digest, lack: 'its file is another by now'};
		return {...facts, ...plugin, ...schemaOf((await findPlugin(source, folders, [])).plugin), ...trust};
	} catch (error) {
		return {...plugin, ...trust, lack: reasonOf(error)};
	}
}
