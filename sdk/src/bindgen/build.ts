import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import {errors} from '../errors.ts';
import {generate} from './assembly/generate.ts';
import {bare} from './bare.ts';
import {onOneLine, readWit, type Wit} from './source.ts';
import {compiler, wasmTools} from './tools.ts';
import ExportAs from './transform.ts';
import {resolveWorld} from './world.ts';

/** A world, and whose module it is for. */
export interface BindOptions {
	/** The author's module, such as `src/app.ts`. */
	readonly source: string;
	/** A file or folder of WIT, or what `readWit` made of it. */
	readonly wit: string | Wit;
	/** The world; the only one of the package where none is named. */
	readonly world?: string;
	/** The folder of the bindings; `bindings` beside the source. */
	readonly bindings?: string;
}

/** What a component is made of. The bindings are made in memory, and need not be there. */
export interface BuildOptions extends BindOptions {
	/**
	 * AssemblyScript's collector. `incremental`, unless another is asked for, collects while the program runs. `minimal` makes it smaller by a third,
	 * and collects after each call and never within one. `stub` collects nothing.
	 */
	readonly runtime?: 'incremental' | 'minimal' | 'stub';
	/** Whether the names of functions are kept, for the message of a trap. */
	readonly debug?: boolean;
	/** Options of asc in place of the usual ones, which ask for a small program. */
	readonly options?: readonly string[];
}

/** Small before fast. */
const usual = ['--optimizeLevel', '3', '--shrinkLevel', '2'];

const complaint = /ERROR (?:[A-Z]+\d+: )?([^\n]*)\n.*?in ([^\n]+?)\((\d+),(\d+)\)/s;

/** The first error that the compiler wrote, in a file as it is seen from here. */
function refusal(source: string, base: string, stderr: string, cause: Error | null): Error {
	const [, reason, file, line, column] = complaint.exec(stripVTControlCharacters(stderr)) ?? [];
	if (reason === undefined || file === undefined) {
		return errors.FORGE_BINDGEN_FAILED({file: source, reason: onOneLine(stripVTControlCharacters(stderr).trim() || cause)}, {cause});
	}
	const place = {
		file: join(dirname(source), relative(dirname(resolve(source)), join(base, file))),
		line: Number(line),
		column: Number(column),
	};
	return errors.FORGE_BINDGEN_COMPILE({...place, reason}, {cause});
}

/** Compiles a module and its bindings to a core module: files are read from memory where they are there, else from disk. */
async function compile(
	placed: ReadonlyMap<string, string>,
	words: readonly string[],
	base: string,
	{source, runtime = 'incremental'}: BuildOptions,
): Promise<Uint8Array> {
	const {default: asc} = await compiler();
	let binary: Uint8Array | undefined;
	const {error, stderr} = await asc.main(
		[...words, '--outFile', 'component.wasm', '--runtime', runtime, '--exportStart', '_initialize', '--baseDir', base],
		{
			transforms: [new ExportAs(runtime === 'minimal') as never],
			readFile: (name, from) => {
				const path = resolve(from, name);
				return placed.get(path) ?? readFile(path, 'utf8').catch(() => null);
			},
			writeFile: (name, contents) => {
				if (name.endsWith('.wasm')) binary = contents as Uint8Array;
			},
		},
	);
	if (error !== null || binary === undefined) throw refusal(source, base, stderr.toString(), error);
	return binary;
}

/**
 * Makes a component of a module in AssemblyScript and the world that it is for. Nothing is written; the same files give the same bytes,
 * wherever they are. Throws `FORGE_BINDGEN_*`, with file, line and column where the program or the WIT is wrong.
 */
export async function build(options: BuildOptions): Promise<Uint8Array> {
	const {wit, world, source, bindings, files, uses} = await made(options);
	const base = dirname(source);
	const placed = new Map([...files].map(([path, text]) => [join(bindings, path), text]));
	const below = relative(base, bindings);
	const used = uses.flatMap(use => ['--use', use.replace('=', `=${below}/`)]);
	const binary = await compile(
		placed,
		[`${below}/component.ts`, ...used, ...(options.options ?? usual), ...(options.debug ? ['--debug'] : [])],
		base,
		options,
	);
	const {componentEmbed, componentNew} = await wasmTools();
	try {
		const embedded = await componentEmbed({binary, witSource: wit.text, world: world.id, stringEncoding: 'utf16'});
		return bare(await componentNew(embedded));
	} catch (cause) {
		throw errors.FORGE_BINDGEN_FAILED({file: options.source, reason: onOneLine(cause)}, {cause});
	}
}

const fromFolder = (folder: string, path: string): string =>
	relative(folder, path)
		.replace(/\.ts$/, '')
		.replace(/^(?!\.)/, './');

/** The bindings, and where they go. */
async function made(options: BindOptions) {
	const wit = typeof options.wit === 'string' ? await readWit(options.wit) : options.wit;
	const world = await resolveWorld(wit, options.world);
	const source = resolve(options.source);
	const bindings = resolve(options.bindings ?? join(dirname(source), 'bindings'));
	const places = {author: fromFolder(bindings, source), bindings: fromFolder(dirname(source), bindings)};
	return {wit, world, source, bindings, ...generate(world, places)};
}

/** What `bind` wrote. */
export interface Bound {
	/** As in the WIT, such as `app:cli/app`. */
	readonly world: string;
	/** The folder of the bindings. */
	readonly bindings: string;
	readonly files: readonly string[];
	/** The author's module, where it was not there and now is, with everything in it that the world exports, not written yet. */
	readonly begun: string | undefined;
}

/** Writes the bindings of a world, for an editor to read; and a module to begin with where there is none. Throws as `build` does. */
export async function bind(options: BindOptions): Promise<Bound> {
	const {world, source, bindings, files, skeleton} = await made(options);
	for (const [path, text] of files) await write(join(bindings, path), text, 'w');
	const begun = await write(source, skeleton, 'wx').then(
		() => source,
		error => {
			if (error.code !== 'EEXIST') throw error;
		},
	);
	return {world: world.id, bindings, files: [...files.keys()], begun: begun ?? undefined};
}

async function write(file: string, text: string, flag: 'w' | 'wx'): Promise<void> {
	await mkdir(dirname(file), {recursive: true});
	await writeFile(file, text, {flag});
}
