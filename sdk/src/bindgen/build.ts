import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';
import {errors} from '../errors.ts';
import {generate, type Places} from './assembly/generate.ts';
import {readWit, type Wit} from './source.ts';
import {compiler, wasmTools} from './tools.ts';
import ExportAs from './transform.ts';
import {resolveWorld} from './world.ts';

/** What a component is made of. */
export interface BuildOptions {
	/** The author's module, such as `src/app.ts`. */
	readonly source: string;
	/** A file or folder of WIT, or what `readWit` made of it. */
	readonly wit: string | Wit;
	/** The world; the only one of the package where none is named. */
	readonly world?: string;
	/** The folder of the bindings; `bindings` beside the source. They are made in memory, and need not be there. */
	readonly bindings?: string;
	/** AssemblyScript's collector; `incremental` unless `minimal` is asked for, which collects after each call. */
	readonly runtime?: 'incremental' | 'minimal' | 'stub';
	/** Options of asc in place of the usual ones, which ask for a small program. */
	readonly options?: readonly string[];
}

/** Small before fast; with the names of functions, for the message of a trap. */
const usual = ['--optimizeLevel', '3', '--shrinkLevel', '2', '--debug'];

const complaint = /ERROR (?:[A-Z]+\d+: )?([^\n]*)\n.*?in ([^\n]+?)\((\d+),(\d+)\)/s;

/** The first error that the compiler wrote, in a file as it is seen from here. */
function refusal(source: string, base: string, stderr: string, cause: Error | null): Error {
	const [, reason, file, line, column] = complaint.exec(stderr) ?? [];
	if (reason === undefined || file === undefined) {
		return errors.FORGE_BINDGEN_FAILED({file: source, reason: stderr.trim() || String(cause?.message)}, {cause});
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
	const wit = typeof options.wit === 'string' ? await readWit(options.wit) : options.wit;
	const world = await resolveWorld(wit, options.world);
	const source = resolve(options.source);
	const base = dirname(source);
	const bindings = resolve(options.bindings ?? join(base, 'bindings'));
	const {files, uses} = generate(world, placesOf(bindings, source));
	const placed = new Map([...files].map(([path, text]) => [join(bindings, path), text]));
	const below = relative(base, bindings);
	const used = uses.flatMap(use => ['--use', use.replace('=', `=${below}/`)]);
	const binary = await compile(placed, [`${below}/component.ts`, ...used, ...(options.options ?? usual)], base, options);
	const {componentEmbed, componentNew} = await wasmTools();
	try {
		return await componentNew(await componentEmbed({binary, witSource: wit.text, world: world.id, stringEncoding: 'utf16'}));
	} catch (cause) {
		throw errors.FORGE_BINDGEN_FAILED({file: options.source, reason: cause instanceof Error ? cause.message : String(cause)}, {cause});
	}
}

const fromFolder = (folder: string, path: string): string =>
	relative(folder, path)
		.replace(/\.ts$/, '')
		.replace(/^(?!\.)/, './');

/** How the author's module and the bindings import each other. */
export const placesOf = (bindings: string, source: string): Places => ({
	author: fromFolder(bindings, source),
	bindings: fromFolder(dirname(source), bindings),
});

/** Writes files below a folder, which is made where it is not there. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
	for (const [path, text] of files) {
		const file = join(folder, path);
		await mkdir(dirname(file), {recursive: true});
		await writeFile(file, text);
	}
}
