import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {engineOf} from '../bindgen/tools.ts';
import {errors} from '../errors.ts';
import {bundle} from './bundle.ts';
import type {Making} from './making.ts';
import {run} from './run.ts';
import {checkTypes} from './types.ts';
import type {Outline, World} from './world.ts';

/** The package that brings each engine. */
const engines = {starlingmonkey: '@bytecodealliance/componentize-js', quickjs: 'componentize-qjs'} as const;

export type Engine = keyof typeof engines;

/** What StarlingMonkey can leave out, and the interfaces that it is for. */
const features = {
	stdio: /^wasi:cli\/std/,
	random: /^wasi:random\//,
	clocks: /^wasi:clocks\//,
	http: /^wasi:http\//,
	'fetch-event': /^wasi:http\/incoming-handler@/,
};

/** A program either listens for requests or exports what handles them. */
const listensFor = (source: string): boolean => /addEventListener\(['"]fetch/.test(source);

/** What an engine is told, so that a component asks for no more than its world: an engine by itself asks for most of WASI. */
const options = {
	starlingmonkey(world: string, {imports, exports}: Outline, source: string) {
		const wanted = (feature: string, pattern: RegExp) =>
			[...imports, ...exports].some(name => pattern.test(name)) && (feature !== 'fetch-event' || listensFor(source));
		const disableFeatures = Object.entries(features).flatMap(([name, pattern]) => (wanted(name, pattern) ? [] : [name]));
		return {worldName: world, disableFeatures};
	},
	/** Small, and without the async ABI. WASI is there as a whole or not at all. */
	quickjs: (world: string, {imports}: Outline) => ({
		world,
		sync: true,
		optSize: true,
		stubWasi: !imports.some(name => name.startsWith('wasi:')),
	}),
};

const program = fileURLToPath(new URL('./componentize.js', import.meta.url));

/** What is wrong, among what says where in the tools. */
const complaint = (text: string): string => /^.*Error: (?!Failed to initialize)(.+)$/m.exec(text)?.[1] ?? text.trim();

const speaksHttp = ({imports, exports}: Outline): boolean => [...imports, ...exports].some(name => features.http.test(name));

/**
 * Makes a component of JavaScript, or of TypeScript whose types are checked and left out: one module, and the engine that runs it. Without an engine
 * asked for it is the small one, but for HTTP, which only the other can do.
 */
export async function componentize(making: Making, world: World): Promise<{bytes: Uint8Array; engine: Engine}> {
	const {project, step, signal} = making;
	const {wit, name, outline} = world;
	const engine = project.settings.engine ?? (speaksHttp(outline) ? 'starlingmonkey' : 'quickjs');
	await engineOf(engines[engine]);
	step('bundling');
	const source = await bundle(project);
	if (project.entry.endsWith('.ts')) {
		step('checking its types');
		await checkTypes(making, world, {waits: engine === 'starlingmonkey', listens: listensFor(source)});
	}
	const folder = await mkdtemp(join(tmpdir(), 'forge-build-'));
	try {
		await writeFile(join(folder, 'source.js'), source);
		await writeFile(join(folder, 'world.wit'), wit.text);
		step(`starting it in ${engine}`);
		const {ok, said} = await run(program, [engine, JSON.stringify(options[engine](name, outline, source))], folder, signal);
		if (!ok) throw errors.FORGE_BUILD_FAILED({folder: project.folder, reason: complaint(said)}, {cause: new Error(said)});
		return {engine, bytes: await readFile(join(folder, 'component.wasm'))};
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
}
