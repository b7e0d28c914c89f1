import {readdir, readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {nearest} from '../client/codec.ts';
import {errors} from '../errors.ts';
import {type Scanned, scan} from './scan.ts';
import {packageName, supply} from './supply.ts';

/** A file of WIT. */
interface WitFile {
	readonly file: string;
	readonly text: string;
	readonly scanned: Scanned;
}

/** A whole WIT: one text that the tools read, and the files that it was made of. */
export interface Wit {
	readonly text: string;
	readonly files: readonly WitFile[];
	/** The package of the files that were named, without those that they depend on. */
	readonly package: string;
	/** The doc comments of all, by path: package, interface or world, type or function, field or case, joined by spaces. */
	readonly docs: ReadonlyMap<string, string>;
}

/** The line and the column of an offset, both from 1, and what stands in that line. */
function placeOf(text: string, offset: number): {line: number; column: number; text: string} {
	const before = text.slice(0, offset).split('\n');
	const line = text.split('\n', before.length).at(-1) ?? '';
	return {line: before.length, column: (before.at(-1) ?? '').length + 1, text: line.trim()};
}

function witFile(file: string, text: string): WitFile {
	try {
		return {file, text, scanned: scan(text)};
	} catch (cause) {
		if (!(cause instanceof SyntaxError && 'position' in cause)) throw cause;
		throw errors.FORGE_BINDGEN_SYNTAX({file, ...placeOf(text, Number(cause.position)), reason: cause.message}, {cause});
	}
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function filesIn(folder: string): Promise<WitFile[]> {
	const names = (await readdir(folder)).filter(name => name.endsWith('.wit')).sort();
	return Promise.all(names.map(async name => witFile(join(folder, name), await readFile(join(folder, name), 'utf8'))));
}

/** The packages below `deps`: a folder each, or a file each. */
async function dependencies(folder: string): Promise<WitFile[][]> {
	const entries = await readdir(folder, {withFileTypes: true}).catch(error => {
		if (isMissing(error)) return [];
		throw error;
	});
	const folders = entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
	const single = (await (entries.length === 0 ? [] : filesIn(folder))).map(file => [file]);
	return [...single, ...(await Promise.all(folders.sort().map(name => filesIn(join(folder, name)))))];
}

/** The text of a file without its own package statement and without the packages within it; those, apart. */
function split({text, scanned: {header, nested}}: WitFile): {own: string; nested: string[]} {
	const cuts = [...nested, ...(header === undefined ? [] : [header])].sort((a, b) => b.start - a.start);
	const own = cuts.reduce((left, {start, end}) => left.slice(0, start) + left.slice(end), text);
	return {own, nested: nested.map(({start, end}) => text.slice(start, end))};
}

const packageOf = (files: readonly WitFile[]): string | undefined =>
	files.flatMap(({scanned: {header}}) => (header === undefined ? [] : [header.id]))[0];

/** A file that does not name its package belongs to that of the files beside it. */
const docsOf = (files: readonly WitFile[], id: string): [path: string, prose: string][] =>
	files.flatMap(({scanned}) => [...scanned.docs].map(([path, prose]): [string, string] => [path.replace(/^(?= )/, id), prose]));

function merge(main: readonly WitFile[], others: readonly (readonly WitFile[])[], where: string): Wit {
	const id = packageOf(main);
	if (id === undefined) throw errors.FORGE_BINDGEN_WIT({where, reason: 'no file names its package'});
	const parts = main.map(split);
	const texts = [`package ${id};`, ...parts.map(({own}) => own), ...parts.flatMap(({nested}) => nested)];
	const docs = new Map(docsOf(main, id));
	const seen = new Set([id]);
	for (const files of others) {
		const name = packageOf(files);
		if (name !== undefined && seen.has(name)) continue;
		for (const [path, prose] of docsOf(files, name ?? '')) docs.set(path, prose);
		const pieces = files.map(split);
		if (name !== undefined) texts.push(`package ${name} {`, ...pieces.map(({own}) => own), '}');
		texts.push(...pieces.flatMap(({nested}) => nested));
		seen.add(name ?? '');
	}
	// The tools fall over a block comment without anything in it, and never rise again.
	return {text: `${texts.join('\n').replaceAll('/**/', '/* */')}\n`, files: [...main, ...others.flat()], package: id, docs};
}

/** The packages that files speak of and do not have, as far as they come with the SDK, and what those speak of in turn. */
async function supplied(files: readonly WitFile[]): Promise<WitFile[]> {
	const there = new Set(files.flatMap(({scanned: {header, nested}}) => [header, ...nested].map(one => one?.id)));
	const all = [...files];
	for (const file of all) {
		for (const [id, start] of file.scanned.mentions) {
			if (there.has(id)) continue;
			there.add(id);
			const {text, versions} = await supply(id);
			if (text !== undefined) all.push(witFile(id, text));
			else if (versions.length > 0) throw otherVersion(file, start, id, versions);
		}
	}
	return all.slice(files.length);
}

function otherVersion({file, text}: WitFile, start: number, asked: string, versions: readonly string[]): Error {
	const {name} = packageName(asked);
	const provided = versions.map(version => `"${name}@${version}"`).join(' and ');
	return errors.FORGE_BINDGEN_VERSION({file, ...placeOf(text, start), asked, provided});
}

/** A WIT from its text; `file` is what errors call it. */
export const witOf = (text: string, file = 'world.wit'): Wit => merge([witFile(file, text)], [], file);

/** One file of a package, or several packages in a folder as it is laid out below `deps`. */
async function others(path: string): Promise<WitFile[][]> {
	return (await stat(path)).isDirectory() ? dependencies(path) : [[witFile(path, await readFile(path, 'utf8'))]];
}

/**
 * Reads a WIT: a file, or a folder as the tools lay it out, with the packages that it depends on below `deps`; `more` are further files or
 * folders of such packages. Throws `FORGE_BINDGEN_MISSING`, or `FORGE_BINDGEN_SYNTAX` with file, line and column.
 */
export async function readWit(path: string, ...more: readonly string[]): Promise<Wit> {
	let at = path;
	try {
		const folder = (await stat(path)).isDirectory();
		const main = folder ? await filesIn(path) : [witFile(path, await readFile(path, 'utf8'))];
		if (main.length === 0) throw errors.FORGE_BINDGEN_MISSING({path});
		const found = folder ? await dependencies(join(path, 'deps')) : [];
		for (at of more) found.push(...(await others(at)));
		const own = [...main, ...found.flat()];
		return merge(main, [...found, ...(await supplied(own)).map(file => [file])], path);
	} catch (error) {
		if (isMissing(error)) throw errors.FORGE_BINDGEN_MISSING({path: at}, {cause: error});
		throw error;
	}
}

/**
 * The name by which the tools find a world; without one asked for, the only one of the package. Throws `FORGE_BINDGEN_WORLD`, which names the
 * nearest and all, and `FORGE_BINDGEN_WORLDS` where none of several is asked for.
 */
export function worldName(wit: Wit, asked: string | undefined): string {
	const all = wit.files.flatMap(({scanned}) => scanned.worlds.map(world => ({...world, package: world.package || wit.package})));
	const own = all.filter(world => world.package === wit.package).map(({name}) => name);
	const names = [...own, ...all.map(world => fullName(world))];
	const worlds = own.join(', ') || 'none';
	if (asked === undefined && own.length !== 1) throw errors.FORGE_BINDGEN_WORLDS({package: wit.package, count: own.length, worlds});
	const found = asked === undefined ? own[0] : names.find(name => name === asked || name.replace(/@.*$/, '') === asked);
	if (found === undefined) throw errors.FORGE_BINDGEN_WORLD({world: asked ?? '', worlds, nearest: nearest(asked ?? '', names) ?? ''});
	return found;
}

function fullName({package: id, name}: {readonly package: string; readonly name: string}): string {
	const [path = '', version] = id.split('@');
	return `${path}/${name}${version === undefined ? '' : `@${version}`}`;
}

/** What a tool says, on one line. */
export const onOneLine = (cause: unknown): string => String(cause instanceof Error ? cause.message : cause).replace(/\s*\n\s*/g, ' ');

/** What the tools refused, with the place of the name that they complain of where it is found. */
export function refusal(wit: Wit, cause: unknown): Error {
	const reason = onOneLine(cause);
	const [, name] = /[`'"]([^`'"]+)[`'"]/.exec(reason) ?? [];
	const word = name?.split(/[/@]/)[0]?.split(':')[0];
	for (const {file, text, scanned} of wit.files) {
		const offset = word === undefined ? undefined : scanned.tokens.find(word, /more than once/.test(reason) ? 1 : 0);
		if (offset !== undefined) return errors.FORGE_BINDGEN_SYNTAX({file, ...placeOf(text, offset), reason}, {cause});
	}
	return errors.FORGE_BINDGEN_WIT({where: wit.files[0]?.file ?? '', reason}, {cause});
}
