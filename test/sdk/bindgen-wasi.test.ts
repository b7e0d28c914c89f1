import {globSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {build, generate, resolveWorld, type Wit, witOf} from '@forgeone/sdk/bindgen';
import {functionName, load, pascalCase} from '@forgeone/wasm';
import test from 'ava';
import {assembled} from '../support/assembly.ts';
import {storeOf} from '../support/stores.ts';

const root = join(import.meta.dirname, '../../node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12');

const packages = Promise.all(
	globSync('wasi-*/package.wit', {cwd: root}).map(async file => {
		const text = await readFile(join(root, file), 'utf8');
		return `${text.replace(/package ([^;{]+);/, 'package $1 {')}\n}\n`;
	}),
);

const witOfWorld = async (body: string): Promise<Wit> => witOf(`package t:t;\nworld w { ${body} }\n${(await packages).join('\n')}`);

/** A module that calls every function and reads every case of a file of bindings, since the compiler passes over what nobody uses. */
function usesAll(text: string, path: string): string {
	const names = [...text.matchAll(/^export (?:class|enum|type) (\w+)/gm)].map(([, name]) => name);
	const imports = [...text.matchAll(/^(?:import .*|export \{(.*)\} from .*)$/gm)].map(([line]) => line.replace(/^export/, 'import'));
	let type = '';
	const calls = text.split('\n').flatMap((line, i) => {
		type = /^export class (\w+)/.exec(line)?.[1] ?? type;
		const [, of, name, params] = /^\t(static |get )?(\w+)\((.*)\)(?:: .*)? \{$/.exec(line) ?? [];
		const [, free, given] = /^export function ([a-z][A-Za-z0-9]*)\((.*)\): .* \{$/.exec(line) ?? [];
		const args = [...(params ?? given ?? '').matchAll(/(\w+): /g)].map(([, word]) => word).join(', ');
		if (free !== undefined) return [`export function use${i}(${given}): void { Self.${free}(${args}); }`];
		if (name === undefined) return [];
		if (name === 'constructor') return [`export function use${i}(${params}): void { new Self.${type}(${args}); }`];
		const self = of === 'static ' ? [] : [`self: Self.${type}`];
		const call = `${of === 'static ' ? `Self.${type}` : 'self'}.${name}${of === 'get ' ? '' : `(${args})`}`;
		return [`export function use${i}(${[...self, ...(params ? [params] : [])].join(', ')}): void { ${call}; }`];
	});
	const own = names.length === 0 ? [] : [`import {${names.join(', ')}} from './${path}';`];
	return [...imports, ...own, `import * as Self from './${path}';`, ...calls].join('\n');
}

/** Builds a world whose imports are all used; the functions that it imports, and those that the component does. */
async function built(body: string): Promise<{bytes: Uint8Array; wanted: string[]; found: string[]}> {
	const wit = await witOfWorld(body);
	const world = await resolveWorld(wit, 'w');
	const {files, skeleton} = generate(world);
	const folder = await mkdtemp(join(tmpdir(), 'forge-wasi-'));
	await writeFile(join(folder, 'app.ts'), skeleton);
	const users = [...files].filter(([path]) => path.startsWith('imports/'));
	for (const [path, text] of users) {
		const file = join(folder, 'bindings', dirname(path), `use-${path.slice('imports/'.length)}`);
		await mkdir(dirname(file), {recursive: true});
		await writeFile(file, usesAll(text, path.slice('imports/'.length, -'.ts'.length)));
	}
	const entries = users.map(([path]) => `bindings/imports/use-${path.slice('imports/'.length)}`);
	const bytes = await build({wit, world: 'w', source: join(folder, 'app.ts'), options: entries});
	const component = await load(bytes);
	const wanted = world.imports.flatMap(({id, functions}) => functions.map(({name}) => `${id} ${memberName(name)}`));
	return {bytes, wanted, found: component.imports.flatMap(({name, functions}) => (functions ?? []).map(of => `${name} ${of}`))};
}

function memberName(name: string): string {
	const {role, resource, label} = functionName(name);
	const camel = label.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
	if (role === 'function') return camel;
	return role === 'constructor' ? pascalCase(resource) : `${pascalCase(resource)}.${camel}`;
}

for (const [name, body] of [
	['cli', 'include wasi:cli/command@0.2.12;'],
	['http', 'include wasi:http/proxy@0.2.12;'],
	['filesystem', 'include wasi:filesystem/imports@0.2.12;'],
	['sockets', 'include wasi:sockets/imports@0.2.12;'],
	['clocks', 'include wasi:clocks/imports@0.2.12;'],
	['random', 'include wasi:random/imports@0.2.12;'],
	['io', 'include wasi:io/imports@0.2.12;'],
] as const) {
	test(`every function of the world of wasi:${name} 0.2 has bindings that compile`, async t => {
		const {wanted, found} = await built(body);
		t.true(wanted.length > 3);
		const free = wanted.filter(of => !found.includes(of));
		t.deepEqual(free, []);
	});
}

test('randomness and failed checks reach the host where the world imports them', async t => {
	const imports = ['cli/stderr', 'random/random'].map(name => `import wasi:${name}@0.2.12;`).join(' ');
	const wit = await witOfWorld(`${imports} export dice: func() -> f64; export fail: func();`);
	const folder = await mkdtemp(join(tmpdir(), 'forge-wasi-'));
	const source = join(folder, 'app.ts');
	await writeFile(
		source,
		`export function dice(): f64 { return Math.random(); }
export function fail(): void { assert(false, 'as it must'); }`,
	);
	const component = await load(await build({wit, world: 'w', source}));
	let told = '';
	class OutputStream {
		blockingWriteAndFlush(bytes: Uint8Array): void {
			told += Buffer.from(bytes).toString();
		}
	}
	const open = async (seed: bigint) =>
		(
			await component.instantiate({
				'wasi:cli/stderr': {getStderr: () => new OutputStream()},
				'wasi:io/streams': {OutputStream},
				'wasi:random/random': {getRandomU64: () => seed},
			} as never)
		).exports as Record<string, () => number>;
	const [one, two] = [await open(1n), await open(2n)];
	t.not(one.dice?.(), two.dice?.());
	t.throws(() => one.fail?.(), {code: 'FORGE_TRAP'});
	t.is(told, 'as it must at app.ts:2:32\n');
});

test('where a world has nowhere to write, what fails traps, by name too, and no message of the compiler’s is in the component', async t => {
	const program = `export function f(n: u32): u32 {
		const all = [1, 2];
		if (n == 9) abort('by name');
		assert(n != 8, 'by a check');
		return all[n];
	}`;
	const component = await assembled('package a:b; world w { export f: func(n: u32) -> u32; }', program);
	const open = async () => (await (await load(component)).instantiate()).exports as {f: (n: number) => number};
	t.is((await open()).f(1), 2);
	for (const n of [9, 8, 2]) await t.throwsAsync(async () => (await open()).f(n), {code: 'FORGE_TRAP'});
	for (const text of ['Index out of range', '~lib/array.ts', 'by a check'])
		t.false(Buffer.from(component).includes(text, 0, 'utf16le'), text);
});

test('a handler of HTTP and a store are below 20 kB', async t => {
	const file = join(import.meta.dirname, '../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm');
	t.true((await readFile(file)).length < 20_000);
	await using store = await storeOf('plugin-assemblyscript');
	t.true(store.size < 20_000);
});
