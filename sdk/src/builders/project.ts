import {existsSync} from 'node:fs';
import {readFile, realpath} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {basename, isAbsolute, join, relative, resolve, sep} from 'node:path';
import {reasonOf} from '@forgeone/core';
import {type Static, Type} from 'typebox';
import {decode, nearest} from '../client/codec.ts';
import {errors} from '../errors.ts';

const Settings = Type.Object({
	world: Type.Optional(Type.String({description: 'the world of the WIT, where it has several'})),
	engine: Type.Optional(Type.Enum(['starlingmonkey', 'quickjs'])),
	entry: Type.Optional(Type.String({description: 'the module to begin with'})),
	runtime: Type.Optional(Type.Enum(['incremental', 'minimal', 'stub'], {description: "AssemblyScript's collector"})),
});

/** What a project says of itself in its `package.json`, under the key `forgeone`. */
export type Settings = Static<typeof Settings>;

/** A folder that can be built, as its files say. Paths are absolute. */
export type Project = Named & (Component | {readonly language: 'typescript'} | {readonly language: 'wat'});

/** What is made by a world. */
interface Component {
	readonly language: 'assemblyscript' | 'javascript';
	/** The folder of its WIT. */
	readonly wit: string;
}

/** What a project is written in, which decides how it is built. */
export type Language = Project['language'];

interface Named {
	readonly folder: string;
	/** Of the package, without its scope; of the folder where there is no package. */
	readonly name: string;
	readonly entry: string;
	readonly settings: Settings;
	/** What a build writes. */
	readonly file: string;
}

/** Where a project begins, if it does not say so. */
const places = ['assembly/index.ts', 'src/index.wat', 'src/index.ts', 'src/index.js'];

interface Manifest {
	readonly name?: unknown;
	readonly forgeone?: unknown;
	readonly dependencies?: object;
	readonly devDependencies?: object;
}

/** The package of a folder; an empty one where there is none. */
async function manifestOf(folder: string): Promise<Manifest> {
	const file = join(folder, 'package.json');
	try {
		const manifest = JSON.parse(await readFile(file, 'utf8'));
		return typeof manifest === 'object' && manifest !== null ? manifest : {};
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
		throw errors.FORGE_BUILD_MANIFEST({file, where: 'it', reason: reasonOf(cause)}, {cause});
	}
}

/** Refuses a folder whose packages nobody has installed; what tools would say of that is long. */
function checkInstalled(folder: string, {dependencies, devDependencies}: Manifest): void {
	const {resolve} = createRequire(join(folder, 'package.json'));
	const there = (name: string) => resolve.paths(name)?.some(place => existsSync(join(place, name)));
	const missing = Object.keys({...dependencies, ...devDependencies}).find(name => !there(name));
	if (missing !== undefined) throw errors.FORGE_BUILD_INSTALL({folder, package: missing});
}

function settingsOf(value: unknown, file: string): Settings {
	return decode(Settings, value, ({where, reason, unknown}) => {
		const near = unknown && nearest(unknown.key, unknown.known);
		const hint = near === undefined ? '' : `, did you mean "${near}"?`;
		throw errors.FORGE_BUILD_MANIFEST({file, where: `"${['forgeone', where].filter(Boolean).join('.')}"`, reason: reason + hint});
	});
}

const within = (folder: string, path: string): boolean => {
	const way = relative(folder, path);
	return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/** The module that a project begins with: the one that it names, or the only one that is there. No link leads out of the folder. */
async function entryOf(folder: string, named: string | undefined): Promise<string> {
	const found = named === undefined ? places.filter(place => existsSync(join(folder, place))) : [named];
	const [entry, ...others] = found;
	if (entry === undefined) throw errors.FORGE_BUILD_EMPTY({folder});
	if (others.length > 0) throw errors.FORGE_BUILD_ENTRIES({folder, entries: found.join(', ')});
	const path = resolve(folder, entry);
	if (!within(folder, path)) throw errors.FORGE_BUILD_OUTSIDE({folder, entry});
	if (!existsSync(path)) throw errors.FORGE_BUILD_ENTRY({folder, entry});
	if (!within(await realpath(folder), await realpath(path))) throw errors.FORGE_BUILD_OUTSIDE({folder, entry});
	return path;
}

function languageOf(folder: string, entry: string): Language {
	const path = relative(folder, entry);
	if (path.endsWith('.wat')) return 'wat';
	if (path.startsWith(`assembly${sep}`)) return 'assemblyscript';
	if (path.endsWith('.ts') && !existsSync(join(folder, 'wit'))) return 'typescript';
	return 'javascript';
}

/** Reads what a folder is. Throws `FORGE_BUILD_*` where it is nothing that can be built, or several things at once. */
export async function readProject(path: string): Promise<Project> {
	const folder = resolve(path);
	if (!existsSync(folder)) throw errors.FORGE_BUILD_FOLDER({folder});
	const manifest = await manifestOf(folder);
	const file = join(folder, 'package.json');
	const name = String(manifest.name ?? basename(folder)).replace(/^@[^/]*\//, '');
	if (!/^[\w-][\w.-]*$/.test(name)) throw errors.FORGE_BUILD_MANIFEST({file, where: '"name"', reason: `"${name}" is no name of a package`});
	checkInstalled(folder, manifest);
	const settings = settingsOf(manifest.forgeone ?? {}, file);
	const entry = await entryOf(folder, settings.entry);
	const language = languageOf(folder, entry);
	const made = language === 'typescript' ? basename(entry).replace(/ts$/, 'js') : `${name}.wasm`;
	const named = {folder, name, entry, settings, file: join(folder, 'build', made)};
	if (language === 'typescript' || language === 'wat') return {...named, language};
	const wit = join(folder, 'wit');
	if (!existsSync(wit)) throw errors.FORGE_BUILD_WIT({folder, entry: relative(folder, entry)});
	return {...named, language, wit};
}
