import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join, relative} from 'node:path';
import {promisify} from 'node:util';
import type {ExecutionContext} from 'ava';
import test from 'ava';

const bin = join(import.meta.dirname, '../../plugins/cli/bin/forge.js');

/** What a build in a folder of this name writes, with a home and a folder for temporary files of its own. */
async function built(t: ExecutionContext, name: string, files: Readonly<Record<string, string>>): Promise<Record<string, Buffer>> {
	const root = await mkdtemp(join(tmpdir(), 'forge-reproduce-'));
	t.teardown(() => rm(root, {recursive: true, force: true}));
	const [folder, home, temporary] = [name, 'home', `temporary-${name}`].map(part => join(root, part)) as [string, string, string];
	for (const one of [home, temporary]) await mkdir(one);
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(folder, path)), {recursive: true});
		await writeFile(join(folder, path), text);
	}
	await promisify(execFile)(process.execPath, [bin, 'build', folder], {
		cwd: root,
		env: {PATH: process.env.PATH, HOME: home, TMPDIR: temporary},
	});
	// But for Node's own cache nothing is left.
	t.deepEqual(
		(await readdir(temporary)).filter(one => one !== 'node-compile-cache'),
		[],
	);
	const entries = await readdir(join(folder, 'build'), {recursive: true, withFileTypes: true});
	const made = entries.filter(entry => entry.isFile()).map(({parentPath, name}) => join(parentPath, name));
	return Object.fromEntries(
		await Promise.all(made.sort().map(async file => [relative(join(folder, 'build'), file), await readFile(file)])),
	);
}

/** Builds the same twice: elsewhere, later, for somebody else. */
const twice = async (t: ExecutionContext, files: Readonly<Record<string, string>>) =>
	[await built(t, 'here', files), await built(t, 'somewhere-else', files)] as const;

const wit = 'package a:b;\nworld hello { export greet: func(name: string) -> string; }\n';
const greet = "export const greet = (name: string): string => 'Hello, ' + name + new Map([[name, Math.random()]]).size;\n";
const javascript = {
	'wit/world.wit': wit,
	'src/index.ts': "export {greet} from './greet.ts';\n",
	'src/greet.ts': greet,
};
const engine = (engine: string) => ({'package.json': JSON.stringify({name: 'greeter', forgeone: {engine}})});

const projects = {
	AssemblyScript: {
		'package.json': '{"name": "greeter"}',
		'wit/world.wit': wit,
		'assembly/index.ts': 'export function greet(name: string): string {\n\tassert(name.length < 100);\n\treturn "Hello, " + name;\n}\n',
	},
	TypeScript: {
		'package.json': '{"name": "greeter", "type": "module"}',
		'tsconfig.json': '{"compilerOptions": {"sourceMap": true, "declarationMap": true, "module": "nodenext"}}',
		'src/index.ts': "export {greet} from './greet.ts';\n",
		'src/greet.ts': greet,
	},
	'WebAssembly text': {
		'package.json': '{"name": "greeter"}',
		'src/index.wat': '(component (core module $m (func)) (core instance (instantiate $m)))',
	},
	'JavaScript in StarlingMonkey': {...javascript, ...engine('starlingmonkey')},
};

for (const [what, files] of Object.entries(projects)) {
	test(`${what} gives the same bytes in another folder, at another time, with another home`, async t => {
		const [first, second] = await twice(t, files);
		t.true(Object.keys(first).length > 0);
		t.deepEqual(Object.keys(first), Object.keys(second));
		for (const [name, bytes] of Object.entries(first)) t.true(bytes.equals(second[name] ?? Buffer.alloc(0)), name);
	});
}

/** The core modules of a component, each without its data: the sections but for that, and the count of its segments. */
function codeOf(component: Uint8Array): string[] {
	const found: string[] = [];
	const read = (bytes: Uint8Array, inside: boolean) => {
		for (let at = 8; at < bytes.length; ) {
			const id = bytes[at++] as number;
			let size = 0;
			for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
				byte = bytes[at++] as number;
				size |= (byte & 0x7f) << shift;
			}
			const body = bytes.subarray(at, at + size);
			at += size;
			if (!inside && (id === 1 || id === 4)) read(body, id === 1);
			else if (!(inside && (id === 11 || id === 12))) found.push(`${id} ${Buffer.from(body).toString('base64')}`);
		}
	};
	read(component, false);
	return found;
}

test('JavaScript in QuickJS gives the same but for the data, where its tool leaves the time and random numbers', async t => {
	const [first, second] = await twice(t, {...javascript, ...engine('quickjs')});
	const [one, other] = [first, second].map(files => files['greeter.wasm'] as Buffer) as [Buffer, Buffer];
	t.deepEqual(codeOf(one), codeOf(other));
	t.true(codeOf(one).length > 10);
	t.true(Math.abs(one.length - other.length) < 1024);
});
