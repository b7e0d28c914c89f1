import {cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import test from 'ava';
import {type Forge, forgeOf, until} from './forge.ts';

const root = join(import.meta.dirname, '../..');

const wit = 'package local:greeter@1.0.0;\nworld greeter { export hello; }\ninterface hello { greet: func(name: string) -> string; }\n';

const tests = `
import {artefact, testKernel, witGolden} from '@forgeone/sdk/testing';
import {contract} from '@forgeone/sdk';
import test from 'ava';
const hello = contract('local:greeter/hello@1.0.0', ['greet']);
test('a greeting', async t => {
	const kernel = await testKernel(t, artefact());
	t.is(await kernel.as('alice')(hello).greet('Ada'), 'Hello, Ada');
});
test('its world', t => witGolden(t, artefact(), 'test/golden.wit'));
`;

/** A project with tests; those who depend on it have the packages of this repository. */
async function project(forge: Forge, files: Readonly<Record<string, string>> = {}): Promise<(file: string) => string> {
	const all = {
		'wit/world.wit': wit,
		'assembly/index.ts': `export function greet(name: string): string {\n\treturn 'Hello, ' + name;\n}\n`,
		'test/greeter.test.js': tests,
		'package.json': '{"name": "greeter", "type": "module"}',
		...files,
	};
	const path = (file: string) => join(forge.folder, 'greeter', file);
	for (const [file, text] of Object.entries(all)) {
		await mkdir(dirname(path(file)), {recursive: true});
		await writeFile(path(file), text);
	}
	await symlink(join(root, 'node_modules'), path('node_modules'));
	return path;
}

test('a plugin is built and tested, and what ava says is what is said', async t => {
	const forge = await forgeOf(t);
	const path = await project(forge);
	const missing = await forge(['plugin', 'test', 'greeter']);
	t.is(missing.code, 1, missing.err);
	t.regex(missing.out + missing.err, /there is no "test\/golden\.wit" to compare with/);
	const updated = await forge(['plugin', 'test', 'greeter', '--update']);
	t.is(updated.code, 0, updated.out + updated.err);
	t.regex(updated.out, /2 tests passed/);
	t.regex(await readFile(path('test/golden.wit'), 'utf8'), /^\t\tgreet: func\(name: string\) -> string;$/m);
	await writeFile(path('assembly/index.ts'), `export function greet(name: string): string {\n\treturn 'Hi, ' + name;\n}\n`);
	const wrong = await forge(['plugin', 'test', 'greeter']);
	t.is(wrong.code, 1);
	t.regex(wrong.out, /1 test failed/);
	const one = await forge(['plugin', 'test', 'greeter', '--', '--match', 'its*']);
	t.is(one.code, 0, one.out + one.err);
	t.regex(one.out, /1 test passed/);
});

test('what can not be built is not tested, and a project without ava is told so', async t => {
	const forge = await forgeOf(t);
	await project(forge, {'assembly/index.ts': 'export function greet(name: string): string {\n\treturn name +;\n}\n'});
	const {code, out, err} = await forge(['plugin', 'test', 'greeter']);
	t.deepEqual([code, out], [1, '']);
	t.regex(err, /^forge: "[^"]*index\.ts" line 2 column \d+: [^\n]+ \(FORGE_BINDGEN_COMPILE\)/);
	const bare = await mkdtemp(join(tmpdir(), 'forge-bare-'));
	await mkdir(join(bare, 'src'));
	await writeFile(join(bare, 'src/index.wat'), '(component)');
	const without = await forge(['plugin', 'test', bare]);
	t.is(without.code, 1);
	t.regex(without.err, /^forge: the project in "[^"]+" has no ava to run its tests \(FORGE_TEST_RUNNER\): npm install --save-dev ava\n$/);
});

test('with --watch each change is tested, until it is told to end', async t => {
	const forge = await forgeOf(t);
	const path = await project(forge, {'test/greeter.test.js': tests.replace(/test\('its world.*\n/, '')});
	const child = forge.spawn(['plugin', 'test', 'greeter', '--watch']);
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (said += data));
	const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
	const heard = async (text: RegExp) => {
		await until(() => text.test(said) || child.exitCode !== null);
		t.regex(said, text);
		said = '';
	};
	await heard(/1 test passed[\s\S]*waiting for a change/);
	await writeFile(path('test/greeter.test.js'), tests.replace('Hello, Ada', 'Hi, Ada').replace(/test\('its world.*\n/, ''));
	await heard(/1 test failed[\s\S]*waiting for a change/);
	child.kill('SIGINT');
	t.is(await ended, 0);
});

test('what the README of the SDK shows is tested as it is printed', async t => {
	const forge = await forgeOf(t);
	const section = /## Test\n(.*?)\n## /s.exec(await readFile(join(root, 'sdk/README.md'), 'utf8'))?.[1] ?? '';
	const [plugin = '', counted = '', kv = ''] = [...section.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
	const config = await readFile(join(root, 'templates/plugin-ts/ava.config.js'), 'utf8');
	const tsconfig = await readFile(join(root, 'templates/plugin-ts/tsconfig.json'), 'utf8');
	const path = await project(forge, {'test/greeter.test.js': '', 'test/kv.test.ts': kv, 'ava.config.js': config});
	for (const folder of ['assembly', 'wit'])
		await cp(join(root, 'templates/plugin-assemblyscript', folder), path(folder), {recursive: true});
	await rm(path('test/greeter.test.js'));
	const commands = [...section.matchAll(/^npx forge (.*?)(?: +#.*)?$/gm)].map(([, line = '']) =>
		[...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word),
	);
	t.is(commands.length, 3);
	for (const command of commands) {
		const {code, out, err} = await forge(command.toSpliced(2, 0, 'greeter'));
		t.is(code, 0, out + err);
	}
	const typed = join(forge.folder, 'counted');
	for (const [file, text] of Object.entries({
		'src/index.ts': plugin,
		'test/counted.test.ts': counted,
		'ava.config.js': config,
		'tsconfig.json': tsconfig,
		'package.json': '{"name": "counted", "type": "module"}',
	})) {
		await mkdir(dirname(join(typed, file)), {recursive: true});
		await writeFile(join(typed, file), text);
	}
	await symlink(join(root, 'node_modules'), join(typed, 'node_modules'));
	const {code, out, err} = await forge(['plugin', 'test', 'counted']);
	t.is(code, 0, out + err);
	t.regex(out, /1 test passed/);
});
