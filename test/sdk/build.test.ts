import {execFile} from 'node:child_process';
import {cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {createKernel} from '@forgeone/core';
import {build} from '@forgeone/sdk/bindgen';
import {buildProject} from '@forgeone/sdk/build';
import {load} from '@forgeone/wasm';
import type {ExecutionContext} from 'ava';
import test from 'ava';

/** A folder with these files, which goes with the test. */
async function projectOf(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-build-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(folder, path)), {recursive: true});
		await writeFile(join(folder, path), text);
	}
	return folder;
}

const wit = 'package a:b;\nworld hello { export greet: func(name: string) -> string; }\n';
const assembly = {
	'package.json': '{"name": "@acme/greeter"}',
	'wit/world.wit': wit,
	'assembly/index.ts': 'export function greet(name: string): string {\n\treturn "Hello, " + name;\n}\n',
};
const plain = {
	'package.json': '{"type": "module"}',
	'src/index.ts': "import {double} from './double.ts';\n\nexport const four: number = double(2);\n",
	'src/double.ts': 'export const double = (a: number): number => 2 * a;\n',
};

test('AssemblyScript becomes a component, named for the package, and bindings for an editor', async t => {
	const folder = await projectOf(t, assembly);
	const built = await buildProject(folder);
	t.is(built.file, join(folder, 'build/greeter.wasm'));
	t.deepEqual([built.language, built.imports, built.exports], ['assemblyscript', [], ['greet']]);
	t.is((await readFile(built.file)).length, built.size);
	t.regex(await readFile(join(folder, 'assembly/bindings/component.ts'), 'utf8'), /greet/);
});

test('TypeScript without WIT becomes a module that runs, with its declarations, and leaves nothing else', async t => {
	const folder = await projectOf(t, plain);
	const {file} = await buildProject(folder);
	t.is(file, join(folder, 'build/index.js'));
	t.is((await import(file)).four, 4);
	t.is(await readFile(join(folder, 'build/index.d.ts'), 'utf8'), 'export declare const four: number;\n');
	await t.throwsAsync(readFile(join(folder, 'build/.tsconfig.json')), {code: 'ENOENT'});
});

test('the options of a project hold when it is compiled, but not those that would keep the output away', async t => {
	const tsconfig = {
		compilerOptions: {noUnusedLocals: true, noEmit: true, composite: true, allowImportingTsExtensions: true, module: 'nodenext'},
	};
	const folder = await projectOf(t, {...plain, 'tsconfig.json': JSON.stringify(tsconfig), 'test/x.ts': 'const wrong: string = 1;'});
	t.is((await import((await buildProject(folder)).file)).four, 4);
	await writeFile(join(folder, 'src/double.ts'), `${plain['src/double.ts']}const unused = 1;\n`);
	await t.throwsAsync(buildProject(folder), {code: 'FORGE_BUILD_COMPILE', message: /^src\/double\.ts:2:7: 'unused' is declared/});
});

test('an error of types names file, line and column, and how many there are', async t => {
	const folder = await projectOf(t, {...plain, 'src/double.ts': 'export const double = (a: number): string => a;\n'});
	const error = await t.throwsAsync(buildProject(folder), {code: 'FORGE_BUILD_COMPILE'});
	t.is(error?.message, "src/double.ts:1:46: Type 'number' is not assignable to type 'string'. (TS2322), and 1 more");
	t.regex(String(error?.cause), /index\.ts\(3,14\)/);
});

const javascript = {
	'package.json': '{"name": "greeter"}',
	'wit/world.wit': wit,
	'src/index.ts': "import {hello} from './hello.ts';\n\nexport const greet = (name: string): string => hello(name);\n",
	'src/hello.ts': "export const hello = (name: string): string => 'Hello, ' + name;\n",
};

