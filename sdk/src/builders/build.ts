import {hash} from 'node:crypto';
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {checkVersions} from '@forgeone/wasm';
import {bind, build} from '../bindgen/index.ts';
import {componentize, type Engine} from './javascript.ts';
import type {Making} from './making.ts';
import {type Language, type Project, readProject, type Settings} from './project.ts';
import {parseText} from './text.ts';
import {compileTypeScript} from './typescript.ts';
import {beyond, type Outline, outlineOf, readWorld, type World} from './world.ts';

/** What came of a folder. The imports and exports are those of a component; a plugin in TypeScript has none. */
export interface Built extends Outline {
	readonly folder: string;
	/** The artefact, an absolute path: a component, or the module of a TypeScript plugin. */
	readonly file: string;
	readonly language: Language;
	/** Of a component in JavaScript. */
	readonly engine?: Engine;
	/** Bytes of the artefact; of all its modules together where they are several. */
	readonly size: number;
	/** `sha256:…` of the same. */
	readonly digest: string;
	/** What it imports although its world does not: an engine's own needs. */
	readonly beyond: readonly string[];
	/** How long it took. */
	readonly milliseconds: number;
}

export interface BuildProjectOptions {
	/** In place of the engine that the project names. */
	readonly engine?: Engine;
	/** Ends the build early; it then fails. */
	readonly signal?: AbortSignal;
	/** Is told what is done from now on, in a word or three. */
	readonly onStep?: (what: string) => void;
}

type Made = Pick<Built, 'imports' | 'exports' | 'beyond' | 'engine'> & {readonly bytes: Uint8Array};

/** The bindings are written too, for an editor to read. */
async function assemble({project: {entry, settings}, step}: Making, {wit, name}: World): Promise<Uint8Array> {
	step('compiling');
	await bind({source: entry, wit, world: name});
	return build({source: entry, wit, world: name, ...(settings.runtime === undefined ? {} : {runtime: settings.runtime})});
}

/** Keeps a component where nobody reads it before it is known to be one, nor half of it. */
async function keep(bytes: Uint8Array, {project: {file}}: Making, world: Outline | undefined): Promise<Made> {
	const outline = await outlineOf(bytes);
	checkVersions(file, [...outline.imports, ...outline.exports]);
	const draft = `${file}.${process.pid}`;
	await mkdir(dirname(file), {recursive: true});
	await writeFile(draft, bytes);
	await rename(draft, file);
	return {bytes, ...outline, beyond: world === undefined ? [] : beyond(outline, world)};
}

async function make(making: Making): Promise<Made> {
	const {project, step} = making;
	if (project.language === 'typescript') {
		step('compiling');
		const modules = await compileTypeScript(making);
		const bytes = Buffer.concat(await Promise.all(modules.map(file => readFile(file))));
		return {bytes, imports: [], exports: [], beyond: []};
	}
	if (project.language === 'wat') return keep(await parseText(project), making, undefined);
	step('reading its world');
	const world = await readWorld(project.wit, project.settings.world);
	if (project.language === 'assemblyscript') return keep(await assemble(making, world), making, world.outline);
	const {engine, bytes} = await componentize(making, world);
	return {...(await keep(bytes, making, world.outline)), engine};
}

const withEngine = (project: Project, engine: Engine | undefined): Project =>
	engine === undefined ? project : {...project, settings: {...project.settings, engine} satisfies Settings};

/**
 * Builds the project in a folder, as its files say what it is: `assembly/index.ts` in AssemblyScript, `src/index.wat`, `src/index.js` or `src/index.ts`
 * with a folder `wit` as a component, `src/index.ts` without one as a plugin in TypeScript. Throws `FORGE_BUILD_*`, `FORGE_BINDGEN_*` and `FORGE_CONTRACT_VERSION`; the
 * component that a former build left is then still there.
 */
export async function buildProject(folder: string, {engine, signal, onStep}: BuildProjectOptions = {}): Promise<Built> {
	const began = performance.now();
	const project = withEngine(await readProject(folder), engine);
	const {bytes, ...made} = await make({project, signal, step: onStep ?? (() => undefined)});
	return {
		folder: project.folder,
		file: project.file,
		language: project.language,
		size: bytes.length,
		digest: `sha256:${hash('sha256', bytes)}`,
		...made,
		milliseconds: Math.round(performance.now() - began),
	};
}
