import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {buildProject} from '@forgeone/sdk/build';
import {connect} from '@forgeone/sdk/client';
import test, {type ExecutionContext} from 'ava';
import {type Forge, forgeOf} from './forge.ts';

/** A plugin in TypeScript that provides this. */
const plugin = (provides: string, setup: string) => `
	const contract = (id, functions) => ({id, name: id.replace(/@.*/, ''), key: id.replace(/(@0\\.\\d+)\\..*/, '$1'), functions});
	const store = contract('forgeone:storage/store@0.1.0', ['get', 'set', 'remove', 'keys']);
	const other = contract('forgeone:storage/store@0.2.0', ['get']);
	const handover = contract('forgeone:kernel/handover@0.1.0', ['save', 'restore']);
	const broken = () => { throw new TypeError('out of order'); };
	const functions = {get: broken, set: broken, remove: broken, keys: broken, save: () => new Uint8Array(), restore() {}};
	const all = more => ({store: () => ({...functions, ...more}), handover: () => ({...functions, ...more}), other: () => functions});
	export default {name: 'bad', provides: {${provides}}, setup: ${setup}};
`;

async function daemonOf(t: ExecutionContext) {
	const forge = await forgeOf(t);
	t.is((await forge(['up', '-d'])).code, 0);
	t.is((await forge(['network', 'create', 'kept'])).code, 0);
	const reload = async (name: string, content: string | Uint8Array) => {
		await writeFile(join(forge.folder, name), content);
		return forge(['plugin', 'reload', 'store', '--to', `./${name}`]);
	};
	return {forge, reload, kept: () => keptIn(forge), state: () => stateOf(forge)};
}

/** Whether the store still has what was put into it. */
const keptIn = async (forge: Forge) => (await forge(['network', 'inspect', 'kept'])).code === 0;

async function stateOf(forge: Forge): Promise<{state: string; source: string; reason?: string}> {
	const all = JSON.parse((await forge(['plugin', 'list', '--json'])).out) as {
		name: string;
		state: string;
		source: string;
		reason?: string;
	}[];
	return all.find(({name}) => name === 'store') as (typeof all)[number];
}

test('a bad version is refused in one line that says why, and the store goes on with all that it has', async t => {
	const {forge, reload, kept, state} = await daemonOf(t);
	const cases: readonly (readonly [file: string, content: string | Uint8Array, code: string, reason: RegExp])[] = [
		['start.mjs', plugin('store, handover', '() => { throw new Error("no luck"); }'), 'FORGE_PLUGIN_SETUP', /no luck/],
		['none.mjs', plugin('', '() => ({})'), 'FORGE_SWAP_CONTRACT', /"forgeone:storage\/store@0\.1\.0", and "[^"]+none\.mjs" does not/],
		[
			'version.mjs',
			plugin('other, handover', '() => all()'),
			'FORGE_SWAP_CONTRACT',
			/store@0\.1\.0", and .* provides "forgeone:storage\/store@0\.2\.0"/,
		],
		['text.wasm', 'this is no component', 'FORGE_COMPONENT_INVALID', /./],
		['core.wasm', new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), 'FORGE_PREVIEW1_EXPORT', /make it a component/],
		['export.mjs', 'export const nothing = 1;', 'FORGE_PLUGIN_INVALID', /no name/],
		['restore.mjs', plugin('store, handover', '() => all({restore: broken})'), 'FORGE_SWAP_HANDOVER', /out of order/],
		[
			'hung.mjs',
			plugin('store, handover', '() => all({restore: () => new Promise(() => {})})'),
			'FORGE_SWAP_HANDOVER',
			/did not answer within 1000 ms/,
		],
	];
	for (const [file, content, code, reason] of cases) {
		const {code: exit, err} = await reload(file, content);
		t.is(exit, 1, file);
		t.regex(err, new RegExp(`^forge: [^\\n]+ \\(${code}\\): [^\\n]+\\n$`), file);
		t.regex(err, reason, file);
		const {state: now, source, reason: told} = await state();
		t.deepEqual([now, source], ['running', '@forgeone/plugin-storage/store'], file);
		t.regex(told ?? '', /^rolled back: /, file);
		t.true(await kept(), file);
	}
	const {code, err} = await forge(['plugin', 'reload', 'store', '--to', './nowhere.wasm']);
	t.is(code, 1);
	t.regex(err, /^forge: plugin "[^"]+nowhere\.wasm" can not be loaded: ENOENT[^\n]* \(FORGE_PLUGIN_UNREADABLE\): [^\n]+\n$/);
	t.regex((await forge(['plugin', 'list'])).out, /^store .*rolled back: plugin "[^"]+nowhere\.wasm" can not be loaded/m);
	t.regex((await forge(['plugin', 'inspect', 'store'])).out, /rolled back: plugin/);
	t.true(await kept());
});