for (const engine of ['quickjs', 'starlingmonkey'] as const) {
	test(`TypeScript beside WIT becomes a component in ${engine} that imports nothing its world does not`, async t => {
		const folder = await projectOf(t, javascript);
		const built = await buildProject(folder, {engine});
		t.deepEqual([built.language, built.engine, built.imports], ['javascript', engine, []]);
		const instance = await (await load(await readFile(built.file))).instantiate();
		t.is((instance.exports.greet as (name: string) => string)('Ada'), 'Hello, Ada');
	});
}

const world = `package a:b;
interface shop {
	record item { name: string, cents: u32 }
	resource cart { constructor(owner: string); add: func(item: item) -> u32; }
	find: func(name: string) -> option<item>;
	delete: func(name: string);
}
world app { import wasi:random/random@0.2.0; export shop; export greet: func(name: string) -> string; }
`;
const typed = {
	'package.json': '{"name": "shop"}',
	'wit/world.wit': world,
	'src/index.ts': `import {getRandomU64} from 'wasi:random/random@0.2.0';
import type * as Shop from 'a:b/shop';

class Cart {
	constructor(readonly owner: string) {}
	add = ({cents}: Shop.Item): number => cents;
}
export const shop = {Cart, find: (name: string): Shop.Item | undefined => undefined, delete(name: string): void {}};
export const greet = (name: string): string => name + getRandomU64().toString();
`,
};

