import {chmod, mkdir, readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {forgeOf} from './forge.ts';

const line = /^forge: [^\n]+ \(FORGE_[A-Z_]+\): [^\n]+\n$/;

test('an unknown flag, an unknown command and a wrong value are one line that names the nearest, and exit code 2', async t => {
	const forge = await forgeOf(t);
	const cases = {
		'run --nmae x y.wasm': /--name/,
		'rnu y.wasm': /"run"/,
		'volume lst': /"volume list"/,
		run: /image/,
		'run --memory lots y.wasm': /64MiB/,
		'run --timeout soon y.wasm': /500ms/,
		'run -p 70000 y.wasm': /8080/,
		'run -v data y.wasm': /data:\/data/,
		'run --restart sometimes y.wasm': /on-failure/,
		'run -p 8080:80 y.wasm': /"8080:80" is no port/,
		'run -e =x y.wasm': /KEY=VALUE/,
		'logs --tail x y': /integer/,
		'ps extra': /extra/,
		'volume remove': /"name" is missing .*forge volume remove --help/,
		'plugin add': /"name" and "source" are missing/,
		'run --instances none y.wasm': /--instances: expected an integer/,
	};
	for (const [words, nearest] of Object.entries(cases)) {
		const {code, out, err} = await forge(words.split(' '));
		t.is(code, 2, `${words}: ${err}`);
		t.is(out, '');
		t.regex(err, line);
		t.regex(err, nearest);
	}
});

test('what is like nothing there is gets no guess, and a flag is one of its command', async t => {
	const forge = await forgeOf(t);
	for (const words of ['exec', 'invoke', 'ps --foo', 'run -x y.wasm', 'volume prune']) {
		const {code, err} = await forge(words.split(' '));
		t.is(code, 2, words);
		t.regex(err, line);
		t.notRegex(err, /did you mean/);
		t.is(/what is for the guest/.test(err), words.startsWith('run'), err);
	}
});

test('what hands know from other tools is there: help, -h, -v, ls, rm, -q, -m, -it', async t => {
	const forge = await forgeOf(t);
	const help = (await forge(['volume', 'list', '--help'])).out;
	for (const words of ['help volume list', 'volume list -h']) t.is((await forge(words.split(' '))).out, help, words);
	const version = (await forge(['--version'])).out;
	for (const word of ['-v', 'version']) t.is((await forge([word])).out, version, word);
	await forge(['volume', 'create', 'a']);
	await forge(['volume', 'create', 'b']);
	t.like(await forge(['volume', 'rm', 'a', 'b']), {code: 0, out: 'a\nb\n'});
	for (const topic of ['network', 'plugin', 'volume']) t.is((await forge([topic, 'ls'])).code, 0);
	t.like(await forge(['run', '-it', '--rm', '-m', '32m', await guest('exit-seven')]), {code: 7, err: ''});
	const {out: id} = await forge(['run', '-d', await guest('sleep-forever')]);
	t.is((await forge(['ps', '-q'])).out, id);
});

test('of several that are named each failure is a line', async t => {
	const forge = await forgeOf(t);
	const {code, err} = await forge(['rm', 'one', 'two']);
	t.is(code, 1);
	t.regex(err, /^forge: [^\n]*"one" \(FORGE_CONTAINER_UNKNOWN\): [^\n]+\nforge: [^\n]*"two" \(FORGE_CONTAINER_UNKNOWN\): [^\n]+\n$/);
});

test('with --json an error is an object with its code', async t => {
	const forge = await forgeOf(t);
	const {code, err} = await forge(['inspect', 'nobody', '--json']);
	t.is(code, 1);
	const {error} = JSON.parse(err);
	t.is(error.code, 'FORGE_CONTAINER_UNKNOWN');
	t.deepEqual(Object.keys(error), ['code', 'message', 'remedy']);
});

test('a stack is shown with --verbose and never without', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'forge.config.json'), '{');
	t.notRegex((await forge(['ps'])).err, /\n\s+at /);
	t.regex((await forge(['ps', '--verbose'])).err, /because: .*\n\s+at /);
});