/** A store as a component that traps whenever it is called, built in this folder. */
async function trapping(folder: string): Promise<Uint8Array> {
	for (const part of ['wit', 'assembly']) await mkdir(join(folder, part), {recursive: true});
	const world = 'world bad { export forgeone:storage/store@0.1.0; export forgeone:kernel/handover@0.1.0; }';
	await writeFile(join(folder, 'package.json'), '{"name": "bad"}');
	await writeFile(join(folder, 'wit/world.wit'), `package local:bad;\n${world}\n`);
	await writeFile(
		join(folder, 'assembly/index.ts'),
		`import {Failure} from './bindings/exports/store';
		import {Result, Unit} from './bindings/wit';
		export namespace store {
			export function get(key: string): Result<Uint8Array | null, Failure> { throw new Error('no'); }
			export function set(key: string, value: Uint8Array): Result<Unit, Failure> { throw new Error('no'); }
			export function remove(key: string): Result<bool, Failure> { throw new Error('no'); }
			export function keys(prefix: string, start: string, limit: u32): Result<string[], Failure> { throw new Error('no'); }
		}
		export namespace handover {
			export function save(): Result<Uint8Array, Failure> { return Result.ok<Uint8Array, Failure>(new Uint8Array(0)); }
			export function restore(state: Uint8Array): void {}
		}`,
	);
	return readFile((await buildProject(folder)).file);
}

test('a version that breaks at its first call is rolled back, and whoever reloaded hears of it', async t => {
	const {forge, reload, kept, state} = await daemonOf(t);
	for (const [file, content, reason] of [
		['first.mjs', plugin('store, handover', '() => all()'), 'out of order'],
		['first.wasm', await trapping(join(forge.folder, 'bad')), 'trap in [^\\n]+: unreachable'],
	] as const) {
		let over = false;
		const calls = (async () => {
			const engine = (await connect(join(forge.home, 'run/forge.sock')))?.engine;
			while (!over) t.is((await engine?.networks.inspect('kept'))?.name, 'kept');
			await engine?.close();
		})();
		const {code, err} = await reload(file, content);
		over = true;
		await t.notThrowsAsync(calls);
		t.is(code, 1);
		t.regex(err, new RegExp(`^forge: plugin "store" is what it was before, [^\\n]*: ${reason} \\(FORGE_SWAP_UNDONE\\): [^\\n]+\\n$`));
		t.is((await state()).source, '@forgeone/plugin-storage/store');
		t.is((await forge(['plugin', 'reload', 'store'])).code, 0);
		t.is((await state()).reason, undefined);
		t.true(await kept());
	}
});

test('a plugin is loaded anew from where it came from, with the files that it is made of', async t => {
	const forge = await forgeOf(t);
	const file = (name: string, text: string) => writeFile(join(forge.folder, name), text);
	const part = (...names: readonly string[]) =>
		file(
			'extra/part.mjs',
			names
				.map(name => `export const ${name} = {id: 'test:demo/${name}@0.1.0', name: 'test:demo/${name}', key: '${name}', functions: []};`)
				.join('\n'),
		);
	await mkdir(join(forge.folder, 'extra'));
	await file('forge.config.yaml', 'plugins: {extra: ./extra/index.mjs}\n');
	await file(
		'extra/index.mjs',
		`import * as provides from './part.mjs';
		const providers = Object.fromEntries(Object.keys(provides).map(key => [key, () => ({})]));
		export default {name: 'extra', provides: {...provides}, setup: () => providers};`,
	);
	const provided = async () => JSON.parse((await forge(['plugin', 'inspect', 'extra', '--json'])).out).provides;
	await part('one');
	t.is((await forge(['up', '-d'])).code, 0);
	t.deepEqual(await provided(), ['test:demo/one@0.1.0']);
	await part('one', 'two');
	t.like(await forge(['plugin', 'reload', 'extra']), {code: 0, out: 'extra\n'});
	t.deepEqual(await provided(), ['test:demo/one@0.1.0', 'test:demo/two@0.1.0']);
});

test('a plugin that does not come to an end of its start is given up', async t => {
	const {reload, kept} = await daemonOf(t);
	const {code, err} = await reload('slow.mjs', plugin('store, handover', '() => new Promise(() => {})'));
	t.is(code, 1);
	t.regex(err, /^forge: "store#setup" did not answer within 10000 ms \(FORGE_TIMEOUT\)/);
	t.true(await kept());
});
