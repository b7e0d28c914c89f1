/**
 * Makes `src/generated` from `wit`: the TypeScript of every interface, and the names of its functions.
 * With `--check` it writes nothing, and fails where what is there differs.
 */
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {$init, generateTypes} from '@bytecodealliance/jco-transpile/component';
import {source} from './source.ts';

const target = new URL('../src/generated/', import.meta.url);

/** jco writes ambient declarations; in a module that is compiled they must say so, and name modules by their file. */
function asModule(text: string): string {
	return `${text
		.replace(/^export (function|class) /gm, 'export declare $1 ')
		.replace(/from '(\.\/[^']+)\.js'/g, "from '$1.ts'")
		.trimEnd()}\n`;
}

function functionsOf(text: string): string[] {
	return [...text.matchAll(/^export (?:declare )?function (\w+)/gm)].map(match => match[1] ?? '');
}

/** `forgeone-storage-store.ts` as `Store`; two packages have an interface `types`, which keeps its package's name. */
function pascal(file: string): string {
	const [, packageName = '', ...words] = file.replace(/\.ts$/, '').split('-');
	const kept = words.join() === 'types' ? [packageName, ...words] : words;
	return kept.map(word => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('');
}

await $init;
const {text, interfaces} = await source();
const encoder = new TextDecoder();
const files = new Map<string, string>();
const functions: string[] = [];
for (const [path, bytes] of generateTypes('contracts', {wit: {tag: 'source', val: text}, world: 'contracts'}) as [string, Uint8Array][]) {
	const name = /^interfaces\/(.+)\.d\.ts$/.exec(path)?.[1];
	if (name === undefined) continue;
	const code = asModule(encoder.decode(bytes));
	files.set(`${name}.ts`, code);
	const id = interfaces.find(id => id.replace(/@.*/, '').replace(/[:/]/g, '-') === name);
	functions.push(
		`\t'${id}': [${functionsOf(code)
			.map(name => `'${name}'`)
			.join(', ')}],`,
	);
}
files.set(
	'contracts.ts',
	[...files.keys()]
		.sort()
		.map(name => `export type * as ${pascal(name)} from './${name}';\n`)
		.join(''),
);
files.set(
	'functions.ts',
	`/** The functions of every contract and hook that ForgeOne declares, by interface. Made from the WIT. */\nexport const functions: Readonly<Record<string, readonly string[]>> = {\n${functions.sort().join('\n')}\n};\n`,
);

const stale: string[] = [];
for (const [name, code] of files) {
	const there = await readFile(new URL(name, target), 'utf8').catch(() => '');
	if (there !== code) stale.push(name);
}
for (const name of await readdir(target).catch(() => [])) if (!files.has(name)) stale.push(name);

if (process.argv.includes('--check')) {
	if (stale.length > 0) {
		console.error(`wasm/src/generated is stale (${stale.join(', ')}): run npm run generate`);
		process.exitCode = 1;
	}
} else {
	await rm(target, {recursive: true, force: true});
	await mkdir(target, {recursive: true});
	for (const [name, code] of files) await writeFile(new URL(name, target), code);
}