test('an unknown key of the configuration is one line that names the nearest', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'forge.config.yaml'), 'containers:\n  a: {image: a.wasm, volume: []}\n');
	const {code, err} = await forge(['up']);
	t.is(code, 1);
	t.regex(err, line);
	t.regex(err, /"volume" in "containers.a" of "forge.config.yaml" \(FORGE_CONFIG_UNKNOWN\): did you mean "volumes"/);
});

test('plugins in a circle, a missing provider and a wrong version are one line each, and nothing starts', async t => {
	const forge = await forgeOf(t);
	const plugin = (name: string, provides: string, uses: string) =>
		`import {contract} from '${import.meta.resolve('@forgeone/core')}';
		const c = name => contract(name + '@0.1.0', []);
		export default {name: '${name}', provides: {a: c('test:a/${provides}')}, uses: {b: c('test:a/${uses}')}, setup: () => ({a: () => ({})})};`;
	await writeFile(join(forge.folder, 'one.mjs'), plugin('one', 'one', 'two'));
	await writeFile(join(forge.folder, 'two.mjs'), plugin('two', 'two', 'one'));
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins: {one: './one.mjs', two: './two.mjs'}}));
	t.regex((await forge(['ps'])).err, /one -> two -> one \(FORGE_GRAPH_CYCLE\)/);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins: {one: './one.mjs'}}));
	t.regex((await forge(['ps'])).err, /"one".*"test:a\/two@0.1.0".*\(FORGE_GRAPH_MISSING\)/);
	const versioned = plugin('two', 'two', 'one').replace('@0.1.0', '@0.2.0').replace("uses: {b: c('test:a/one')}", 'uses: {}');
	await writeFile(join(forge.folder, 'two.mjs'), versioned);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins: {one: './one.mjs', two: './two.mjs'}}));
	t.regex((await forge(['ps'])).err, /"one".*"two".*\(FORGE_GRAPH_VERSION\)/);
});

test('a state folder that can not be written is one line', async t => {
	const forge = await forgeOf(t);
	const locked = join(forge.folder, 'locked');
	await mkdir(locked);
	await chmod(locked, 0o500);
	// Root may write anywhere but below a file.
	await writeFile(join(forge.folder, 'file'), '');
	const folder = process.getuid?.() === 0 ? join(forge.folder, 'file', 'state') : locked;
	for (const home of [folder, join(forge.folder, 'file'), '/proc/forge/state']) {
		const {code, err} = await forge(['ps'], {env: {FORGE_HOME: home}});
		t.is(code, 1, home);
		t.regex(err, line);
		t.regex(err, /FORGE_HOME_UNWRITABLE/);
	}
});

test('every command explains itself with an example', async t => {
	const forge = await forgeOf(t);
	const {out} = await forge(['--help']);
	const commands = ['run', 'ps', 'start', 'stop', 'restart', 'kill', 'rm', 'logs', 'inspect', 'wait', 'up', 'down', 'doctor'];
	for (const command of [...commands, 'config', 'plugin', 'network', 'volume']) t.regex(out, new RegExp(`^  ${command} `, 'm'));
	const below = [
		'config schema',
		'plugin add',
		'plugin list',
		'plugin remove',
		'plugin inspect',
		'plugin reload',
		'network create',
		'network list',
		'network inspect',
		'network remove',
		'volume create',
		'volume list',
		'volume inspect',
		'volume remove',
	];
	for (const command of [...commands, ...below]) {
		const {code, out} = await forge([...command.split(' '), '--help']);
		t.is(code, 0);
		t.regex(out, new RegExp(`EXAMPLES?\\n  \\$ forge ${command}`), command);
	}
});

test('what forge keeps of its own code, compiled, is in the cache of its user, where nobody else can put any', async t => {
	const forge = await forgeOf(t);
	const {code} = await forge(['--version'], {env: {XDG_CACHE_HOME: join(forge.folder, 'cache'), TMPDIR: forge.folder}});
	t.is(code, 0);
	t.deepEqual(await readdir(forge.folder), ['cache']);
	t.deepEqual(await readdir(join(forge.folder, 'cache/forge')), ['compile']);
});
