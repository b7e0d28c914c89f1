import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import test from 'ava';
import {outcome} from './forge.ts';

const root = join(import.meta.dirname, '../..');

test('a run loads none of the component tools, neither in the command nor in the cell', async t => {
	const home = await mkdtemp(join(tmpdir(), 'forge-path-'));
	t.teardown(() => rm(home, {recursive: true, force: true}));
	const hook = join(home, 'hook.mjs');
	const tell = 'load(url, context, next) { process._rawDebug(["loaded", isMainThread, url].join(" ")); return next(url, context); }';
	await writeFile(
		hook,
		`import {registerHooks} from 'node:module';\nimport {isMainThread} from 'node:worker_threads';\nregisterHooks({${tell}});\n`,
	);
	// A cell of a process loads the same files as one of a thread, but takes no hook from its environment, for it has none.
	const forge = [
		join(root, 'plugins/cli/bin/forge.js'),
		'run',
		'--isolation',
		'thread',
		join(root, 'templates/app-cli/build/app-cli.wasm'),
	];
	const child = spawn(process.execPath, ['--import', hook, ...forge], {env: {HOME: home, FORGE_HOME: home}});
	child.stdin.end();
	const {out, err, code} = await outcome(child);
	t.deepEqual([out, code], ['Hello from ForgeOne!\n', 0]);
	const loaded = [...err.matchAll(/^loaded (true|false) (\S+)$/gm)].map(([, main, url = '']) => ({main: main === 'true', url}));
	t.true(loaded.some(({main, url}) => main && url.includes('/core/lib/')));
	t.true(loaded.some(({main, url}) => !main && url.includes('/wasm/lib/')));
	t.deepEqual(
		loaded.filter(({url}) => /bytecodealliance|jco|preview2|componentize|fastify|pino|cosmiconfig/.test(url)),
		[],
	);
});

test('the program of a cell imports nothing but the house and Node', async t => {
	const lib = join(root, 'plugins/runtime/lib');
	const read = async (file: string): Promise<string[]> => {
		const text = await readFile(join(lib, file), 'utf8');
		const found = [...text.matchAll(/^(?:import|export)\b[^;]*?["']([^"']+)["'];$/gm)].map(([, name = '']) => name);
		const below = found.filter(name => name.startsWith('.')).map(name => join(dirname(file), name));
		return [...found.filter(name => !name.startsWith('.')), ...(await Promise.all(below.map(read))).flat()];
	};
	const names = new Set(await read('cell/process.js'));
	t.true(names.has('@forgeone/wasm'));
	t.deepEqual(
		[...names].filter(name => !name.startsWith('node:') && !name.startsWith('@forgeone/')),
		[],
	);
});
