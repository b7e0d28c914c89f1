// Gathers the WIT that projects need not copy, by package: ours, and that of WASI which jco carries, with its licence.
import {copyFile, glob, mkdir, readFile, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';

const ours = fileURLToPath(new URL('../../wasm/wit/', import.meta.url));
const builtin = fileURLToPath(new URL('../lib/wit/builtin/', import.meta.resolve('@bytecodealliance/jco')));
const packages = {};
for (const [cwd, pattern] of [
	[ours, '**/*.wit'],
	[builtin, '{0.2.12,0.3.0}/*/package.wit'],
]) {
	for await (const file of glob(pattern, {cwd})) {
		const text = await readFile(`${cwd}/${file}`, 'utf8');
		const id = /^package ([^;]+);/m.exec(text)[1];
		packages[id] = text;
	}
}
const target = new URL('../dist/wit/', import.meta.url);
await mkdir(target, {recursive: true});
await copyFile(`${builtin}/LICENSE.md`, new URL('LICENSE-WASI.md', target));
await writeFile(new URL('packages.json', target), JSON.stringify(packages, Object.keys(packages).sort(), '\t'));
