import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {typesTool} from '../bindgen/tools.ts';
import type {Making} from './making.ts';
import {type Complaint, compile} from './typescript.ts';
import type {World} from './world.ts';

/** What is known of the engine that the program is for. */
export interface Running {
	/** Whether an export may answer later. */
	readonly waits: boolean;
	/** Whether the program listens for requests, and does not export what handles them. */
	readonly listens: boolean;
}

/** A bundler reads the program; StarlingMonkey has much of what a worker of a browser has, QuickJS what the language has. */
const otherwise = ({waits}: Running) => ({
	module: 'esnext',
	moduleResolution: 'bundler',
	lib: waits ? ['esnext', 'webworker'] : ['esnext'],
	erasableSyntaxOnly: false,
});

/** The event of a request; what it has is in the compiler's own library. */
const listening = "declare function addEventListener(type: 'fetch', listener: (event: FetchEvent) => unknown): void;\n";

/** The declarations of a world, by file: every interface as a module of its name, and the world with all that it exports. */
async function declarations({wit, name}: World, {listens}: Running): Promise<ReadonlyMap<string, string>> {
	const {$init, generateTypes} = await typesTool();
	await $init;
	const made = generateTypes('world', {wit: {tag: 'source', val: wit.text}, world: name, guest: true}) as [string, Uint8Array][];
	const files = new Map(made.map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]));
	if (listens) files.set('engine.d.ts', listening);
	return files;
}

/** The functions and classes that a declaration exports; a name that is a word of the language is exported apart. */
const members = (text: string): string[] =>
	[...text.matchAll(/^ {2}export (?:(?:function|class) (\w+)|\{ _\w+ as (\w+) \})/gm)].map(([, name, word]) => name ?? word ?? '');

/** What a program must export, as in `store.get`. */
function wanted(files: ReadonlyMap<string, string>, {listens}: Running): string[] {
	const world = files.get('world.d.ts') ?? '';
	const interfaces = [...world.matchAll(/^ {2}export \* as (\w+) from '([^']+)'/gm)].flatMap(([, name, id]) => {
		const text = [...files.values()].find(one => one.includes(`declare module '${id}'`)) ?? '';
		return members(text).map(member => `${name}.${member}`);
	});
	return [...interfaces, ...members(world)].filter(name => !(listens && name.startsWith('incomingHandler.')));
}

const root = (name: string): string => name.replace(/\..*/, '');

/** A module that compiles where the program exports what its world says: a line for each of `names`, after those of `roots` and two more. */
function claims(names: readonly string[], roots: readonly string[], from: string, world: string, {waits}: Running): string {
	const answer = waits ? 'F extends (...args: infer A) => infer R ? (...args: A) => R | Promise<R> : F' : 'F';
	return [
		`import type * as world from '${world}';`,
		`type Export<F> = ${answer};`,
		...roots.map(name => `import {${name} as ${name}_} from '${from}';`),
		...names.map(name => `${name.replace(/^\w+/, '$&_')} satisfies Export<typeof world.${name}>;`),
	].join('\n');
}

/** Where a module says that it exports a name; its beginning, where it can not be found. */
function exportOf(text: string, name: string): {line: string; column: string} {
	const lines = text.split('\n');
	const found = lines.findIndex(line => new RegExp(`^export\\b.*\\b${name}\\b`).test(line));
	return {line: String(Math.max(found, 0) + 1), column: String(Math.max(lines[found]?.search(new RegExp(`\\b${name}\\b`)) ?? 0, 0) + 1)};
}

/**
 * Writes the types of a program's world to `build/types`, for an editor to find them there, and checks the program by them: what it imports, and that
 * it exports what the world says. Throws FORGE_BUILD_COMPILE at the first error.
 */
export async function checkTypes(making: Making, world: World, running: Running): Promise<void> {
	const {folder, entry, file} = making.project;
	const target = join(dirname(file), 'types');
	const files = await declarations(world, running);
	await rm(target, {recursive: true, force: true});
	await mkdir(join(target, 'interfaces'), {recursive: true});
	for (const [path, text] of files) await writeFile(join(target, path), text);

	const names = wanted(files, running);
	const roots = [...new Set(names.map(root))];
	const [, id = ''] = /declare module '([^']+)'/.exec(files.get('world.d.ts') ?? '') ?? [];
	const checked = join(dirname(file), '.types.mts');
	const text = await readFile(entry, 'utf8');
	const placed = (complaint: Complaint): Complaint => {
		if (complaint.file !== relative(folder, checked)) return complaint;
		const name = [...roots, ...names][Number(complaint.line) - 3] ?? '';
		return {file: relative(folder, entry), ...exportOf(text, root(name)), reason: `export "${name}": ${complaint.reason}`};
	};
	await writeFile(checked, claims(names, roots, `../${relative(folder, entry)}`, id, running));
	try {
		const ambient = [...files.keys()].map(path => join(target, path));
		const options = {noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true, rootDir: '..'};
		await compile(making, {files: [entry, checked, ...ambient], options, otherwise: otherwise(running), placed});
	} finally {
		await rm(checked, {force: true});
	}
}
