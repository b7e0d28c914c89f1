import {createHash} from 'node:crypto';
import {readdir, readFile, stat} from 'node:fs/promises';
import {join, parse} from 'node:path';
import {pathToFileURL} from 'node:url';
import {type AnyPlugin, type Contract, findPlugin, reasonOf} from '@forgeone/core';
import {describe, type Extern, type Limits} from '@forgeone/wasm';
import {errors} from '../errors.ts';
import {reserved} from './offer.ts';

const kinds: readonly string[] = ['.wasm', '.js', '.mjs'];
const named = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** A file that may be a plugin: its name is that of the file, without the ending. */
export interface Source {
	readonly name: string;
	readonly file: string;
	/** Why it is none, though it looks like one. */
	readonly lack?: string;
}

/** The files of a folder that are components or modules, by name. Throws FORGE_EMBED_FOLDER. */
export async function sourcesOf(folder: string): Promise<readonly Source[]> {
	const entries = await readdir(folder).catch(error => {
		throw errors.FORGE_EMBED_FOLDER({folder, reason: reasonOf(error)}, {cause: error});
	});
	const seen = new Set<string>();
	return entries
		.filter(entry => kinds.includes(parse(entry).ext))
		.sort()
		.map(entry => {
			const {name} = parse(entry);
			const lack = seen.has(name)
				? 'another file has its name'
				: named.test(name) && !reserved.includes(name)
					? undefined
					: 'it can not be named so';
			seen.add(name);
			return {name: lack === undefined ? name : entry, file: join(folder, entry), ...(lack === undefined ? {} : {lack})};
		});
}

/** The digest of a file. What is no file is never opened: reading it might not end. */
export async function digestOf(file: string): Promise<string> {
	if (!(await stat(file)).isFile()) throw new Error('it is no file');
	return createHash('sha256')
		.update(await readFile(file))
		.digest('hex');
}

/** What is in the file of a plugin. */
export interface Content {
	readonly component: boolean;
	/** What the kernel is to run. */
	readonly use: AnyPlugin;
	readonly provides: readonly Contract[];
}

/** Gives of its imports what is no contract, by their names. */
export type Host = (imports: readonly Extern[]) => Readonly<Record<string, object>>;

/** The same component, which is given what `host` has in place of what others provide. */
function hosted(component: AnyPlugin, host: Readonly<Record<string, object>>): AnyPlugin {
	const given = Object.entries(host).map(([id, functions]) => [id, Object.assign(() => functions, {sync: () => functions})]);
	return {
		...component,
		uses: Object.fromEntries(Object.entries(component.uses ?? {}).filter(([id]) => !Object.hasOwn(host, id))),
		setup: context => component.setup({...context, uses: {...context.uses, ...Object.fromEntries(given)}}),
	};
}

/** Reads a component without running it, or imports a module that is trusted. Throws FORGE_EMBED_UNTRUSTED, FORGE_COMPONENT_*. */
export async function contentOf({name, file, lack}: Source, trusted: boolean, limits: Limits, host: Host): Promise<Content> {
	if (lack !== undefined) throw errors.FORGE_EMBED_FAILED({plugin: name, reason: lack});
	const digest = await digestOf(file);
	if (parse(file).ext === '.wasm') {
		const {imports} = await describe(await readFile(file));
		const {plugin} = await findPlugin({use: file, limits}, [], []);
		return {component: true, use: hosted(plugin, host(imports)), provides: Object.values(plugin.provides ?? {})};
	}
	if (!trusted) throw errors.FORGE_EMBED_UNTRUSTED({plugin: name});
	// Node keeps a module for ever; with the digest, one that has changed is another.
	const {default: use} = await import(`${pathToFileURL(file).href}?${digest}`);
	return {component: false, use, provides: Object.values(Object(use).provides ?? {})};
}
