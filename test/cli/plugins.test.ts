import {createHash} from 'node:crypto';
import {copyFile, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Plugins} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {graphText} from '../../plugins/cli/src/graph.ts';
import {guest} from '../support/guests.ts';
import {countingComponent} from '../support/plugins.ts';
import {forgeOf} from './forge.ts';

const core = import.meta.resolve('@forgeone/core');
const rule = {allow: 'link', who: 'plugin:*'};
const security = {use: '@forgeone/plugin-security', config: {rules: [rule]}};

/** A module that provides `test:demo/NAME`, uses others, and says nothing more. */
const moduleOf = (name: string, uses: readonly string[]) => `import {contract} from '${core}';
const of = name => contract('test:demo/' + name + '@0.1.0', []);
export default {name: '${name}', provides: {a: of('${name}')}, uses: Object.fromEntries(${JSON.stringify(uses)}.map(name => [name, of(name)])), setup: () => ({a: () => ({})})};`;

/** A forge whose configuration has these plugins. */
async function forgeWith(t: ExecutionContext, plugins: Readonly<Record<string, unknown>>) {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins: {security, ...plugins}}));
	return forge;
}

test('a graph is drawn in columns: contracts to those who use them, hooks from those who tap them', t => {
	const plugin = (name: string, more: Partial<Plugins.Plugin>): Plugins.Plugin => {
		return {name, implementation: 'typescript', state: 'running', provides: [], uses: [], taps: [], opens: [], ...more};
	};
	const [link, store, cart] = ['forgeone:kernel/link@0.1.0', 'forgeone:storage/store@0.1.0', 'acme:shop/cart@1.2.0'];
	const drawn = graphText(
		[
			plugin('kernel', {provides: ['forgeone:kernel/plugins@0.1.0'], opens: [link, 'forgeone:kernel/quiet@0.1.0']}),
			plugin('policy', {taps: [link]}),
			plugin('store', {provides: [store]}),
			plugin('cart', {provides: [cart], uses: [store], taps: [link]}),
			plugin('till-of-the-shop', {uses: ['acme:shop/cart@1.0.0', store]}),
			plugin('lamp', {state: 'stopped', uses: [store]}),
		],
		60,
	);
	t.is(
		drawn,
		`kernel           ├─ kernel/plugins
                 ├─ kernel/link    <── policy, cart
                 └─ kernel/quiet   <──
policy
store            └─ storage/store  ──> cart,
                                       till-of-the-shop,
                                       lamp
cart             └─ acme:shop/cart ──> till-of-the-shop
till-of-the-shop
lamp (stopped)`,
	);
});

test('the graph of what runs is drawn in the terminal, without colour where there is none', async t => {
	const forge = await forgeWith(t, {shop: './shop.mjs', till: './till.mjs'});
	await writeFile(join(forge.folder, 'shop.mjs'), moduleOf('shop', []));
	await writeFile(join(forge.folder, 'till.mjs'), moduleOf('till', ['shop']));
	const {out, err} = await forge(['plugin', 'list', '--graph']);
	t.is(err, '');
	t.is(out, `${graphText(JSON.parse((await forge(['plugin', 'list', '--json'])).out))}\n`);
	t.regex(out, /^kernel {3}├─ kernel\/identities +──> security\n {9}├─ kernel\/plugins\n {9}└─ kernel\/link +<── security$/m);
	t.regex(out, /^shop {5}└─ test:demo\/shop +──> till\ntill {5}└─ test:demo\/till$/m);
});

test('a graph of thirty plugins stays within the width of a page', async t => {
	const names = Array.from({length: 24}, (_, i) => `plugin-${i}`);
	const forge = await forgeWith(t, Object.fromEntries(names.map(name => [name, `./${name}.mjs`])));
	for (const name of names) await writeFile(join(forge.folder, `${name}.mjs`), moduleOf(name, name === 'plugin-0' ? [] : ['plugin-0']));
	const {out} = await forge(['plugin', 'list', '--graph']);
	const lines = out.trimEnd().split('\n');
	t.true(lines.every(line => line.length <= 100));
	const first = lines.findIndex(line => line.startsWith('plugin-0 '));
	const users = lines
		.slice(
			first,
			lines.findIndex(line => line.startsWith('plugin-1 ')),
		)
		.join(' ');
	t.deepEqual(
		users.match(/plugin-\d+(?=,|\s*$|\s+plugin)/g)?.filter(name => name !== 'plugin-0'),
		names.slice(1),
	);
});

