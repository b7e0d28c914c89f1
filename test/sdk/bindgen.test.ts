import {execFile} from 'node:child_process';
import {cp, mkdtemp, readdir, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {bind, build, generate, readWit, resolveWorld, witOf} from '@forgeone/sdk/bindgen';
import {load} from '@forgeone/wasm';
import test from 'ava';
import {assembled} from '../support/assembly.ts';

const golden = join(import.meta.dirname, '../guests/assembly/notes');

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'forge-bindgen-'));

const texts = async (path: string): Promise<Record<string, string>> => {
	const names = (await readdir(path, {recursive: true})).filter(name => name.endsWith('.ts')).sort();
	return Object.fromEntries(await Promise.all(names.map(async name => [name, await readFile(join(path, name), 'utf8')])));
};

test('a small world reads as it is kept beside its WIT', async t => {
	const to = await folder();
	await bind({source: join(to, 'app.ts'), wit: join(golden, 'notes.wit'), bindings: join(to, 'made')});
	t.deepEqual(await texts(to), await texts(join(golden, 'expected')));
});

test('a module that is there is left alone, and the bindings made again', async t => {
	const source = join(await folder(), 'app.ts');
	const options = {source, wit: join(golden, 'notes.wit')};
	t.is((await bind(options)).begun, source);
	await writeFile(source, '// mine');
	t.is((await bind(options)).begun, undefined);
	t.is(await readFile(source, 'utf8'), '// mine');
});

test('the same files give the same bytes, wherever they are', async t => {
	const build1 = async () => {
		const to = join(await folder(), 'deeper');
		await cp(join(golden, 'expected/app.ts'), join(to, 'app.ts'));
		return build({source: join(to, 'app.ts'), wit: join(golden, 'notes.wit'), bindings: join(to, 'made')});
	};
	t.deepEqual(await build1(), await build1());
});

test('two versions of a package, and two interfaces of one name, stand side by side', async t => {
	const one = (version: string, to: string) => `package a:b@${version} { interface i { record r { x: ${to} } f: func(r: r) -> ${to}; } }`;
	const wit = `package t:t;
world w { import a:b/i@1.0.0; import a:b/i@2.0.0; import c:d/i; export g: func() -> u64; }
${one('1.0.0', 'u32')} ${one('2.0.0', 'u64')} package c:d { interface i { f: func() -> u8; } }`;
	const source = `
import * as One from './bindings/imports/a-b-i-1-0-0';
import * as Two from './bindings/imports/a-b-i-2-0-0';
import * as Other from './bindings/imports/d-i';
export function g(): u64 {
	return <u64>One.f(new One.R(1)) + Two.f(new Two.R(2)) + Other.f();
}`;
	const component = await load(await assembled(wit, source));
	const instance = await component.instantiate({
		'a:b/i@1.0.0': {f: ({x}: {x: number}) => x * 10},
		'a:b/i@2.0.0': {f: ({x}: {x: bigint}) => x * 100n},
		'c:d/i': {f: () => 3},
	} as never);
	t.is((instance.exports.g as () => bigint)(), 213n);
});

