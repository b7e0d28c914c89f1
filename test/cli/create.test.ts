import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {commandsOf} from '../support/pages.ts';
import {forgeOf} from './forge.ts';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'plugins/cli/bin/forge.js');
const lacking = existsSync('/usr/bin/script') ? undefined : 'there is no script(1) here';

test('a project has its own name wherever the template has that of its own, and asks for the packages of this forge', async t => {
	const forge = await forgeOf(t);
	const {code, out} = await forge('plugin create @me/kv --template plugin-assemblyscript --folder made/there'.split(' '));
	t.is(code, 0);
	const folder = join(forge.folder, 'made/there');
	const {name, exports, devDependencies} = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	const {version} = JSON.parse(await readFile(join(root, 'plugins/cli/package.json'), 'utf8'));
	t.deepEqual([name, exports, devDependencies['@forgeone/sdk']], ['@me/kv', './build/kv.wasm', `^${version}`]);
	const readme = await readFile(join(folder, 'README.md'), 'utf8');
	t.regex(readme, /^# kv\n/);
	t.notRegex(readme, /plugin-assemblyscript/);
	t.true((await readdir(folder)).includes('.gitignore'));
	const [commands = ''] = commandsOf(readme).split(/^npx forge up/m);
	t.is(out, `@me/kv is there, made of plugin-assemblyscript. Next:\n  cd made/there\n${commands.replace(/^/gm, '  ').trimEnd()}\n`);
});

test('an empty folder is filled where it is, and called what it is called', async t => {
	const forge = await forgeOf(t);
	await mkdir(join(forge.folder, 'web'));
	const {code, out} = await forge('init web --template app-http-ts'.split(' '));
	t.deepEqual([code, out.split('\n', 2)], [0, ['web is there, made of app-http-ts. Next:', '  cd web']]);
	t.is(JSON.parse(await readFile(join(forge.folder, 'web/package.json'), 'utf8')).name, 'web');
});

test('what can not be made is told in one line, and nothing is touched', async t => {
	const forge = await forgeOf(t);
	await mkdir(join(forge.folder, 'full'));
	await writeFile(join(forge.folder, 'full/mine.txt'), 'mine');
	const before = await readdir(forge.folder, {recursive: true});
	const cases = {
		'plugin create kv --template plugin-tss': [
			1,
			/^forge: there is no template "plugin-tss" \(FORGE_TEMPLATE_UNKNOWN\): did you mean "plugin-ts"\?/,
		],
		'plugin create kv --template ../plugin-ts': [1, /\(FORGE_TEMPLATE_UNKNOWN\): did you mean "plugin-ts"\?/],
		'plugin create kv --template node_modules': [1, /\(FORGE_TEMPLATE_UNKNOWN\)/],
		'plugin create ../kv --template plugin-ts': [1, /^forge: "\.\.\/kv" is no name for a project \(FORGE_PROJECT_NAME\)/],
		'plugin create KV --template plugin-ts': [1, /\(FORGE_PROJECT_NAME\)/],
		'plugin create .. --template plugin-ts': [1, /\(FORGE_PROJECT_NAME\)/],
		'plugin create full --template plugin-ts': [1, /^forge: "[^"]+\/full" is there and not empty \(FORGE_PROJECT_EXISTS\)/],
		'plugin create kv --folder full/mine.txt --template plugin-ts': [1, /\(FORGE_PROJECT_EXISTS\)/],
		'plugin create kv --folder full/mine.txt/kv --template plugin-ts': [1, /\(FORGE_PROJECT_UNWRITABLE\)/],
		'plugin create kv --folder /proc/forge-kv --template plugin-ts': [1, /^forge: "\/proc\/forge-kv" can not be written: ENOENT/],
		'init full --template app-cli': [1, /\(FORGE_PROJECT_EXISTS\)/],
		'plugin create kv': [
			2,
			/^forge: no template is named, add --template with one of plugin-assemblyscript, plugin-js, plugin-ts \(FORGE_USAGE\)/,
		],
		'init web': [2, /app-cli, app-http-assemblyscript, app-http-ts, plugin-set \(FORGE_USAGE\)/],
		'plugin create --template plugin-ts': [2, /FORGE_USAGE/],
	} as const;
	for (const [words, [expected, text]] of Object.entries(cases)) {
		const {code, out, err} = await forge(words.split(' '));
		t.deepEqual([code, out], [expected, ''], words);
		t.regex(err, text);
		t.is(err.split('\n').length, 2, err);
	}
	t.deepEqual(await readdir(forge.folder, {recursive: true}), before);
});

const onTerminal = lacking === undefined ? test : test.skip;

onTerminal(`a terminal is asked for the template, and for nothing else${lacking ? ` (skipped: ${lacking})` : ''}`, async t => {
	const forge = await forgeOf(t);
	const answer = async (command: string, typed: string) => {
		const line = `printf '${typed}' | script -qec "${process.execPath} ${bin} ${command}" /dev/null || true`;
		const env = {...forge.env, TERM: 'dumb'};
		return (await promisify(execFile)('bash', ['-c', line], {cwd: forge.folder, env})).stdout;
	};
	t.regex(
		await answer('plugin create first', '\\n'),
		/template \[plugin-assemblyscript\]: .*first is there, made of plugin-assemblyscript\./s,
	);
	t.regex(await answer('init second', 'plugin-set\\n'), /second is there, made of plugin-set\./);
	t.regex(await answer('init third', 'app-clo\\n'), /there is no template "app-clo" \(FORGE_TEMPLATE_UNKNOWN\): did you mean "app-cli"\?/);
	t.regex(await answer('init fourth', '\\004'), /no template is named/);
	t.deepEqual((await readdir(forge.folder)).sort(), ['first', 'second']);
});