test('all there is to know about a component that runs is shown, to people and to programs', async t => {
	const forge = await forgeWith(t, {counter: {use: './counter.wasm', limits: {memory: '2MiB', fuel: 1000}}});
	const bytes = await countingComponent('unreachable', '(memory 1 3)');
	await writeFile(join(forge.folder, 'counter.wasm'), bytes);
	const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
	const facts = JSON.parse((await forge(['plugin', 'inspect', 'counter', '--json'])).out);
	t.like(facts, {
		name: 'counter',
		state: 'running',
		implementation: 'component',
		source: './counter.wasm',
		file: join(forge.folder, 'counter.wasm'),
		size: bytes.length,
		digest,
		artefact: {digest, memory: 2 * 2 ** 20, fuel: 1000},
		memories: [{min: 65_536, max: 196_608}],
		world: {imports: [], exports: [{name: 'test:demo/counter@0.1.0', functions: ['add: func(n: u32) -> u32', 'boom: func()']}]},
		trust: {integrity: 32, executables: 3, isolation: 33},
	});
	const {out} = await forge(['plugin', 'inspect', 'counter']);
	t.is(
		out,
		`counter
  state     running
  made of   component
  source    ./counter.wasm
  file      ${forge.folder}/counter.wasm
  size      ${bytes.length} B
  digest    ${digest}
  memory    64.0 KiB at first, 192.0 KiB at most, limit 2.0 MiB
  metered   yes, 1000 fuel for each call
  trust     warning: integrity 32, authenticity 33, provenance 33, isolation 33, behaviour 33
  trust     affirming: configuration 3, executables 3
  trust     not known: freshness 0

  world {
    export test:demo/counter@0.1.0
      add: func(n: u32) -> u32
      boom: func()
  }
`,
	);
});

test('of a file that has changed since, what runs is shown and not the file', async t => {
	const forge = await forgeWith(t, {counter: './counter.wasm'});
	const file = join(forge.folder, 'counter.wasm');
	await writeFile(file, await countingComponent());
	t.is((await forge(['up', '--detach'])).code, 0);
	const before = JSON.parse((await forge(['plugin', 'inspect', 'counter', '--json'])).out);
	t.is(before.digest, before.artefact.digest);
	await writeFile(file, await countingComponent(''));
	const after = JSON.parse((await forge(['plugin', 'inspect', 'counter', '--json'])).out);
	t.is(after.digest, before.digest);
	t.is(after.lack, 'its file is another by now');
	t.is(after.world, undefined);
});

test('a file is shown before it is a plugin, and nothing of it is run', async t => {
	const forge = await forgeOf(t);
	const inspect = async (file: string) => {
		const {out, err} = await forge(['plugin', 'inspect', file, '--json']);
		return JSON.parse(out || err);
	};
	await copyFile(await guest('hello-wat'), join(forge.folder, 'hello.wasm'));
	const command = await inspect('./hello.wasm');
	t.true(command.world.exports.some(({name}: {name: string}) => name.startsWith('wasi:cli/run@')));
	t.is(command.state, undefined);
	t.is(command.artefact.memory, 64 * 2 ** 20);
	await copyFile(await guest('preview1-hello'), join(forge.folder, 'old.wasm'));
	t.true((await inspect('old.wasm')).world.imports.length > 0);
	const marker = join(forge.folder, 'ran');
	await writeFile(join(forge.folder, 'module.mjs'), `import {writeFileSync} from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');`);
	const script = await inspect('./module.mjs');
	t.is(script.implementation, 'typescript');
	t.regex(script.digest, /^sha256:[0-9a-f]{64}$/);
	await t.throwsAsync(readFile(marker), {code: 'ENOENT'});
	await writeFile(join(forge.folder, 'broken.wasm'), 'no component at all');
	t.is((await inspect('./broken.wasm')).error.code, 'FORGE_COMPONENT_INVALID');
	t.is((await inspect('./nothing.wasm')).error.code, 'FORGE_CLI_FILE');
	t.is((await inspect('nobody')).error.code, 'FORGE_CLI_PLUGIN');
});

test('a TypeScript plugin is shown with its contracts, its hooks and the settings it takes', async t => {
	const forge = await forgeOf(t);
	const {out} = await forge(['plugin', 'inspect', 'security']);
	t.regex(out, /^ {2}made of {3}typescript$/m);
	t.regex(out, /^ {2}provides {2}forgeone:security\/principals@0.1.0$/m);
	t.regex(out, /^ {2}taps {6}forgeone:kernel\/link@0.1.0$/m);
	t.regex(out, /^ {2}config\n {4}rules: array, default \[\]/m);
});
