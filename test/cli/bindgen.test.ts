import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {forgeOf} from './forge.ts';

const wit = 'package a:b;\nworld hello { export greet: func(name: string) -> string; }\n';

test('bindgen writes bindings and a module to begin with, and says so', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'world.wit'), wit);
	const first = await forge('bindgen --lang assemblyscript world.wit --world hello'.split(' '));
	t.deepEqual([first.code, first.err], [0, '']);
	t.is(first.out, 'a:b/hello: 3 files in src/bindings\nsrc/app.ts is there to begin with\n');
	t.regex(await readFile(join(forge.folder, 'src/app.ts'), 'utf8'), /export function greet\(name: string\): string \{/);
	const again = await forge('bindgen world.wit --out made --json'.split(' '));
	const {world, files, begun} = JSON.parse(again.out);
	t.deepEqual([world, files.sort(), begun], ['a:b/hello', ['component.ts', 'system.ts', 'wit.ts'], undefined]);
	t.regex(await readFile(join(forge.folder, 'made/component.ts'), 'utf8'), /from '\.\.\/src\/app'/);
});

test('bindgen tells what is wrong in one line, with the place or the nearest name', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'world.wit'), wit);
	await writeFile(join(forge.folder, 'bad.wit'), wit.replace('string;', 'string'));
	const cases = {
		'bindgen world.wit --world helo': [1, /^forge: there is no world "helo", but hello \(FORGE_BINDGEN_WORLD\): did you mean "hello"\?\n$/],
		'bindgen bad.wit': [
			1,
			/^forge: "bad\.wit" line 2 column 58: expected ";", found "}", in "world hello [^\n]+" \(FORGE_BINDGEN_SYNTAX\): repair the WIT\n$/,
		],
		'bindgen none.wit': [1, /^forge: there is no WIT at "none\.wit" \(FORGE_BINDGEN_MISSING\): [^\n]+\n$/],
		'bindgen world.wit --lang cobol': [2, /assemblyscript/],
		bindgen: [2, /FORGE_USAGE/],
	} as const;
	for (const [words, [expected, text]] of Object.entries(cases)) {
		const {code, out, err} = await forge(words.split(' '));
		t.deepEqual([code, out], [expected, ''], words);
		t.regex(err, text);
	}
	const {code, err} = await forge('bindgen bad.wit --json'.split(' '));
	t.is(code, 1);
	t.is(JSON.parse(err).error.code, 'FORGE_BINDGEN_SYNTAX');
});

test('bindgen without the tools of the component model names the package to install', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'world.wit'), wit);
	const hooks = `import {registerHooks} from 'node:module';
registerHooks({resolve(name, context, next) {
	return next(name.startsWith('@bytecodealliance/') ? './gone.js' : name, context);
}});`;
	await writeFile(join(forge.folder, 'hooks.mjs'), hooks);
	const {code, err} = await forge(['bindgen', 'world.wit'], {env: {NODE_OPTIONS: `--import ${join(forge.folder, 'hooks.mjs')}`}});
	t.is(code, 1);
	t.regex(
		err,
		/^forge: the tool "@bytecodealliance\/jco-transpile" is not installed \(FORGE_BINDGEN_TOOL\): npm install --save-dev @\S+\n$/,
	);
});
