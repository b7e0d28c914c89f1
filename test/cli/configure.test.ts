import {chmod, copyFile, mkdir, readdir, readFile, readlink, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {fileOf, reading} from '../support/wat.ts';
import {type Forge, forgeOf} from './forge.ts';

const source = `
	import {definePlugin} from '${import.meta.resolve('@forgeone/sdk')}';
	export default definePlugin({
		name: 'mine',
		config: {type: 'object', properties: {level: {enum: ['debug', 'info']}, limit: {type: 'integer'}, text: {type: 'string'}}},
		setup: () => ({}),
	});`;

/** A `forge` in a folder with the plugin `mine.mjs` and these files. */
async function folderOf(t: ExecutionContext, files: Readonly<Record<string, string>> = {}) {
	const forge = await forgeOf(t);
	for (const [name, text] of Object.entries({'mine.mjs': source, ...files})) await writeFile(join(forge.folder, name), text);
	return {forge, read: (name: string) => readFile(join(forge.folder, name), 'utf8')};
}

const names = async (forge: Forge) => {
	const {out} = await forge(['plugin', 'list', '--json']);
	return (JSON.parse(out) as {name: string}[]).map(({name}) => name);
};

const add = ['plugin', 'add', 'mine', './mine.mjs'];

test('a plugin is added where there is no configuration, runs, and is taken out again', async t => {
	const {forge, read} = await folderOf(t);
	const {code, out, err} = await forge([...add, '--config', 'level=debug', '--config', 'limit=5', '--config', 'text=5']);
	t.is(code, 0, err);
	t.is(out, 'mine is in forge.config.yaml; now run: forge up -d\n');
	t.is(await read('forge.config.yaml'), 'plugins:\n  mine: { use: ./mine.mjs, config: { level: debug, limit: 5, text: "5" } }\n');
	t.true((await names(forge)).includes('mine'));
	t.is((await forge(['plugin', 'remove', 'mine'])).out, 'mine is no longer in forge.config.yaml; now run: forge up -d\n');
	t.is(await read('forge.config.yaml'), 'plugins: {}\n');
	t.false((await names(forge)).includes('mine'));
});

test('comments and layout stay, in each kind of file, and so do its rights and a link to it', async t => {
	const yaml =
		'# ours\nmode:   production  # always\n\n\nplugins:\n    # who did what\n    audit:  "@forgeone/plugin-security/audit"   # kept\n# the end\n';
	const json = '{\n\t"mode": "production",\n\t"plugins": {\n\t\t"audit": "@forgeone/plugin-security/audit"\n\t}\n}\n';
	const forms: [name: string, before: string, after: string][] = [
		['forge.config.yaml', yaml, yaml.replace('# kept\n', '# kept\n    mine: ./mine.mjs\n')],
		['forge.config.json', json, json.replace('audit"\n', 'audit",\n\t\t"mine": "./mine.mjs"\n')],
		[
			'package.json',
			`{"name": "x", "forge":   {}, "private": true}`,
			`{"name": "x", "forge":   {"plugins": { "mine": "./mine.mjs" }}, "private": true}`,
		],
	];
	for (const [name, before, after] of forms) {
		const {forge, read} = await folderOf(t);
		await mkdir(join(forge.folder, 'real'));
		const real = join(forge.folder, 'real', name);
		await writeFile(real, before);
		await chmod(real, 0o640);
		await symlink(real, join(forge.folder, name));
		t.is((await forge(add)).err, '', name);
		t.is(await read(name), after);
		t.is(await readlink(join(forge.folder, name)), real);
		t.is((await stat(real)).mode & 0o777, 0o640);
		t.deepEqual(await readdir(join(forge.folder, 'real')), [name]);
		await forge(['plugin', 'remove', 'mine']);
		t.deepEqual((await read(name)).replace(/"plugins": \{\s*\}/, ''), before);
	}
});

test('settings of a component are text, whatever they look like', async t => {
	const {forge, read} = await folderOf(t);
	await copyFile(await fileOf(t, reading), join(forge.folder, 'reader.wasm'));
	const settings = ['--config', 'greeting=5', '--config', 'log.level={"a": true}'];
	t.is((await forge(['plugin', 'add', 'reader', 'reader.wasm', ...settings])).err, '');
	const config = '{ greeting: "5", log.level: \'{"a": true}\' }';
	t.is(await read('forge.config.yaml'), `plugins:\n  reader: { use: ./reader.wasm, config: ${config} }\n`);
	t.true((await names(forge)).includes('reader'));
});

test('a program is not edited, and the line to write is told', async t => {
	const program = 'export default {plugins: {}};\n';
	for (const name of ['forge.config.js', 'forge.config.ts']) {
		const {forge, read} = await folderOf(t, {'package.json': '{"type": "module"}', [name]: program});
		const {code, err} = await forge([...add, '--config', 'level=info']);
		t.is(code, 1);
		t.regex(err, new RegExp(`^forge: configuration "${name}" .*\\(FORGE_CONFIG_HAND\\): add to its plugins: (.*)\\n$`));
		const [, line = ''] = /its plugins: (.*)\n$/.exec(err) ?? [];
		await writeFile(join(forge.folder, name), program.replace('{}}', `{${line}}}`));
		t.true((await names(forge)).includes('mine'));
		t.regex((await forge(['plugin', 'remove', 'mine'])).err, /FORGE_CONFIG_HAND\): take "mine" out of its plugins\n$/);
		t.is(await read(name), program.replace('{}}', `{${line}}}`));
	}
});

