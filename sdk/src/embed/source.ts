import {createHash} from 'node:crypto';
import {readdir, readFile, stat} from 'node:fs/promises';
import {join, parse} from 'node:path';
import {pathToFileURL} from 'node:url';
import {type AnyPlugin, type Contract, contract, reasonOf} from '@forgeone/core';
import {describe} from '@forgeone/wasm';
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
	/** What the kernel is to load. */
	readonly use: AnyPlugin | string;
	readonly provides: readonly Contract[];
}

/** Reads a component without running it, or imports a module that is trusted. Throws FORGE_EMBED_UNTRUSTED, FORGE_COMPONENT_*. */
export async function contentOf({name, file, lack}: Source, trusted: boolean): Promise<Content> {
	if (lack !== undefined) throw errors.FORGE_EMBED_FAILED({plugin: name, reason: lack});
	const digest = await digestOf(file);
	if (parse(file).ext === '.wasm') {
		const {exports} = await describe(await readFile(file));
		const provides = exports.flatMap(({name, functions = []}) => (functions.length > 0 ? [contract(name, functions)] : []));
		return {component: true, use: file, provides};
	}
	if (!trusted) throw errors.FORGE_EMBED_UNTRUSTED({plugin: name});
	// Node keeps a module for ever; with the digest, one that has changed is another.
	const {default: use} = await import(`${pathToFileURL(file).href}?${digest}`);
	return {component: false, use, provides: Object.values(Object(use).provides ?? {})};
}