test('names that AssemblyScript keeps for itself travel as well as others', async t => {
	const words = ['delete', 'load', 'store', 'new', 'class', 'get', 'memory', 'of', 'string-of', 'heap', 'array', 'type-of'];
	const functions = words.map(word => `%${word}: func(%${word}: string, %this: u8) -> string;`).join('\n');
	const cases = words.map(word => `%${word}(string)`).join(', ');
	const wit = `package t:t;
interface array { record uint8-array { %constructor: u8 } variant result-of { ${cases}, tag } %load: func(v: result-of, r: uint8-array) -> result-of; }
interface host { ${functions} }
interface api { ${functions} use array.{result-of, uint8-array}; give: func(v: result-of, r: uint8-array) -> result-of; }
world w { import host; import array; export api; }`;
	const {skeleton} = generate(await resolveWorld(witOf(wit)));
	const source = skeleton.split('\n').map((line, i, all) => {
		if (!line.includes('is not written yet')) return line;
		const [, name, params = ''] = /function (\w+)\((.*)\):/.exec(all[i - 1] as string) ?? [];
		const args = [...params.matchAll(/(\w+): /g)].map(([, word]) => word).join(', ');
		return name === 'give'
			? `return Table.load_(${args});`
			: `return Host.${/^(load|store|memory|heap)$/.test(name ?? '') ? `${name}_` : name}(${args});`;
	});
	const imports = ["import * as Host from './bindings/imports/host';", "import * as Table from './bindings/imports/array';"];
	const component = await load(await assembled(wit, [...imports, ...source].join('\n')));
	const names = component.imports.find(({name}) => name === 't:t/host')?.functions ?? [];
	const host = Object.fromEntries(names.map(name => [name, (text: string, n: number) => `${name} ${text} ${n}`]));
	const instance = await component.instantiate({'t:t/host': host, 't:t/array': {load: (value: unknown) => value}} as never);
	const api = instance.interface('t:t/api') as Record<string, (...values: unknown[]) => unknown>;
	for (const name of names) t.is(api[name]?.('x', 7), `${name} x 7`);
	for (const tag of words) {
		const value = {tag, val: 'y'};
		t.deepEqual(api.give?.(value, {constructor: 1}), value);
	}
	t.is(component.imports.length, 2);
});

test('prose of the WIT stands where it belongs, and cannot end a comment', async t => {
	const wit = witOf(`package t:t;
/// A world */ export function x(): void {} /*
world w {
	/// Says so.
	export f: func();
}`);
	const {files, skeleton} = generate(await resolveWorld(wit));
	t.regex(skeleton, /\/\*\* Says so\. \*\/\nexport function f\(\)/);
	t.false([...files.values()].some(text => text.includes('*/ export function')));
});

test('a type whose name reads like another type is not taken for it', async t => {
	const names = ['list-string', 'option-u8', 'unit', 'tuple2', 'a-b', 'c', 'a', 'b-c', 'string-or-a'];
	const records = names.map((name, i) => `record ${name} { f${i}: u${i % 2 ? 8 : 64}, s: string }`).join('\n');
	const types = [
		'list<string>',
		'option<u8>',
		'list-string',
		'option-u8',
		'tuple<a-b, c>',
		'tuple<a, b-c>',
		'tuple<tuple2, unit>',
		'result<string-or-a, c>',
	];
	const all = [
		...types,
		'list<list-string>',
		'option<option-u8>',
		'tuple<list-string, list<string>>',
		'tuple<result<_, unit>, result<unit>>',
	];
	const functions = all.map((type, i) => `f${i}: func(a: list<${type}>) -> list<${type}>;`).join('\n');
	const wit = `package t:t;\ninterface i { ${records}\n${functions} }\nworld w { export i; }`;
	const {skeleton} = generate(await resolveWorld(witOf(wit)));
	const component = await load(await assembled(wit, skeleton.replaceAll(/throw.*/g, 'return a;')));
	const api = (await component.instantiate()).interface('t:t/i') as Record<string, (value: unknown) => unknown>;
	const record = (i: number) => ({[`f${i}`]: i % 2 ? i : BigInt(i), s: `s${i}`});
	const [listString, optionU8, unit, tuple2, ab, c, a, bc, stringOrA] = names.map((_, i) => record(i));
	const values = [['x'], 7, listString, optionU8, [ab, c], [a, bc], [tuple2, unit], {tag: 'ok', val: stringOrA}];
	const more = [
		[listString],
		optionU8,
		[listString, ['y']],
		[
			{tag: 'err', val: unit},
			{tag: 'ok', val: unit},
		],
	];
	for (const [i, value] of [...values, ...more].entries()) t.deepEqual(api[`f${i}`]?.([value]), [value], all[i]);
});

