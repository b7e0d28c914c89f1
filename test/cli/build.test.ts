import type {ChildProcessWithoutNullStreams} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import test from 'ava';
import {type Forge, forgeOf, until} from './forge.ts';

async function write(forge: Forge, files: Readonly<Record<string, string>>): Promise<void> {
	for (const [path, text] of Object.entries(files)) {
		const file = join(forge.folder, path);
		await mkdir(dirname(file), {recursive: true});
		await writeFile(file, text);
	}
}

const greeting = (word: string) => `export function greet(name: string): string {\n\treturn '${word}, ' + name;\n}\n`;
const greeter = {
	'greeter/wit/world.wit':
		'package local:greeter@1.0.0;\nworld greeter { export hello; }\ninterface hello { greet: func(name: string) -> string; }\n',
	'greeter/assembly/index.ts': greeting('Hello'),
};

/** What a process that runs says, to be waited for; it is told to end with the test. */
function listen(child: ChildProcessWithoutNullStreams) {
	let [said, seen] = ['', 0];
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', data => {
			said += data;
		});
	return {
		/** Waits for this text, after what was waited for before. */
		async hear(text: string): Promise<void> {
			await until(() => {
				if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
				return said.includes(text, seen);
			});
			seen = said.indexOf(text, seen) + text.length;
		},
		said: () => said,
		async interrupt(): Promise<number> {
			child.kill('SIGINT');
			const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
			return code;
		},
	};
}

test('a build says what came of it, and nothing on standard error where that is no terminal', async t => {
	const forge = await forgeOf(t);
	await write(forge, greeter);
	const {code, out, err} = await forge(['plugin', 'build', 'greeter']);
	t.deepEqual([code, err], [0, '']);
	t.regex(
		out,
		/^built +greeter\/build\/greeter\.wasm\nof +AssemblyScript, in \d+\.\d s\nsize +\d\.\d KiB\ndigest +sha256:[0-9a-f]{64}\nexports +local:greeter\/hello@1\.0\.0\n$/,
	);
	const {digest, exports, file} = JSON.parse((await forge(['build', 'greeter', '--json'])).out);
	t.deepEqual([exports, out.includes(digest)], [['local:greeter/hello@1.0.0'], true]);
	t.is((await readFile(file)).subarray(0, 4).toString('latin1'), '\0asm');
});

test('a build that fails is one line with a code, and exit code 1', async t => {
	const forge = await forgeOf(t);
	const {code, out, err} = await forge(['build']);
	t.deepEqual([code, out], [1, '']);
	t.regex(err, /^forge: there is nothing to build in "[^"]+" \(FORGE_BUILD_EMPTY\): [^\n]+\n$/);
	await write(forge, {...greeter, 'greeter/wit/world.wit': 'package local:greeter@1.0.0;\nworld greeter { export hello }\n'});
	const wrong = await forge(['build', 'greeter', '--json']);
	t.is(wrong.code, 1);
	t.regex(
		JSON.parse(wrong.err).error.message,
		/world\.wit" line 2 column 30: expected ";", found "}", in "world greeter \{ export hello \}"$/,
	);
});

/** Node with packages that are not there. */
async function lacking(forge: Forge, name: string): Promise<Record<string, string>> {
	const hooks = `import {registerHooks} from 'node:module';
registerHooks({resolve(id, context, next) {
	if (id === '${name}' || id.startsWith('${name}/')) throw Object.assign(new Error('gone'), {code: 'ERR_MODULE_NOT_FOUND'});
	return next(id, context);
}});`;
	const file = join(forge.folder, 'hooks.mjs');
	await writeFile(file, hooks);
	return {NODE_OPTIONS: `--import ${file}`};
}

test('without the tools of its language a build is one line that says how to install them', async t => {
	const forge = await forgeOf(t);
	const {'greeter/wit/world.wit': wit, 'greeter/assembly/index.ts': assembly} = greeter;
	const script = 'export const hello = {greet: name => name};\n';
	await write(forge, {
		'as/wit/world.wit': wit,
		'as/assembly/index.ts': assembly,
		'js/wit/world.wit': wit,
		'js/src/index.js': script,
		'ts/src/index.ts': script,
		'wat/src/index.wat': '(component)',
	});
	const cases = [
		['as', 'assemblyscript'],
		['wat', '@bytecodealliance/jco-transpile'],
		['ts', 'typescript'],
		['js', 'componentize-qjs'],
		['js', 'rolldown'],
		['js --engine starlingmonkey', '@bytecodealliance/componentize-js'],
	] as const;
	for (const [words, tool] of cases) {
		const {code, out, err} = await forge(['build', ...words.split(' ')], {env: await lacking(forge, tool)});
		t.deepEqual([code, out], [1, '']);
		t.is(err, `forge: the tool "${tool}" is not installed (FORGE_BINDGEN_TOOL): npm install --save-dev ${tool}\n`);
	}
});