test('a component in TypeScript is checked by the types of its world, which are left for an editor', async t => {
	const folder = await projectOf(t, typed);
	await buildProject(folder, {engine: 'quickjs'});
	t.regex(await readFile(join(folder, 'build/types/interfaces/a-b-shop.d.ts'), 'utf8'), /declare module 'a:b\/shop' \{/);
	t.deepEqual((await readdir(join(folder, 'build'))).sort(), ['shop.wasm', 'types']);
});

for (const [what, was, is, message] of [
	[
		'an import of another type',
		'name + getRandomU64().toString()',
		'getRandomU64()',
		"9:48: Type 'bigint' is not assignable to type 'string'. (TS2322)",
	],
	[
		'an import that the world does not have',
		'random/random',
		'random/insecure',
		"1:28: Cannot find module 'wasi:random/insecure@0.2.0' or its corresponding type declarations. (TS2307)",
	],
	[
		'a function that is not there',
		'delete(name: string): void {}',
		'',
		/^8:14: export "shop\.delete": Property 'delete' does not exist on type .* \(TS2339\)$/,
	],
	[
		'a function of another type',
		'find: (name: string)',
		'find: (name: number)',
		/^8:14: export "shop\.find": Type '\(name: number\) => Shop\.Item \| undefined' does not satisfy .* \(TS1360\)$/,
	],
	[
		'a class of another type',
		'cents}: Shop.Item): number => cents',
		'name}: Shop.Item): string => name',
		/^8:14: export "shop\.Cart": Type 'typeof Cart' does not satisfy .* \(TS1360\)$/,
	],
	[
		'a promise where the engine does not wait',
		'greet = (name: string): string =>',
		'greet = async (name: string) =>',
		/^9:14: export "greet": .* \(TS1360\)$/,
	],
	[
		'an export that is not there',
		'export const greet',
		'const greet',
		/^1:1: export "greet": Module .* declares 'greet' locally, but it is not exported\. \(TS2459\)$/,
	],
] as const) {
	test(`${what} is refused where the program says it, and the component of a former build stays`, async t => {
		const folder = await projectOf(t, {...typed, 'src/index.ts': typed['src/index.ts'].replace(was, is), 'build/shop.wasm': 'former'});
		const error = await t.throwsAsync(buildProject(folder, {engine: 'quickjs'}), {code: 'FORGE_BUILD_COMPILE'});
		const [, said = ''] = /^src\/index\.ts:(.*)$/.exec(error?.message ?? '') ?? [];
		if (typeof message === 'string') t.is(said, message);
		else t.regex(said, message);
		t.is(await readFile(join(folder, 'build/shop.wasm'), 'utf8'), 'former');
	});
}

test('a server listens for requests of a known type, or exports what handles them; an editor knows the same from what a build leaves', async t => {
	const template = join(import.meta.dirname, '../../templates/app-http-ts');
	const right = await readFile(join(template, 'src/index.ts'), 'utf8');
	const folder = await projectOf(t, {'package.json': '{"name": "server", "type": "module"}', 'src/index.ts': right});
	for (const path of ['wit', 'tsconfig.json']) await cp(join(template, path), join(folder, path), {recursive: true});
	const refused = async (text: string, message: RegExp) => {
		await writeFile(join(folder, 'src/index.ts'), text);
		await t.throwsAsync(buildProject(folder), {code: 'FORGE_BUILD_COMPILE', message});
	};
	await refused(
		right.replace(/addEventListener.*/, 'export {answer};'),
		/export "incomingHandler": Module .* has no exported member 'incomingHandler'/,
	);
	await refused(
		right.replace('answer(event.request)', '4'),
		/^src\/index\.ts:13:54: Argument of type 'number' is not assignable to parameter/,
	);
	await writeFile(join(folder, 'src/index.ts'), right);
	const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
	await t.notThrowsAsync(promisify(execFile)(process.execPath, [tsc, '-p', folder]));
});

test('JavaScript that does not parse, or that the engine refuses, is told in one line', async t => {
	const folder = await projectOf(t, {...javascript, 'src/hello.ts': 'export const hello = (;\n'});
	await t.throwsAsync(buildProject(folder), {code: 'FORGE_BUILD_COMPILE', message: /^src\/hello\.ts:1:23: [^\n]+$/});
	await writeFile(join(folder, 'src/hello.ts'), "throw new Error('no hello')");
	await t.throwsAsync(buildProject(folder), {
		code: 'FORGE_BUILD_COMPILE',
		message: /^src\/index\.ts:1:9: "hello" is not exported by "src\/hello\.ts"\.?$/,
	});
	await writeFile(join(folder, 'src/hello.ts'), "if (!('there' in globalThis)) throw new Error('no hello');\nexport const hello = String;");
	await t.throwsAsync(buildProject(folder), {code: 'FORGE_BUILD_FAILED', message: /^nothing came of "[^"]+": no hello$/});
});

test('WebAssembly text becomes a component, or is refused where it is wrong', async t => {
	const text =
		'(component\n\t(core module $m (func (export "f") (result i32) (i32.const 7)))\n\t(core instance $i (instantiate $m))\n\t(func (export "seven") (result u32) (canon lift (core func $i "f"))))\n';
	const folder = await projectOf(t, {'package.json': '{"name": "seven"}', 'src/index.wat': text});
	const built = await buildProject(folder);
	t.deepEqual([built.language, built.exports], ['wat', ['seven']]);
	await writeFile(join(folder, 'src/index.wat'), text.replace('core instance', 'core instant'));
	await t.throwsAsync(buildProject(folder), {code: 'FORGE_BUILD_COMPILE', message: /^src\/index\.wat:3:3: [^\n]+$/});
});

const refused = {
	'an empty folder': [{}, 'FORGE_BUILD_EMPTY', /^there is nothing to build in "/],
	'two entries at once': [
		{...assembly, 'src/index.wat': ''},
		'FORGE_BUILD_ENTRIES',
		/several places: assembly\/index\.ts, src\/index\.wat$/,
	],
	'an entry outside of the folder': [
		{...plain, 'package.json': '{"forgeone": {"entry": "../x.ts"}}'},
		'FORGE_BUILD_OUTSIDE',
		/^the entry "\.\.\/x\.ts" is outside of "/,
	],
	'an entry that is not there': [{...plain, 'package.json': '{"forgeone": {"entry": "src/x.ts"}}'}, 'FORGE_BUILD_ENTRY', /"src\/x\.ts"/],
	'AssemblyScript without WIT': [{'assembly/index.ts': ''}, 'FORGE_BUILD_WIT', /needs a folder "wit"/],
	'a setting that is not known': [
		{...plain, 'package.json': '{"forgeone": {"word": "x"}}'},
		'FORGE_BUILD_MANIFEST',
		/^"forgeone" in "\S+package\.json": unknown key "word", did you mean "world"\?$/,
	],
	'an engine that is not known': [
		{...plain, 'package.json': '{"forgeone": {"engine": "v8"}}'},
		'FORGE_BUILD_MANIFEST',
		/^"forgeone\.engine" in "\S+": it is none of starlingmonkey, quickjs$/,
	],
	'a name that leads out of the folder': [{...assembly, 'package.json': '{"name": "@a/../../x"}'}, 'FORGE_BUILD_MANIFEST', /^"name" in "/],
	'a package whose dependencies nobody has installed': [
		{...plain, 'package.json': '{"name": "plain", "devDependencies": {"@acme/not-there": "1"}}'},
		'FORGE_BUILD_INSTALL',
		/^package "@acme\/not-there" of "\S+" is not installed$/,
	],
	'a package that can not be read': [{...plain, 'package.json': '{'}, 'FORGE_BUILD_MANIFEST', /^it in "\S+package\.json": /],
} as const;

for (const [what, [files, code, message]] of Object.entries(refused)) {
	test(`${what} is refused in one line`, async t => {
		const error = await t.throwsAsync(buildProject(await projectOf(t, files)), {code, message});
		t.notRegex(error?.message ?? '', /\n/);
	});
}

test('a link is no way out of the folder', async t => {
	const outside = await projectOf(t, plain);
	const folder = await projectOf(t, {'package.json': '{}'});
	await symlink(join(outside, 'src'), join(folder, 'src'));
	await t.throwsAsync(buildProject(folder), {code: 'FORGE_BUILD_OUTSIDE'});
	await t.throwsAsync(buildProject(join(folder, 'none')), {code: 'FORGE_BUILD_FOLDER'});
});

test('a component for another version of a contract is refused with both versions, as it is built and as it is loaded', async t => {
	const other = `package forgeone:storage@0.2.0;\ninterface store { get: func(key: string) -> option<string>; }\n`;
	const folder = await projectOf(t, {
		'package.json': '{"name": "kv"}',
		'wit/world.wit': 'package a:b;\nworld kv { export forgeone:storage/store@0.2.0; }\n',
		'wit/deps/storage.wit': other,
		'assembly/index.ts': 'export function get(key: string): string | null {\n\treturn key;\n}\n',
	});
	const message = /^"\S+kv\.wasm" was built for "forgeone:storage\/store@0\.2\.0", but here it is "forgeone:storage\/store@0\.1\.0"$/;
	await t.throwsAsync(buildProject(folder), {code: 'FORGE_CONTRACT_VERSION', message});
	await t.throwsAsync(readFile(join(folder, 'build/kv.wasm')), {code: 'ENOENT'});
	const file = join(folder, 'kv.wasm');
	await writeFile(file, await build({source: join(folder, 'assembly/index.ts'), wit: join(folder, 'wit')}));
	const kernel = createKernel({folders: [folder]});
	await t.throwsAsync(kernel.boot({plugins: {kv: file}}), {code: 'FORGE_CONTRACT_VERSION', message});
});

test('what was built before stays where a build fails', async t => {
	const folder = await projectOf(t, assembly);
	const {file} = await buildProject(folder);
	const before = await readFile(file);
	await writeFile(join(folder, 'assembly/index.ts'), 'export function greet(name: string): string { return 1; }');
	await t.throwsAsync(buildProject(folder), {code: 'FORGE_BINDGEN_COMPILE'});
	t.deepEqual(await readFile(file), before);
});