test('comments that nest, that end a line and that say nothing are passed over', async t => {
	const wit = witOf(`/* one /* two */ still one */ package t:t; // world x {}
//// no prose
/***/ /**/ world w { /** Says so,
	 * in two lines. */ export f: func(); /* } */ }`);
	const {skeleton} = generate(await resolveWorld(wit));
	t.regex(skeleton, /\/\*\*\n \* Says so,\n \* in two lines\.\n \*\/\nexport function f\(\)/);
	t.notRegex(skeleton, /no prose/);
});

test('an interface whose name is a word of AssemblyScript is a namespace too', async t => {
	const wit =
		'package t:t;\ninterface delete { f: func() -> u32; }\ninterface %new { f: func() -> u32; }\nworld w { export delete; export %new; }';
	const {skeleton} = generate(await resolveWorld(witOf(wit)));
	const bytes = await assembled(wit, skeleton.replaceAll(/throw.*/g, 'return 3;'));
	t.is((await (await load(bytes)).instantiate()).interface('t:t/new')?.f?.(), 3);
});

test('a folder is read with what it depends on, as the tools lay it out', async t => {
	const root = await folder();
	await cp(golden, root, {recursive: true, filter: path => !path.includes('expected')});
	await cp(join(golden, 'notes.wit'), join(root, 'deps/notes/notes.wit'));
	await writeFile(join(root, 'notes.wit'), 'package a:b;\ninterface more { use demo:notes/shelf@1.0.0.{note}; f: func(n: note); }');
	await writeFile(join(root, 'world.wit'), 'world w { import more; export demo:notes/desk@1.0.0; }');
	const world = await resolveWorld(await readWit(root), 'w');
	t.deepEqual(
		world.imports.map(({id}) => id),
		['demo:notes/shelf@1.0.0', 'a:b/more'],
	);
	t.is(world.imports[0]?.docs, 'Where notes are kept.');
});

test('the example of the README does what it says', async t => {
	const readme = await readFile(join(import.meta.dirname, '../../sdk/src/bindgen/README.md'), 'utf8');
	const [wit = ''] = [...readme.matchAll(/^```wit\n(.*?)^```/gms)].map(([, text]) => text);
	const [, source = ''] = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text]) => text);
	const component = await load(await assembled(wit, source));
	class Board {
		put({id}: {id: number}): void {
			if (id > 9) throw Object.assign(new Error('full'), {payload: {tag: id > 99 ? 'missing' : 'full', val: 9}});
		}
	}
	const instance = await component.instantiate({'demo:notes/shelf@1.0.0': {Board}});
	const {copy, Counter} = instance.interface('demo:notes/desk@1.0.0') as unknown as {
		copy: (...of: unknown[]) => number;
		Counter: new (n: number) => {up(n: number): number};
	};
	const note = (id: number) => ({id, text: 'x', tags: [], due: undefined});
	t.deepEqual([copy(note(1), new Board()), copy(note(10), new Board())], [1, 9]);
	t.deepEqual(t.throws<Error & {payload: unknown}>(() => copy(note(100), new Board())).payload, {tag: 'other', val: 'no luck'});
	t.is(new Counter(3).up(2), 5);
});

test('the stock compiler with the transform makes what is made in process', async t => {
	const root = await folder();
	const wit = await readWit(join(golden, 'notes.wit'));
	const source = join(root, 'app.ts');
	await bind({source, wit});
	const transform = fileURLToPath(import.meta.resolve('@forgeone/sdk/bindgen/transform'));
	const words = `bindings/component.ts --transform ${transform} --exportStart _initialize --use abort=bindings/system/abort --use seed=bindings/system/seed`;
	const asc = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')));
	for (const runtime of ['incremental', 'minimal'] as const) {
		await promisify(execFile)(process.execPath, [asc, ...words.split(' '), '--runtime', runtime, '--outFile', `${runtime}.wasm`], {
			cwd: root,
		});
		const core = await readFile(join(root, `${runtime}.wasm`));
		const ours = await build({source, wit, runtime, options: []});
		t.true(Buffer.from(ours).includes(core.subarray(8)), 'the component has that core module in it');
	}
});