test('a build that watches builds again after a change, says why one fails, and ends well with Ctrl-C', async t => {
	const forge = await forgeOf(t);
	await write(forge, greeter);
	const watch = listen(forge.spawn(['plugin', 'build', 'greeter', '--watch']));
	await watch.hear('waiting for a change');
	const file = join(forge.folder, 'greeter/build/greeter.wasm');
	const before = await readFile(file);
	await write(forge, {'greeter/assembly/index.ts': 'export function greet(name: string): string {\n\treturn 1;\n}\n'});
	await watch.hear('assembly/index.ts" line 2 column 9');
	await watch.hear('FORGE_BINDGEN_COMPILE');
	await watch.hear('waiting for a change');
	t.deepEqual(await readFile(file), before);
	await write(forge, {'greeter/assembly/index.ts': greeting('Good day')});
	await watch.hear('exports  local:greeter/hello@1.0.0');
	await watch.hear('waiting for a change');
	t.notDeepEqual(await readFile(file), before);
	t.is(await watch.interrupt(), 0);
	t.is(watch.said().match(/waiting/g)?.length, 3);
});

const app = (text: string) => `import {getStdout} from './bindings/imports/stdout';
import {Result, Unit} from './bindings/wit';

export function run(): Result<Unit, Unit> {
	getStdout().blockingWriteAndFlush(Uint8Array.wrap(String.UTF8.encode('${text}')));
	return Result.ok<Unit, Unit>();
}
`;
const folder = {
	...greeter,
	'app/wit/world.wit': 'package local:app;\nworld app { import wasi:cli/stdout@0.2.0; export wasi:cli/run@0.2.0; }\n',
	'app/assembly/index.ts': app('one'),
	'forge.config.json': JSON.stringify({
		plugins: {greeter: './greeter/build/greeter.wasm'},
		containers: {app: {image: 'app/build/app.wasm'}},
	}),
};

test('watch puts what changed, and only that, into the engine: a plugin is swapped, a container replaced', async t => {
	const forge = await forgeOf(t);
	await write(forge, folder);
	const watch = listen(forge.spawn(['watch']));
	await watch.hear('watching for changes');
	const plugins = JSON.parse((await forge(['plugin', 'list', '--json'])).out) as {name: string; provides: string[]}[];
	t.deepEqual(plugins.find(({name}) => name === 'greeter')?.provides, ['local:greeter/hello@1.0.0']);
	await until(async () => (await forge(['logs', 'app'])).out.includes('one'));
	await write(forge, {'greeter/assembly/index.ts': 'export const wrong: u32 = "";\n'});
	await watch.hear('FORGE_BINDGEN_COMPILE');
	await write(forge, {'greeter/assembly/index.ts': greeting('Good day')});
	await watch.hear('forge: greeter swapped');
	await write(forge, {'app/assembly/index.ts': app('two')});
	await watch.hear('forge: app replaced');
	await until(async () => (await forge(['logs', 'app'])).out.includes('two'));
	await write(forge, {'app/assembly/index.ts': `${app('two')}// nothing new\n`});
	await watch.hear('app.wasm');
	t.is(await watch.interrupt(), 0);
	t.is(watch.said().match(/swapped|replaced/g)?.length, 2);
});

test('watch in a daemon that runs leaves it there', async t => {
	const forge = await forgeOf(t);
	await write(forge, folder);
	for (const name of ['greeter', 'app']) await forge(['build', name]);
	t.is((await forge(['up', '--detach'])).code, 0);
	const watch = listen(forge.spawn(['watch']));
	await watch.hear('watching for changes');
	await write(forge, {'greeter/assembly/index.ts': greeting('Good day')});
	await watch.hear('forge: greeter swapped');
	t.is(await watch.interrupt(), 0);
	t.is(watch.said().match(/swapped|replaced/g)?.length, 1);
	t.true(JSON.parse((await forge(['plugin', 'list', '--json'])).out).some(({name}: {name: string}) => name === 'greeter'));
});

test('watch says where nothing is built that the configuration names', async t => {
	const forge = await forgeOf(t);
	const {code, err} = await forge(['watch']);
	t.is(code, 1);
	t.regex(err, /^forge: nothing that the configuration of "[^"]+" names is built [^\n]+ \(FORGE_WATCH_NOTHING\): [^\n]+\n$/);
});
