import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {build, readWit, resolveWorld, witOf} from '@forgeone/sdk/bindgen';
import test from 'ava';
import fc from 'fast-check';
import {assembled} from '../support/assembly.ts';

const resolved = async (text: string, world?: string) => resolveWorld(witOf(text, 'w.wit'), world);

for (const [text, line, column, reason] of [
	['package a:b;\nworld w {\n\timport x: fun();\n}', 3, 15, 'expected ";", found "("'],
	['package a:b;\nworld w {', 2, 10, 'expected "}", found the end'],
	['package a:b;\ninterface i {\n  list: func();\n}', 3, 3, 'expected a name, such as "%list", found "list"'],
	['package a:b;\ninterface i { f: func(a: foo); }\nworld w { import i; }', 2, 26, 'name `foo` does not exist'],
	['package a:b;\ninterface i { f: func(); f: func(); }\nworld w { import i; }', 2, 26, 'name `f` is defined more than once'],
	['package a:b;\nworld w {\n  import q:r/s;\n}', 3, 10, "package 'q:r' not found. known packages: a:b"],
	['world w {}\n\n  what', 3, 3, 'expected an interface, a world, a use or a package, found "what"'],
] as const) {
	test(`a WIT that is wrong is refused where it is, with its line: ${reason}`, async t => {
		const error = await t.throwsAsync(() => resolved(text), {code: 'FORGE_BINDGEN_SYNTAX'});
		const there = text.split('\n')[line - 1]?.trim();
		t.is(error?.message, `"w.wit" line ${line} column ${column}: ${reason}, in "${there}"`);
	});
}

test('in a folder the file that is wrong is named', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'forge-wit-'));
	await writeFile(join(folder, 'a.wit'), 'package a:b;\ninterface i { f: func(); }');
	await writeFile(join(folder, 'b.wit'), '/// fine\nworld w { import i; import j; }');
	const error = await t.throwsAsync(async () => resolveWorld(await readWit(folder)), {code: 'FORGE_BINDGEN_SYNTAX'});
	t.regex(error?.message ?? '', /^"\S+b\.wit" line 2 column 28: /);
	await t.throwsAsync(() => readWit(join(folder, 'none')), {code: 'FORGE_BINDGEN_MISSING', message: /none"$/});
	await t.throwsAsync(() => readWit(tmpdir()), {code: 'FORGE_BINDGEN_MISSING'});
});

test('a world that is not there names the nearest, of other packages too, and lists those of its own', async t => {
	const text = 'package a:b@1.0.0;\nworld server {}\nworld client {}\npackage c:d { world other {} }';
	for (const [world, nearest] of Object.entries({servr: 'server', 'c:d/othr': 'c:d/other'})) {
		const error = await t.throwsAsync<Error & {remedy: string}>(() => resolved(text, world), {code: 'FORGE_BINDGEN_WORLD'});
		t.is(error?.message, `there is no world "${world}", but server, client`);
		t.is(error?.remedy, `did you mean "${nearest}"?`);
	}
	for (const world of ['server', 'a:b/server', 'a:b/server@1.0.0']) t.is((await resolved(text, world)).id, 'a:b/server@1.0.0');
	t.is((await resolved(text, 'c:d/other')).id, 'c:d/other');
});

test('where a package has several worlds one must be asked for', async t => {
	const several = {code: 'FORGE_BINDGEN_WORLDS', message: 'package "a:b" has 2 worlds: server, client'};
	await t.throwsAsync(() => resolved('package a:b;\nworld server {}\nworld client {}'), several);
	const none = {code: 'FORGE_BINDGEN_WORLDS', message: 'package "a:b" has 0 worlds: none'};
	await t.throwsAsync(() => resolved('package a:b;\ninterface i {}'), none);
});

test('what AssemblyScript has no bindings for is refused by its name', async t => {
	for (const [type, feature] of [
		['stream<u8>', 'a stream'],
		['future<u8>', 'a future'],
		['error-context', 'error-context'],
	] as const) {
		const text = `package a:b;\nworld w { import f: func(x: ${type}); }`;
		const error = await t.throwsAsync(() => resolved(text), {code: 'FORGE_BINDGEN_UNSUPPORTED'});
		t.is(error?.message, `AssemblyScript has no bindings for ${feature}`);
	}
	await t.throwsAsync(() => resolved('package a:b;\nworld w { import f: async func(); }'), {
		code: 'FORGE_BINDGEN_UNSUPPORTED',
		message: /async/,
	});
});

test("a program's error is told with the place in its file", async t => {
	const wit = 'package a:b;\nworld w { export f: func() -> u32; }';
	const wrong = 'export function f(): u32 {\n\treturn "text";\n}';
	const error = await t.throwsAsync(() => assembled(wit, wrong), {code: 'FORGE_BINDGEN_COMPILE'});
	t.regex(error?.message ?? '', /app\.ts" line 2 column 9: Type '~lib\/string\/String' is not assignable to type 'u32'\.$/);
	await t.throwsAsync(() => assembled(wit, 'export function g(): u32 {\n\treturn 1;\n}'), {
		code: 'FORGE_BINDGEN_COMPILE',
		message: /'f'|"f"|\bf\b/,
	});
	await t.throwsAsync(() => build({wit: witOf(wit), source: '/nowhere/app.ts'}), {code: 'FORGE_BINDGEN_COMPILE', message: /app/});
});

test('no text makes the reader of WIT fail otherwise than by a refusal with a place', t => {
	const words =
		'package a:b; world interface w i { } ( ) : ; , -> func u8 list < > use import export %x @since(version = 1.0.0) /// d\n /* c */ "'.split(
			' ',
		);
	fc.assert(
		fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), {maxLength: 40}), parts => {
			try {
				witOf(parts.join(' '), 'f');
			} catch (error) {
				return /^FORGE_BINDGEN_(SYNTAX|WIT)$/.test((error as {code?: string}).code ?? '');
			}
			return true;
		}),
		{numRuns: 2_000},
	);
	t.pass();
});
