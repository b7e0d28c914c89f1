import {existsSync, readFileSync} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {reasonOf} from '@forgeone/core';
import {ForgeError} from '@forgeone/wasm';
import {type Mismatch, nearest} from '../client/codec.ts';
import {errors} from '../errors.ts';
import type {Config} from './schema.ts';

/** A configuration, and the folder from which its paths count. */
export interface Loaded {
	readonly config: Config;
	readonly folder: string;
	/** Undefined where there is none. */
	readonly file?: string;
}

const places = ['forge.config.ts', 'forge.config.js', 'forge.config.json', 'forge.config.yaml'];

/** Where the configuration of a folder is: looked for before any library is loaded, for most commands have none. */
function find(folder: string): string | undefined {
	const found = places.map(place => join(folder, place)).find(existsSync);
	if (found) return found;
	const manifest = join(folder, 'package.json');
	try {
		return Object.hasOwn(JSON.parse(readFileSync(manifest, 'utf8')), 'forge') ? manifest : undefined;
	} catch {
		return undefined;
	}
}

const asYaml = async (_: string, text: string) => (await import('./yaml.ts')).documentOf(text).toJS();

const asModule = async (path: string) => (await import(pathToFileURL(path).href)).default;

async function read(file: string): Promise<unknown> {
	const {cosmiconfig, defaultLoaders} = await import('cosmiconfig');
	const explorer = cosmiconfig('forge', {
		stopDir: dirname(file),
		loaders: {
			...defaultLoaders,
			'.ts': asModule,
			'.js': asModule,
			'.json': (path, text) => JSON.parse(text) ?? path,
			'.yaml': asYaml,
			'.yml': asYaml,
		},
	});
	return (await explorer.load(file))?.config;
}

const forbidden = ['__proto__', 'constructor', 'prototype'];

/** Refuses keys that reach into prototypes, wherever they are: parts of a configuration are handed to plugins as they are. */
function refusePrototypes(value: unknown, file: string, where: string): void {
	if (typeof value !== 'object' || value === null) return;
	for (const key of Object.getOwnPropertyNames(value)) {
		if (forbidden.includes(key)) throw errors.FORGE_CONFIG_INVALID({file, where, reason: `the key "${key}" is not allowed`});
		refusePrototypes((value as Record<string, unknown>)[key], file, key);
	}
}

const failing =
	(file: string) =>
	({where, reason, unknown}: Mismatch): never => {
		if (!unknown) throw errors.FORGE_CONFIG_INVALID({file, where: where === '' ? 'the top' : `"${where}"`, reason});
		throw errors.FORGE_CONFIG_UNKNOWN({
			file,
			where: where === '' ? 'at the top of' : `in "${where}" of`,
			key: unknown.key,
			nearest: nearest(unknown.key, unknown.known) ?? '',
		});
	};

/** A configuration, checked. Throws FORGE_CONFIG_UNKNOWN with the nearest known key, FORGE_CONFIG_INVALID. */
export async function checkConfiguration(value: unknown, file: string): Promise<Config> {
	refusePrototypes(value, file, 'the top');
	const {Config} = await import('./schema.ts');
	const {decode} = await import('../client/codec.ts');
	return decode(Config, value, failing(file));
}

/**
 * The configuration in `file`, or the one that `folder` has, or an empty one. Throws FORGE_CONFIG_MISSING, FORGE_CONFIG_UNREADABLE,
 * FORGE_CONFIG_UNKNOWN with the nearest known key, FORGE_CONFIG_INVALID.
 */
export async function loadConfig(folder: string, file?: string): Promise<Loaded> {
	const path = file === undefined ? find(folder) : resolve(folder, file);
	if (path === undefined) return {config: {}, folder};
	if (!existsSync(path)) throw errors.FORGE_CONFIG_MISSING({file: path});
	const name = basename(path);
	let value: unknown;
	try {
		value = (await read(path)) ?? {};
	} catch (error) {
		if (error instanceof ForgeError) throw error;
		throw errors.FORGE_CONFIG_UNREADABLE({file: name, reason: reasonOf(error)}, {cause: error});
	}
	return {config: await checkConfiguration(value, name), folder: dirname(path), file: path};
}
