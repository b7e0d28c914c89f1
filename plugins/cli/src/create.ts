import {existsSync} from 'node:fs';
import {mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {basename, dirname, join, relative, resolve} from 'node:path';
import {reasonOf} from '@forgeone/core';
import {nearest} from '@forgeone/sdk/client';
import {makeFolders} from '@forgeone/sdk/config';
import type {Choice} from './ask.ts';
import {errors} from './errors.ts';
import {version} from './program.ts';
import {plain} from './text.ts';

/** What was made, and what to type next, as its README says it. */
export interface Created {
	readonly name: string;
	readonly template: string;
	readonly folder: string;
	readonly next: readonly string[];
}

const home = dirname(createRequire(import.meta.url).resolve('@forgeone/templates/package.json'));

/** What a build or an install leaves in a template of this repository. */
const made = new Set(['build', 'bindings', 'node_modules']);

/** npm packs no `.gitignore`. */
const renamed: Readonly<Record<string, string>> = {gitignore: '.gitignore'};

/** Every template: a project whose name stands in its files wherever that of a project made of it shall. */
export async function listTemplates(): Promise<Choice[]> {
	const folders = (await readdir(home, {withFileTypes: true})).filter(entry => entry.isDirectory() && !made.has(entry.name));
	const names = folders.map(({name}) => name).sort();
	return Promise.all(
		names.map(async name => ({name, description: JSON.parse(await readFile(join(home, name, 'package.json'), 'utf8')).description})),
	);
}

/** The files below a folder, by their paths from there. */
async function filesOf(folder: string): Promise<string[]> {
	const entries = (await readdir(folder, {withFileTypes: true})).filter(({name}) => !made.has(name));
	const below = await Promise.all(
		entries.map(async entry => {
			if (!entry.isDirectory()) return [entry.name];
			return (await filesOf(join(folder, entry.name))).map(path => join(entry.name, path));
		}),
	);
	return below.flat();
}

/** The `package.json` of a template as that of a project: its name, and the packages of this ForgeOne. */
function manifest(text: string, name: string): string {
	const read = JSON.parse(text);
	for (const packages of [read.dependencies, read.devDependencies]) {
		for (const key of Object.keys(packages ?? {})) if (key.startsWith('@forgeone/')) packages[key] = `^${version}`;
	}
	return `${JSON.stringify({...read, name}, null, '\t')}\n`;
}

/** Throws FORGE_PROJECT_EXISTS for a folder that has something in it, or a file in its place. */
async function refuseFilled(folder: string): Promise<void> {
	if (!existsSync(folder)) return;
	const found = (await stat(folder)).isDirectory() ? await readdir(folder) : [folder];
	if (found.length > 0) throw errors.FORGE_PROJECT_EXISTS({folder});
}

/** The commands that a README begins with. */
const firstCommands = (readme: string): string[] => /^```sh\n(.*?)^```/ms.exec(readme)?.[1]?.trim().split('\n') ?? [];

async function copy(from: string, to: string, fill: (text: string, path: string) => string): Promise<void> {
	for (const path of await filesOf(from)) {
		const target = join(to, dirname(path), renamed[basename(path)] ?? basename(path));
		await mkdir(dirname(target), {recursive: true});
		await writeFile(target, fill(await readFile(join(from, path), 'utf8'), path), {flag: 'wx'});
	}
}

/**
 * Makes a project of a template, in a folder that is not there or is empty. Nothing is fetched: what `npm install` needs is npm's affair.
 * Throws FORGE_PROJECT_NAME, FORGE_TEMPLATE_UNKNOWN, FORGE_PROJECT_EXISTS, FORGE_PROJECT_UNWRITABLE, before anything is written but the last.
 */
export async function createProject(asked: {
	readonly template: string;
	readonly name: string;
	readonly folder?: string | undefined;
}): Promise<Created> {
	const {template, name} = asked;
	const [, short] = /^(?:@[a-z0-9][a-z0-9._-]*\/)?([a-z0-9][a-z0-9._-]{0,62})$/.exec(name) ?? [];
	if (short === undefined) throw errors.FORGE_PROJECT_NAME({name});
	const names = (await listTemplates()).map(({name}) => name);
	if (!names.includes(template))
		throw errors.FORGE_TEMPLATE_UNKNOWN({template, nearest: nearest(template, names) ?? '', names: names.join(', ')});
	const folder = resolve(asked.folder ?? short);
	const word = new RegExp(`\\b${RegExp.escape(template)}\\b`, 'g');
	try {
		await refuseFilled(folder);
		await makeFolders(folder);
		await copy(join(home, template), folder, (text, path) => {
			const named = text.replaceAll(word, short);
			return path === 'package.json' ? manifest(named, name) : named;
		});
	} catch (cause) {
		if (!(cause as NodeJS.ErrnoException).syscall) throw cause;
		throw errors.FORGE_PROJECT_UNWRITABLE({folder, reason: reasonOf(cause)}, {cause});
	}
	return {name, template, folder, next: firstCommands(await readFile(join(folder, 'README.md'), 'utf8'))};
}

/** What was made, in words, with the way into its folder. */
export function told({name, template, folder, next}: Created): string {
	const here = relative('', folder);
	const way = here === '' ? [] : [`cd ${/^[\w./@-]+$/.test(here) ? here : `'${here.replaceAll("'", "'\\''")}'`}`];
	return plain([`${name} is there, made of ${template}. Next:`, ...[...way, ...next].map(line => `  ${line}`)].join('\n'));
}
