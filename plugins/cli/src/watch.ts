import {hash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {basename, dirname, relative, resolve} from 'node:path';
import {ForgeError} from '@forgeone/core';
import {type Built, readProject, watchProject} from '@forgeone/sdk/build';
import type {Engine} from '@forgeone/sdk/client';
import type {Loaded} from '@forgeone/sdk/config';
import {reconcile} from './reconcile.ts';
import {plain} from './text.ts';

/** A project below the folder of a configuration, and what of the configuration is made of it. */
export interface Watched {
	readonly folder: string;
	/** What a build of it writes. */
	readonly file: string;
	readonly plugins: readonly string[];
	readonly containers: readonly string[];
}

/** The project that a file is built by, if it is one's. */
async function projectOf(file: string): Promise<string | undefined> {
	if (basename(dirname(file)) !== 'build') return undefined;
	const folder = dirname(dirname(file));
	const project = await readProject(folder).catch(error => {
		if (error instanceof ForgeError && /^FORGE_BUILD_(EMPTY|FOLDER)$/.test(error.code)) return undefined;
		throw error;
	});
	return project?.file === file ? folder : undefined;
}

/** The projects of which plugins and containers of a configuration are made: those below its folder that a path leads to. */
export async function watchedOf({config, folder}: Loaded): Promise<Watched[]> {
	const plugins = Object.entries(config.plugins ?? {}).map(([name, entry]) => ({
		name,
		source: typeof entry === 'string' ? entry : entry.use,
	}));
	const containers = Object.entries(config.containers ?? {}).map(([name, {image}]) => ({name, source: image}));
	const at = ({source}: {readonly source: string}) => resolve(folder, source);
	const files = new Set([...plugins.filter(({source}) => /^[./]/.test(source)), ...containers].map(at));
	const named = (file: string, all: typeof plugins) => all.filter(one => at(one) === file).map(({name}) => name);
	const found = await Promise.all([...files].map(async file => ({file, folder: await projectOf(file)})));
	return found.flatMap(({file, folder: of}) =>
		of === undefined || relative(folder, of).startsWith('..')
			? []
			: [{folder: of, file, plugins: named(file, plugins), containers: named(file, containers)}],
	);
}

/** Puts what was built into the engine: each plugin in the place of the one that runs, containers anew. Tells what it did. */
export async function bring(engine: Engine, loaded: Loaded, {file, plugins, containers}: Watched): Promise<void> {
	const tell = (text: string) => console.error(plain(`forge: ${text}`));
	for (const name of plugins) {
		await engine.plugins.swap(name, file);
		tell(`${name} swapped`);
	}
	const wanted = Object.entries(loaded.config.containers ?? {}).filter(([name]) => containers.includes(name));
	if (wanted.length === 0) return;
	const changes = await reconcile(engine, {...loaded, config: {...loaded.config, containers: Object.fromEntries(wanted)}});
	for (const {name, done} of changes) tell(`${name} ${done}`);
}

/** Who is told what comes of each build. */
export interface Listener {
	built(built: Built): void;
	failed(error: Error): Promise<void>;
}

/** Builds a project now and at each change, until the signal; says of each build whether other bytes came of it than there were. */
export async function* buildsOf({folder, file}: Watched, signal: AbortSignal, {built, failed}: Listener): AsyncGenerator<boolean, void> {
	let digest = existsSync(file) ? `sha256:${hash('sha256', readFileSync(file))}` : '';
	for await (const outcome of watchProject(folder, signal)) {
		const before = digest;
		if (outcome instanceof Error) await failed(outcome);
		else {
			built(outcome);
			digest = outcome.digest;
		}
		yield digest !== before;
	}
}
