import {hash} from 'node:crypto';
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {bind, build, readWit, type Wit} from '../bindgen/index.ts';
import {componentize, type Engine} from './javascript.ts';
import {type Language, type Project, readProject, type Settings} from './project.ts';
import {parseText} from './text.ts';
import {compileTypeScript} from './typescript.ts';
import {type Outline, outlineOf} from './world.ts';

/** What came of a folder. */
export interface Built extends Outline {
	readonly folder: string;
	/** The artefact, an absolute path: a component, or the module of a TypeScript plugin. */
	readonly file: string;
	readonly language: Language;
	/** Of a component in JavaScript. */
	readonly engine?: Engine;
	/** Bytes of the artefact. */
	readonly size: number;
	/** `sha256:…` of the artefact. */
	readonly digest: string;
	/** How long it took. */
	readonly milliseconds: number;
}

/** What is said in place of what the project says. */
export type BuildProjectOptions = Pick<Settings, 'engine'>;

/** The bindings are written too, for an editor to read. */
async function assemble({entry, settings: {world, runtime}}: Project, wit: Wit): Promise<Uint8Array> {
	const options = {source: entry, wit, ...(world === undefined ? {} : {world})};
	await bind(options);
	return build({...options, ...(runtime === undefined ? {} : {runtime})});
}

type Made = Outline & {readonly bytes: Uint8Array; readonly engine?: Engine};

/** The bytes of a component, which nobody reads before they are known to be one, nor half of them. */
async function write(bytes: Uint8Array, {file}: Project): Promise<Made> {
	const outline = await outlineOf(bytes);
	const draft = `${file}.${process.pid}`;
	await mkdir(dirname(file), {recursive: true});
	await writeFile(draft, bytes);
	await rename(draft, file);
	return {bytes, ...outline};
}

async function make(project: Project): Promise<Made> {
	switch (project.language) {
		case 'typescript':
			await compileTypeScript(project);
			return {bytes: await readFile(project.file), imports: [], exports: []};
		case 'wat':
			return write(await parseText(project), project);
		case 'assemblyscript':
			return write(await assemble(project, await readWit(project.wit)), project);
		case 'javascript': {
			const {engine, bytes} = await componentize(project, await readWit(project.wit));
			return {...(await write(bytes, project)), engine};
		}
	}
}

/**
 * Builds the project in a folder, as its files say what it is: `assembly/index.ts` in AssemblyScript, `src/index.wat`, `src/index.js` or `src/index.ts`
 * with a folder `wit` as a component, `src/index.ts` without one as a plugin in TypeScript. Throws `FORGE_BUILD_*` and `FORGE_BINDGEN_*`; the
 * component that a former build left is then still there.
 */
export async function buildProject(folder: string, options: BuildProjectOptions = {}): Promise<Built> {
	const began = performance.now();
	const read = await readProject(folder);
	const project = {...read, settings: {...read.settings, ...options}};
	const {bytes, ...made} = await make(project);
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
