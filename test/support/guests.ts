import {execFile} from 'node:child_process';
import {createHash, randomUUID} from 'node:crypto';
import {existsSync, globSync} from 'node:fs';
import {link, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {basename, delimiter, dirname, join} from 'node:path';
import {promisify} from 'node:util';

type Builder = (source: string) => Promise<Uint8Array>;

type Guest = {
	/** The file to build, below `test/guests`. */
	readonly source: string;
	readonly kind: keyof typeof kinds;
};

const root = join(import.meta.dirname, '../..');
const sources = join(root, 'test/guests');
const cache = join(root, 'test/.cache');

const read = (file: string) => readFile(join(sources, file), 'utf8');

/** WebAssembly text, of a component or of a core module. */
const wat: Builder = async source => {
	const {parse} = await import('@bytecodealliance/jco-transpile/wasm-tools');
	return parse(await read(source));
};

/** AssemblyScript, with the streams of the template for commands: its bindings stand where those of the template do. */
const assemblyscript: Builder = async source => {
	const {build} = await import('@forgeone/sdk/bindgen');
	const bindings = join(root, 'templates/app-cli/assembly/bindings');
	return build({source: join(sources, source), wit: join(sources, 'wit/command.wit'), bindings, debug: true});
};

/** AssemblyScript over bindings of its own, in the world of its name; what the WIT mentions and has not is supplied. */
const bound =
	(wit: string): Builder =>
	async source => {
		const {build} = await import('@forgeone/sdk/bindgen');
		return build({source: join(sources, source), wit: join(sources, wit), world: basename(source, '.ts')});
	};

/** JavaScript in QuickJS: 1 MB, half a second; for commands. */
const quickjs =
	(wit: string): Builder =>
	async source => {
		const {componentize} = await import('componentize-qjs');
		const options = {witPath: join(sources, wit), jsSource: await read(source), sync: true, optSize: true};
		return (await componentize(options)).component;
	};

/** JavaScript in StarlingMonkey: 12 MB, ten seconds; for HTTP, which QuickJS's builder refuses. */
const starlingmonkey: Builder = source =>
	written(process.execPath, out => [
		join(import.meta.dirname, 'componentize.ts'),
		join(sources, source),
		join(sources, 'wit/http.wit'),
		out,
	]);

/** C, by Debian's clang and wasi-libc: a preview1 core module. */
const c: Builder = source => written('clang', out => ['--target=wasm32-wasi', '--sysroot=/usr', '-O2', '-o', out, join(sources, source)]);

/** What a program writes into the file that its arguments name. */
const written = async (program: string, args: (out: string) => readonly string[]) => {
	const folder = await mkdtemp(join(tmpdir(), 'guest-'));
	try {
		const out = join(folder, 'out.wasm');
		await promisify(execFile)(program, args(out));
		return await readFile(out);
	} finally {
		await rm(folder, {recursive: true});
	}
};

const kinds = {
	wat: {build: wat, also: [], tools: ['@bytecodealliance/jco-transpile']},
	assemblyscript: {
		build: assemblyscript,
		also: ['assembly/*.ts', 'wit/command.wit', '../../templates/app-cli/assembly/io.ts', '../../sdk/dist/bindgen/**/*.js'],
		tools: ['assemblyscript', '@bytecodealliance/jco-transpile'],
	},
	hooks: {
		build: bound('wit/hooks.wit'),
		also: ['wit/hooks.wit', '../../wasm/wit/*.wit', '../../sdk/dist/bindgen/**/*.js'],
		tools: ['assemblyscript', '@bytecodealliance/jco-transpile'],
	},
	asker: {
		build: bound('wit/asker.wit'),
		also: ['wit/asker.wit', '../../sdk/dist/bindgen/**/*.js'],
		tools: ['assemblyscript', '@bytecodealliance/jco-transpile'],
	},
	quickjs: {build: quickjs('wit/command.wit'), also: ['wit/command.wit'], tools: ['componentize-qjs']},
	sockets: {build: quickjs('wit/sockets.wit'), also: ['wit/sockets.wit'], tools: ['componentize-qjs']},
	stores: {build: quickjs('wit/stores.wit'), also: ['wit/stores.wit'], tools: ['componentize-qjs']},
	starlingmonkey: {
		build: starlingmonkey,
		also: ['wit/http.wit', '../support/componentize.ts'],
		tools: ['@bytecodealliance/componentize-js'],
	},
	c: {build: c, also: [], tools: []},
} as const satisfies Record<string, {build: Builder; also: readonly string[]; tools: readonly string[]}>;

const texts = {
	'loop-run': 'component',
	'loop-start': 'component',
	grow: 'component',
	'grow-trap': 'component',
	recurse: 'component',
	trap: 'component',
	fail: 'component',
	'big-initial': 'component',
	'many-memories': 'component',
	'sleep-forever': 'component',
	'log-flood': 'component',
	settings: 'component',
	'hello-wat': 'component',
	'exit-seven': 'component',
	'preview1-hello': 'module',
	'preview1-exit': 'module',
} as const;

const others = {
	'hello-js': {source: 'js/hello-js.js', kind: 'quickjs'},
	'sockets-js': {source: 'js/sockets-js.js', kind: 'sockets'},
	'stores-js': {source: 'js/stores-js.js', kind: 'stores'},
	'http-js': {source: 'js/http-js.js', kind: 'starlingmonkey'},
	'relay-js': {source: 'js/relay-js.js', kind: 'starlingmonkey'},
	'fetch-js': {source: 'js/fetch-js.js', kind: 'starlingmonkey'},
	'files-as': {source: 'assembly/files-as.ts', kind: 'assemblyscript'},
	guard: {source: 'assembly/guard.ts', kind: 'hooks'},
	rule: {source: 'assembly/rule.ts', kind: 'hooks'},
	sink: {source: 'assembly/sink.ts', kind: 'hooks'},
	'asker-as': {source: 'assembly/asker-as.ts', kind: 'asker'},
	'counter-as': {source: 'assembly/counter-as.ts', kind: 'asker'},
	'env-as': {source: 'assembly/env-as.ts', kind: 'assemblyscript'},
	'hello-c': {source: 'c/hello-c.c', kind: 'c'},
	'files-c': {source: 'c/files-c.c', kind: 'c'},
	'plain-c': {source: 'c/plain-c.c', kind: 'c'},
	'filter-c': {source: 'c/filter-c.c', kind: 'c'},
	'pieces-c': {source: 'c/pieces-c.c', kind: 'c'},
} as const satisfies Record<string, Guest>;

export type GuestName = keyof typeof texts | keyof typeof others;

const guests = {
	...others,
	...(Object.fromEntries(Object.keys(texts).map(name => [name, {source: `wat/${name}.wat`, kind: 'wat'}])) as Record<
		keyof typeof texts,
		Guest
	>),
} satisfies Record<string, Guest>;

/** The names of all guests. */
export const guestNames = Object.keys(guests) as GuestName[];

/** Whether a guest is a core module for preview1 and no component. */
export const preview1 = (name: GuestName) => guests[name].kind === 'c' || (name in texts && texts[name as keyof typeof texts] === 'module');

/** Why this machine cannot build a guest; nothing if it can. A test of such a guest is skipped, and says so. */
export const unavailable = (name: GuestName): string | undefined => {
	if (guests[name].kind !== 'c') return undefined;
	const clang = (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, 'clang')));
	if (clang && existsSync('/usr/include/wasm32-wasi')) return undefined;
	return `"${name}" is written in C: it needs clang, lld and wasi-libc`;
};

