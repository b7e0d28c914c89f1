/** Builds `dist/audit.wasm`: AssemblyScript to a core module, then the module and its WIT to a component. */
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {componentEmbed, componentNew} from '@bytecodealliance/jco-transpile/wasm-tools';
import asc from 'assemblyscript/asc';

const here = import.meta.dirname;
const wit = `${here}/../../../wasm/wit`;
const target = `${here}/../dist`;

/** AssemblyScript cannot spell an export with `:` or `#` in it; these get their canonical names after compilation. */
const exports = {
	append: 'forgeone:security/audit@0.1.0#append',
	recent: 'forgeone:security/audit@0.1.0#recent',
	recentDone: 'cabi_post_forgeone:security/audit@0.1.0#recent',
};

type Module = {removeExport(name: string): void; addFunctionExport(internal: string, external: string): unknown};

const rename = {
	afterCompile(module: Module) {
		for (const [name, canonical] of Object.entries(exports)) {
			module.removeExport(name);
			module.addFunctionExport(`src/audit/${name}`, canonical);
		}
	},
};

async function compile(): Promise<Uint8Array> {
	let binary: Uint8Array | undefined;
	const options = [
		'src/audit.ts --outFile audit.wasm --optimizeLevel 3 --shrinkLevel 1 --runtime incremental --debug',
		'--exportStart _initialize --use abort=src/abi/abort',
	];
	const {error, stderr} = await asc.main([...options.join(' ').split(' '), '--baseDir', here], {
		transforms: [rename],
		writeFile: (_name: string, contents: string | Uint8Array) => {
			binary = contents as Uint8Array;
		},
	});
	if (error || !binary) throw new Error(`${stderr}${error?.message}`);
	return binary;
}

/** `package a:b@1; …` as the nested form, so that several packages fit in one text. */
const nested = (text: string): string => `${text.replace(/^package ([^;]+);/, 'package $1 {')}\n}\n`;

async function world(): Promise<string> {
	const packages = ['kernel', 'storage', 'security'].map(async name => nested(await readFile(`${wit}/${name}.wit`, 'utf8')));
	return [await readFile(`${here}/world.wit`, 'utf8'), ...(await Promise.all(packages))].join('\n');
}

const binary = await componentEmbed({binary: await compile(), witSource: await world(), world: 'sink', stringEncoding: 'utf16'});
await mkdir(target, {recursive: true});
await writeFile(`${target}/audit.wasm`, await componentNew(binary));
