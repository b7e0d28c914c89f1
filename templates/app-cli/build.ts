/** Builds `build/app.wasm`: AssemblyScript to a core module, then the module and its WIT to a component. */
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {componentEmbed, componentNew} from '@bytecodealliance/jco-transpile/wasm-tools';
import asc from 'assemblyscript/asc';

const here = import.meta.dirname;

/** AssemblyScript cannot spell an export with `:` or `#` in it; these get their canonical names after compilation. */
const exports = {run: 'wasi:cli/run@0.2.0#run'};

type Module = {removeExport(name: string): void; addFunctionExport(internal: string, external: string): unknown};

const rename = {
	afterCompile(module: Module) {
		for (const [name, canonical] of Object.entries(exports)) {
			module.removeExport(name);
			module.addFunctionExport(`src/world/${name}`, canonical);
		}
	},
};

const compile = async () => {
	let binary: Uint8Array | undefined;
	const options = [
		'src/world.ts --outFile app.wasm --optimizeLevel 3 --shrinkLevel 2 --runtime incremental',
		// Keeps the names of functions, for the message of a trap.
		'--debug',
		// As an export of this name it runs once the imports are wired, so that top-level code may already print.
		'--exportStart _initialize',
		'--use abort=src/wasi/abort --use seed=src/wasi/seed',
	];
	const {error, stderr} = await asc.main([...options.join(' ').split(' '), '--baseDir', here], {
		transforms: [rename],
		writeFile: (_name, contents) => {
			binary = contents as Uint8Array;
		},
	});
	if (error || !binary) throw new Error(`${stderr}${error?.message}`);
	return binary;
};

const component = await componentNew(
	await componentEmbed({
		binary: await compile(),
		witSource: await readFile(`${here}/wit/world.wit`, 'utf8'),
		world: 'app',
		stringEncoding: 'utf16',
	}),
);
await mkdir(`${here}/build`, {recursive: true});
await writeFile(`${here}/build/app.wasm`, component);
console.log(`build/app.wasm: ${component.length} bytes`);