/** Builds a guest that is written in C for this machine, into a file, by the same compiler. */
export async function buildNative(name: GuestName, out: string): Promise<void> {
	await promisify(execFile)('clang', ['-O2', '-o', out, join(sources, guests[name].source), '-lm']);
}

const built = new Map<GuestName, Promise<string>>();

/**
 * Gives the path of a guest's `.wasm`, built from its source on first use and kept for as long as neither the source nor
 * the tools change. Processes that ask at the same time may build twice, but none sees half a file.
 */
export const guest = (name: GuestName): Promise<string> => {
	const known = built.get(name) ?? produce(name, guests[name]);
	built.set(name, known);
	return known;
};

const produce = async (name: GuestName, {source, kind}: Guest) => {
	const file = join(cache, await digest(source, kind), `${name}.wasm`);
	if (existsSync(file)) return file;
	const bytes = await kinds[kind].build(source);
	const draft = `${file}.${randomUUID()}`;
	await mkdir(dirname(file), {recursive: true});
	await writeFile(draft, bytes);
	// The first one stays: somebody may run it by now, and not every tool gives the same bytes twice.
	await link(draft, file).catch(error => {
		if (error.code !== 'EEXIST') throw error;
	});
	await rm(draft);
	return file;
};

const digest = async (source: string, kind: Guest['kind']) => {
	const {also, tools} = kinds[kind];
	const hash = createHash('sha256');
	const files = [source, ...globSync([...also], {cwd: sources}).sort()].map(file => join(sources, file));
	for (const file of [import.meta.filename, ...files]) hash.update(await readFile(file)).update('\0');
	for (const tool of tools) hash.update(await version(tool));
	return hash.digest('hex');
};

const require = createRequire(import.meta.url);

/** The version that is installed: some packages do not export their `package.json`, so it is looked for from the folder up. */
const version = async (tool: string) => {
	for (const folder of require.resolve.paths(tool) ?? []) {
		const file = join(folder, tool, 'package.json');
		if (existsSync(file)) return `${tool}@${JSON.parse(await readFile(file, 'utf8')).version}`;
	}
	throw new Error(`"${tool}" is not installed`);
};
