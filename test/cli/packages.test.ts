import {mkdir, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type Forge, forgeOf} from './forge.ts';

const modules = join(import.meta.dirname, '../../node_modules');

const command = (say: string, more = '') => `import {Args, Command} from '@oclif/core';
export default class extends Command {
	static summary = 'Say ${say}';
	static args = {who: Args.string()};
	${more}
	async run() { this.log('${say} ' + ((await this.parse()).args.who ?? 'nobody')); }
}`;

const plugin = `import {contract, definePlugin} from '@forgeone/sdk';
const shop = contract('acme:shop/shop@1.0.0', ['count']);
export default definePlugin({name: 'shop', provides: {shop}, setup: () => ({shop: () => ({count: () => 3})})});`;

/** A package beside a configuration, installed as npm would: a plugin, commands, a hook of oclif that nobody asked for. */
async function packageOf(forge: Forge, name: string, files: Readonly<Record<string, string>>, manifest: object = {}): Promise<void> {
	const root = join(forge.folder, 'node_modules', name);
	const oclif = {
		commands: './commands',
		topicSeparator: ' ',
		hooks: {init: './hook.js'},
		topics: {shop: {description: 'The shop'}, plugin: {description: 'Mine'}},
	};
	const all = {
		'package.json': JSON.stringify({name, version: '1.0.0', type: 'module', exports: './index.js', oclif, ...manifest}),
		'index.js': plugin.replaceAll('shop', name),
		'hook.js': `export default () => console.error('the hook of ${name} ran')`,
		...files,
	};
	for (const [file, text] of Object.entries(all)) {
		await mkdir(dirname(join(root, file)), {recursive: true});
		await writeFile(join(root, file), text);
	}
}

/** A folder whose configuration names these packages. */
async function folderWith(t: ExecutionContext, packages: readonly string[]): Promise<Forge> {
	const forge = await forgeOf(t);
	await mkdir(join(forge.folder, 'node_modules/@oclif'), {recursive: true});
	await symlink(join(modules, '@oclif/core'), join(forge.folder, 'node_modules/@oclif/core'));
	await symlink(join(modules, '@forgeone'), join(forge.folder, 'node_modules/@forgeone'));
	const plugins = Object.fromEntries(packages.map(name => [name, name]));
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins}));
	return forge;
}

test('a package that the configuration names brings a plugin and commands', async t => {
	const forge = await folderWith(t, ['shop']);
	await packageOf(forge, 'shop', {'commands/shop/greet.js': command('hello')});
	t.deepEqual(await forge(['shop', 'greet', 'Ada']), {code: 0, out: 'hello Ada\n', err: ''});
	t.regex((await forge(['plugin', 'list'])).out, /^shop +typescript +running +acme:shop\/shop$/m);
	const {out, err} = await forge(['--help']);
	t.regex(out, /^ {2}shop +The shop$/m);
	t.regex(out, /^ {2}plugin +Look at the plugins/m);
	t.is(err, '');
	t.regex((await forge(['shop', 'greet', '--help'])).out, /Say hello\n\nUSAGE\n {2}\$ forge shop greet/);
	const wrong = await forge(['shop', 'great']);
	t.is(wrong.code, 2);
	t.is(
		wrong.err,
		'forge: there is no command "shop great" (FORGE_USAGE_COMMAND): did you mean "shop greet"? forge --help lists them all\n',
	);
});

test('a package that no configuration names brings nothing, though it is installed', async t => {
	const forge = await folderWith(t, []);
	await packageOf(forge, 'shop', {'commands/shop/greet.js': command('hello')});
	// Where oclif itself would look for packages that a user has added.
	const data = join(forge.home, '.local/share/forge');
	await mkdir(data, {recursive: true});
	const oclif = {schema: 1, plugins: [{name: 'shop', type: 'link', root: join(forge.folder, 'node_modules/shop')}]};
	await writeFile(join(data, 'package.json'), JSON.stringify({name: 'mine', oclif}));
	const {code, out, err} = await forge(['shop', 'greet']);
	t.is(code, 2);
	t.is(out, '');
	t.regex(err, /^forge: there is no command "shop" \(FORGE_USAGE_COMMAND\): [^\n]+\n$/);
	t.notRegex((await forge(['--help'])).out, /shop/);
});

test('a command of a package can not take the place of one of ours, nor of one before it', async t => {
	const forge = await folderWith(t, ['first', 'second']);
	await packageOf(forge, 'first', {
		'commands/ps.js': command('stolen'),
		'commands/volume/list.js': command('stolen'),
		'commands/greet.js': command('first', 'static aliases = ["stop"];'),
	});
	await packageOf(forge, 'second', {'commands/greet.js': command('second'), 'commands/bow.js': command('bow')});
	t.is((await forge(['ps'])).out, 'ID  NAME  IMAGE  STATE  CREATED  PORTS\n');
	t.notRegex((await forge(['volume', 'list'])).out, /stolen/);
	t.regex((await forge(['stop', 'nobody'])).err, /FORGE_CONTAINER_UNKNOWN/);
	const {out, err} = await forge(['greet']);
	t.is(out, 'first nobody\n');
	t.deepEqual(
		err
			.trimEnd()
			.split('\n')
			.map(line => line.replace(/ \(FORGE_CLI_COMMANDS\): .*/, '')),
		[
			'forge: the commands of "first" are left out: there is a command "ps", "volume list" already',
			'forge: the commands of "second" are left out: there is a command "greet" already',
		],
	);
	t.is((await forge(['bow'])).out, 'bow nobody\n');
	t.notRegex((await forge(['--help'])).out, /stolen/);
});

test('a package that is broken is one line, and all other commands work', async t => {
	const broken = {
		syntax: {'commands/bad.js': 'export default class {'},
		manifest: {'oclif.manifest.json': '{', 'commands/bad.js': command('bad')},
		old: {'oclif.manifest.json': '{"version": "0.9.0", "commands": {}}', 'commands/bad.js': command('bad')},
		json: {'package.json': '{"name": "json",'},
	};
	const forge = await folderWith(t, [...Object.keys(broken), 'absent', 'shop']);
	for (const [name, files] of Object.entries(broken)) await packageOf(forge, name, files);
	await packageOf(forge, 'shop', {'commands/shop/greet.js': command('hello')});
	const {code, out, err} = await forge(['shop', 'greet']);
	t.is(code, 0);
	t.is(out, 'hello nobody\n');
	const lines = err.trimEnd().split('\n');
	t.deepEqual(
		lines.map(line => /^forge: the commands of "(\w+)" are left out: .+ \(FORGE_CLI_COMMANDS\): [^\n]+$/.exec(line)?.[1] ?? line),
		Object.keys(broken),
	);
	t.is((await forge(['--version'])).code, 0);
	t.is((await forge(['doctor', '--help'])).err, '');
});

test('an error of a packaged command is one line with a code, and its exit code is not zero', async t => {
	const forge = await folderWith(t, ['shop']);
	const failing =
		"import {Command} from '@oclif/core'; export default class extends Command { async run() { throw new Error('sold out\\nat once'); } }";
	await packageOf(forge, 'shop', {'commands/buy.js': failing});
	const {code, err} = await forge(['buy']);
	t.is(code, 1);
	t.is(err, 'forge: sold out (FORGE_CLI_FAILED): see --verbose for the cause\n');
});
