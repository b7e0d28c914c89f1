import {execFile} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join, sep} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {commandsOf} from '../support/pages.ts';
import {deskOf, pack} from './packed.ts';

const packs = pack();

test.serial('every package is packed with its licence, its README, and every file that it names', async t => {
	const run = async (...args: readonly string[]) => (await promisify(execFile)('tar', args)).stdout;
	// The templates are packed beside them, as projects of their own.
	for (const file of (await readdir(await packs)).filter(name => name.startsWith('forgeone-'))) {
		const path = join(await packs, file);
		const files = new Set((await run('-tzf', path)).trim().split('\n'));
		const {exports = {}, bin = {}} = JSON.parse(await run('-xzOf', path, 'package/package.json'));
		const named = [exports, bin].flatMap(value => JSON.stringify(value).match(/"(?:\.\/)?[^":]+\.[a-z]+"(?=[,}])/g) ?? []);
		const wanted = [...named.map(name => JSON.parse(name).replace(/^\.\//, '')), 'README.md', 'LICENSE'];
		t.deepEqual(
			wanted.filter(name => !files.has(`package/${name}`)),
			[],
			file,
		);
	}
});

/** What the commands of a template's README write, among else. */
const shown: Readonly<Record<string, readonly RegExp[]>> = {
	'plugin-assemblyscript': [/5 tests passed/, /^ +file +\S+\/build\/made\.wasm$/m],
	'plugin-js': [/5 tests passed/, /^ +file +\S+\/build\/made\.wasm$/m],
	'plugin-ts': [/5 tests passed/, /^ +file +\S+\/build\/index\.js$/m],
	'app-cli': [/4 tests passed/, /^Hello from Ada!$/m, /^Hej from ForgeOne!$/m, /^text$/m],
	'app-http-assemblyscript': [/1 test passed/, /^Hello from ForgeOne! You asked for GET \/$/m, /^text$/m],
	'app-http-ts': [/1 test passed/, /^Hello from ForgeOne! You asked for GET \/$/m, /^text$/m],
	'plugin-set': [/2 tests passed/, /^hello from made$/m, /^audit +component/m],
};

for (const [template, lines] of Object.entries(shown)) {
	test.serial(
		`${template}: what is made of it from the packed packages builds, passes its test and runs by the commands of its README`,
		async t => {
			const {folder, type} = await deskOf(t, await packs);
			const create = template.startsWith('plugin-') && template !== 'plugin-set' ? 'plugin create' : 'init';
			const made = await type(`npm install @forgeone/plugin-cli node@26; npx forge ${create} made --template ${template}`);
			t.is(made.code, 0, made.err);
			const commands = commandsOf(await readFile(join(folder, 'made/README.md'), 'utf8'));
			const {code, out, err} = await type(`cd made\n${commands}`);
			t.is(code, 0, out + err);
			for (const line of lines) t.regex(out, line);
			const sdk = createRequire(join(folder, 'made/package.json')).resolve('@forgeone/sdk');
			t.true(sdk.startsWith(join(folder, 'made', 'node_modules') + sep), sdk);
		},
	);
}

test.serial('a newcomer has a plugin that passes its test and takes its place in a daemon by the commands of the README alone', async t => {
	const {type} = await deskOf(t, await packs);
	const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
	const [section = ''] = /^## Write a plugin\n.*?(?=^## )/ms.exec(readme) ?? [];
	const {code, out, err} = await type(commandsOf(section));
	t.is(code, 0, out + err);
	for (const line of [/tests passed/, /^store$/m, /^ +file +\S+\/plugins\/kv\/build\/kv\.wasm$/m]) t.regex(out, line);
});