test('what can not be added is one line, and the file stays as it is', async t => {
	const config = '# ours\nplugins: {other: ./mine.mjs}\n';
	const {forge, read} = await folderOf(t, {'forge.config.yaml': config, 'broken.mjs': 'export default 5;'});
	const cases: Record<string, RegExp> = {
		'add other ./mine.mjs': /FORGE_CONFIG_TAKEN/,
		'add mine ./mien.mjs': /there is no file ".\/mien.mjs" \(FORGE_CLI_SOURCE\): did you mean ".\/mine.mjs"\?/,
		'add mine ./broken.mjs': /FORGE_PLUGIN_INVALID/,
		'add mine ./none/x.wasm': /FORGE_PLUGIN_UNREADABLE/,
		'add mine @forgeone/none': /FORGE_PLUGIN_UNREADABLE/,
		'add Mine ./mine.mjs': /"Mine" is no name \(FORGE_CONFIG_INVALID\)/,
		'add __proto__ ./mine.mjs': /FORGE_CONFIG_INVALID/,
		'add mine ./mine.mjs --config levl=debug': /"plugins.mine.config.levl".*\(FORGE_PLUGIN_CONFIG\): did you mean "level"\?/,
		'add mine ./mine.mjs --config limit=many': /"plugins.mine.config.limit": it is not of type integer/,
		'add mine ./mine.mjs --config limit': /KEY=VALUE/,
		'add mine @forgeone/plugin-storage/store': /FORGE_GRAPH_TWICE/,
		'remove othr': /has no plugin "othr" \(FORGE_CONFIG_PLUGIN\): did you mean "other"\?/,
	};
	for (const [words, reason] of Object.entries(cases)) {
		const {code, out, err} = await forge(['plugin', ...words.split(' ')]);
		t.true(code === 1 || code === 2, words);
		t.is(out, '', words);
		t.regex(err, /^forge: [^\n]+ \(FORGE_[A-Z_]+\): [^\n]+\n$/, words);
		t.regex(err, reason, words);
	}
	t.is(await read('forge.config.yaml'), config);
	t.is((await readdir(forge.folder)).filter(name => name.startsWith('forge.config')).length, 1);
});

test('a file that does not parse is left alone, with line and column', async t => {
	const files: [string, string, RegExp][] = [
		['forge.config.yaml', 'mode: production\nplugins: {a: b\nvolumes: {}\n', /at line 3, column 1 /],
		['forge.config.yaml', 'plugins:\n  a: b: c\n', /at line 2, column 6 /],
		['forge.config.json', '{"plugins": {},\n "mode" "production"}', /line 2 column 9/],
	];
	for (const [name, text, place] of files) {
		const {forge, read} = await folderOf(t, {[name]: text});
		for (const words of [add, ['plugin', 'remove', 'a'], ['ps']]) {
			const {code, err} = await forge(words);
			t.is(code, 1);
			t.regex(err, place);
			t.regex(err, /^forge: configuration "[^\n]+ \(FORGE_CONFIG_UNREADABLE\): repair the file\n$/);
		}
		t.is(await read(name), text);
	}
});

test('with a daemon, the next command is one that does it', async t => {
	const {forge} = await folderOf(t);
	await forge(['up', '--detach']);
	const audit = await forge(['plugin', 'add', 'audit', '@forgeone/plugin-security/audit.wasm', '--json']);
	const {next} = JSON.parse(audit.out) as {next: string};
	t.is(next, 'forge plugin reload audit --to @forgeone/plugin-security/audit.wasm');
	t.is((await forge(next.split(' ').slice(1))).code, 0);
	t.is(JSON.parse((await forge(['plugin', 'inspect', 'audit', '--json'])).out).implementation, 'component');
	t.regex((await forge(add)).out, /now run: forge down && forge up -d\n$/);
});

test('a path counts from the file that is named', async t => {
	const {forge, read} = await folderOf(t);
	await mkdir(join(forge.folder, 'conf'));
	await writeFile(join(forge.folder, 'conf', 'other.yaml'), 'plugins: {}\n');
	t.is((await forge([...add, '--file', 'conf/other.yaml'])).out, 'mine is in conf/other.yaml; now run: forge up -d\n');
	t.is(await read('conf/other.yaml'), 'plugins: {mine: ../mine.mjs}\n');
	t.is((await forge(['plugin', 'add', 'bare', 'mine.mjs'])).err, '');
	t.is(await read('forge.config.yaml'), 'plugins:\n  bare: ./mine.mjs\n');
});
