import {hash} from 'node:crypto';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {describe} from '@forgeone/wasm';
import {bind, build, readWit} from '../bindgen/index.ts';
import {errors} from '../errors.ts';
import {type Language, type Project, readProject, type Settings} from './project.ts';
import {compileTypeScript} from './typescript.ts';

/** What came of a folder. */
export interface Built {
	readonly folder: string;
	/** The artefact, an absolute path: a component, or the module of a TypeScript plugin. */
	readonly file: string;
	readonly language: Language;
	/** Bytes of the artefact. */
	readonly size: number;
	/** `sha256:…` of the artefact. */
	readonly digest: string;
	/** Of a component, by name and in its order. */
	readonly imports: readonly string[];
	readonly exports: readonly string[];
	/** How long it took. */
	readonly milliseconds: number;
}

/** What is said in place of what the project says. */
export type BuildProjectOptions = Pick<Settings, 'engine'>;

/** The bindings are written too, for an editor to read. */
async function assemble({entry, wit = '', settings: {world, runtime}}: Project): Promise<Uint8Array> {
	const options = {source: entry, wit: await readWit(wit), ...(world === undefined ? {} : {world})};
	await bind(options);
	return build({...options, ...(runtime === undefined ? {} : {runtime})});
}

const makers: Partial<Record<Language, (project: Project) => Promise<Uint8Array>>> = {assemblyscript: assemble};

async function make(project: Project): Promise<void> {
	const {language, folder, file} = project;
	if (language === 'typescript') return compileTypeScript(project);
	const maker = makers[language];
	if (maker === undefined) throw errors.FORGE_BUILD_FAILED({folder, reason: `there is no builder for ${language}`});
	const bytes = await maker(project);
	await mkdir(dirname(file), {recursive: true});
	await writeFile(file, bytes);
}

/**
 * Builds the project in a folder, as its files say what it is: `assembly/index.ts` in AssemblyScript, `src/index.wat`, `src/index.js` or `src/index.ts`
 * with a folder `wit` as a component, `src/index.ts` without one as a plugin in TypeScript. The same sources give the same bytes,
 * wherever they lie. Throws `FORGE_BUILD_*` and `FORGE_BINDGEN_*`; what a former build left is then still there.
 */
export async function buildProject(folder: string, options: BuildProjectOptions = {}): Promise<Built> {
	const began = performance.now();
	const read = await readProject(folder);
	const project = {...read, settings: {...read.settings, ...options}};
	await make(project);
	const bytes = await readFile(project.file);
	const {imports, exports} = project.language === 'typescript' ? {imports: [], exports: []} : await describe(bytes);
	return {
		folder: project.folder,
		file: project.file,
		language: project.language,
		size: bytes.length,
		digest: `sha256:${hash('sha256', bytes)}`,
		imports: imports.map(({name}) => name),
		exports: exports.map(({name}) => name),
		milliseconds: Math.round(performance.now() - began),
	};
}
