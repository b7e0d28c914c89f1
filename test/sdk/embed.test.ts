import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {store} from '@forgeone/sdk';
import {contract, type EmbedOptions, embed, type ForgeError, hook, offer} from '@forgeone/sdk/embed';
import test, {type ExecutionContext} from 'ava';
import {outcome, until} from '../cli/forge.ts';
import {assembled} from '../support/assembly.ts';
import {assembly, pricing, script, shopOf, tax, text, winter} from '../support/shop.ts';

const catalog = contract<{stock(item: string): number}>('acme:shop/catalog@1.0.0', ['stock']);
const keepsCount = `import {get, set} from './bindings/imports/store';
export function quote(cents: u32): u32 {
	const before = get('sum');
	const sum: u8 = (before.value !== null ? before.value![0] : 0) + u8(cents);
	const bytes = new Uint8Array(1);
	bytes[0] = sum;
	set('sum', bytes);
	return sum;
}`;
const asksStock = `import {stock} from './bindings/imports/catalog';
export function quote(cents: u32): u32 { return stock('chair') * cents; }`;

/** Extensions in this process, what was told of those that failed, and how to write another. */
async function embedded(t: ExecutionContext, files: Readonly<Record<string, string | Uint8Array>>, options: EmbedOptions = {}) {
	const {extensions, write, folder} = await shopOf(t, files);
	const told: string[] = [];
	const failed = ({code, message}: ForgeError, plugin: string) => void told.push(`${plugin} ${code}: ${message}`);
	const shop = await embed(extensions, {failed, ...options});
	t.teardown(() => shop.stop());
	const quote = (name: string, cents: number) => shop.plugin(name).use(pricing).quote(cents);
	return {shop, told, write, extensions, folder, quote};
}

test('a program of a few lines runs the plugins of three customers, as the README prints it', async t => {
	const readme = readFileSync(join(import.meta.dirname, '../../sdk/README.md'), 'utf8');
	const [, program = ''] = /## Plugins inside your own program\n\n```ts\n(.*?)```/s.exec(readme) ?? [];
	const files = {'winter.wasm': await winter(), 'loyalty.js': script('cents => cents - 50'), 'tax.wasm': await tax()};
	const {folder} = await shopOf(t, files);
	await writeFile(join(folder, 'app.ts'), program);
	const {code, out, err} = await outcome(spawn(process.execPath, ['app.ts'], {cwd: folder}));
	t.is(err, '');
	t.is(out, `${Math.floor((Math.floor((950 * 119) / 100) * 9) / 10)}\n900\n`);
	t.is(code, 0);
	t.deepEqual((await readdir(folder)).sort(), ['app.ts', 'extensions', 'node_modules', 'package.json']);
});

test('plugins that loop, trap, grow, are malformed or hang cost one error each, and the others go on', async t => {
	const loop = await text('(loop $l (br $l)) (i32.const 0)');
	const grow = await text('(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)', '(memory 1)');
	const {shop, told, quote} = await embedded(
		t,
		{
			'a-loop.wasm': loop,
			'b-trap.wasm': await text('unreachable'),
			'c-grow.wasm': grow,
			'd-broken.wasm': (await tax()).subarray(0, 60),
			'e-hang.mjs': script('() => new Promise(() => undefined)'),
			'tax.wasm': await tax(),
			'readme.txt': 'no plugin',
		},
		{limits: {memory: '1MiB', time: '100ms'}, plugins: {'e-hang': {trusted: true}}},
	);
	t.regex(told.splice(0).join('\n'), /^d-broken FORGE_COMPONENT_INVALID: plugin "d-broken": invalid component at byte \d+.*$/);
	t.deepEqual([...shop.providers(pricing).keys()], ['a-loop', 'b-trap', 'c-grow', 'e-hang', 'tax']);
	t.is(await quote('c-grow', 0), 16);
	await t.throwsAsync(quote('a-loop', 1), {code: 'FORGE_PLUGIN_FAILED', message: /"a-loop" .*fuel exhausted/});
	await t.throwsAsync(quote('b-trap', 1), {code: 'FORGE_PLUGIN_FAILED', message: /"b-trap" failed in "acme:shop\/pricing#quote"/});
	await t.throwsAsync(quote('d-broken', 1), {code: 'FORGE_COMPONENT_INVALID'});
	await t.throwsAsync(quote('e-hang', 1), {code: 'FORGE_TIMEOUT', message: '"e-hang#quote" did not answer within 100 ms'});
	await t.throwsAsync(quote('tacks', 1), {code: 'FORGE_EMBED_UNKNOWN', message: 'there is no plugin "tacks"'});
	// `c-grow` answers how many pages it has.
	t.is(await shop.call(pricing).quote(1000), 19);
	t.deepEqual(
		told.map(line => line.split(':')[0]),
		['a-loop FORGE_PLUGIN_FAILED', 'b-trap FORGE_PLUGIN_FAILED', 'e-hang FORGE_TIMEOUT'],
	);
	t.is(await quote('tax', 100), 119);
});

test('one that traps too often stays down with a reason, until it is swapped', async t => {
	const {shop, extensions, quote, write} = await embedded(t, {'odd.wasm': await text('unreachable')});
	for (let i = 0; i < 4; i++) await t.throwsAsync(quote('odd', 1), {code: 'FORGE_PLUGIN_FAILED'});
	await t.throwsAsync(quote('odd', 1), {code: 'FORGE_PLUGIN_DOWN', message: /"odd"/});
	const [state] = shop.list();
	t.like(state, {name: 'odd', file: join(extensions, 'odd.wasm'), running: false, provides: ['acme:shop/pricing@1.0.0']});
	t.regex(state?.reason ?? '', /unreachable/);
	await write('odd.wasm', await tax());
	await shop.swap('odd');
	t.is(await quote('odd', 100), 119);
	t.is(shop.list()[0]?.reason, undefined);
});

test('what comes into the folder starts, what changes takes over, what goes stops', async t => {
	const {shop, told, write, extensions, quote} = await embedded(t, {'tax.wasm': await tax(), 'old.wasm': await tax()});
	const handle = shop.plugin('tax').use(pricing);
	t.is(await handle.quote(100), 119);
	await write('tax.wasm', await text('(i32.const 7)'));
	await write('new.wasm', await winter());
	await rm(join(extensions, 'old.wasm'));
	await shop.scan();
	t.is(await handle.quote(100), 7);
	t.is(await quote('new', 100), 90);
	await t.throwsAsync(quote('old', 1), {code: 'FORGE_EMBED_UNKNOWN'});
	await write('tax.wasm', 'no component');
	await shop.scan();
	await shop.scan();
	t.regex(told.join('\n'), /^tax FORGE_COMPONENT_INVALID: plugin "tax": [^\n]+$/);
	t.is(await handle.quote(100), 7);
	t.like(
		shop.list().find(({name}) => name === 'tax'),
		{running: true, reason: told[0]?.replace(/^\S+ \S+ /, '')},
	);
	await rm(extensions, {recursive: true});
	await t.throwsAsync(shop.scan(), {code: 'FORGE_EMBED_FOLDER'});
	t.is(await handle.quote(100), 7);
});

test('with watch, the folder is followed by itself', async t => {
	const {shop, write, extensions, quote} = await embedded(t, {'tax.wasm': await tax()}, {watch: true});
	await write('winter.wasm', await winter());
	await until(() => shop.list().length === 2);
	t.is(await quote('winter', 100), 90);
	await rm(join(extensions, 'tax.wasm'));
	await until(() => shop.list().length === 1);
	t.deepEqual([...shop.providers(pricing).keys()], ['winter']);
});

test('a swap under load fails no call, and a bad version leaves the one that runs', async t => {
	const {shop, write, folder, quote} = await embedded(t, {'tax.wasm': await tax()}, {plugins: {tax: {trusted: true}}});
	let going = true;
	const calls = (async () => {
		let count = 0;
		for (; going; count++) {
			t.is(await quote('tax', 100), 119);
			await new Promise(setImmediate);
		}
		return count;
	})();
	const same = join(folder, 'extensions', 'other.txt.mjs');
	await write('other.txt.mjs', script('cents => cents + 19'));
	for (let i = 0; i < 5; i++) {
		await shop.swap('tax', same);
		await shop.swap('tax', join(folder, 'extensions/tax.wasm'));
	}
	going = false;
	t.true((await calls) > 0);
	const bad = async (content: string | Uint8Array, name = 'bad.wasm') => {
		const file = join(folder, name);
		await writeFile(file, content);
		return shop.swap('tax', file);
	};
	await t.throwsAsync(bad('nonsense'), {code: 'FORGE_COMPONENT_INVALID'});
	await t.throwsAsync(bad('export default 1', 'bad.mjs'), {code: 'FORGE_EMBED_CONTRACT'});
	const wanting = script('1').replaceAll("'quote'", "'price'").replace('quote: 1', 'price: () => 1');
	await t.throwsAsync(bad(wanting, 'wanting.mjs'), {
		code: 'FORGE_EMBED_CONTRACT',
		message: /does not provide "acme:shop\/pricing@1.0.0#quote"/,
	});
	await t.throwsAsync(shop.swap('tax', join(folder, 'nothing.wasm')), {code: 'FORGE_EMBED_FAILED', message: /plugin "tax" .*ENOENT/});
	await bad(await text('unreachable'), 'trap.wasm');
	t.is(await quote('tax', 100), 119);
	t.regex(shop.list().find(({name}) => name === 'tax')?.reason ?? '', /rolled back/);
	await t.throwsAsync(shop.swap('tex'), {code: 'FORGE_EMBED_UNKNOWN'});
});

test('a plugin may use what it is offered, and nothing else', async t => {
	const asking = await assembly(asksStock, 'asking');
	const asked: string[] = [];
	const stock = (by: string) => ({
		stock(item: string) {
			asked.push(`${by} ${item}`);
			return by.length;
		},
	});
	const {told, quote} = await embedded(
		t,
		{'one.wasm': asking, 'three.wasm': asking, 'two.wasm': asking},
		{plugins: {one: {offers: [offer(catalog, stock)]}, three: {offers: [offer(catalog, {stock: () => 10})]}}},
	);
	t.is(await quote('one', 2), 6);
	t.is(await quote('three', 2), 20);
	t.deepEqual(asked, ['one chair']);
	t.regex(
		told.join('\n'),
		/^two FORGE_EMBED_OFFER: plugin "two" asks for what it was not offered: [^\n]*"acme:shop\/catalog@1.0.0"[^\n]*$/,
	);
});

test('a subsystem serves each plugin in its own name, and keeps what it was given', async t => {
	const keeping = await assembly(keepsCount, 'keeping');
	const {folder, extensions} = await shopOf(t, {'one.wasm': keeping, 'two.wasm': keeping});
	const options = {offers: [store], subsystems: {store: '@forgeone/plugin-storage/store'}, state: join(folder, 'state')};
	const sums = async (one: number, two: number) => {
		await using shop = await embed(extensions, options);
		return await Promise.all([shop.plugin('one').use(pricing).quote(one), shop.plugin('two').use(pricing).quote(two)]);
	};
	t.deepEqual(await sums(1, 10), [1, 10]);
	t.deepEqual(await sums(1, 10), [2, 20]);
});

test('a module is refused unless it is trusted, and one that is wrong is told of in one line', async t => {
	const {told, shop, write} = await embedded(
		t,
		{'none.js': 'export const a = 1;', 'plain.js': 'globalThis.ran = true; export default {}', 'wrong.js': 'export default'},
		{plugins: {none: {trusted: true}, wrong: {trusted: true}}},
	);
	t.false('ran' in globalThis);
	t.regex(told[0] ?? '', /^none FORGE_PLUGIN_INVALID: plugin "none": [^\n]+ has no name$/);
	t.is(told[1], 'plain FORGE_EMBED_UNTRUSTED: plugin "plain" is a module, which can do all that this program can');
	t.regex(told[2] ?? '', /^wrong FORGE_EMBED_FAILED: plugin "wrong" can not run: [^\n]+$/);
	await write('wrong.js', script('cents => cents'));
	await shop.scan();
	t.is(await shop.plugin('wrong').use(pricing).quote(3), 3);
});

test('no name and no export of a plugin opens the kernel that it runs in', async t => {
	const asking = await text('(i32.const 0)', '', '(import "forgeone:kernel/plugins@0.1.0" (instance (export "list" (func))))');
	const kernel = readFileSync(join(import.meta.dirname, '../../wasm/wit/kernel.wit'), 'utf8').replace('@0.1.0;', '@0.1.0 {');
	const judge = await assembled(
		`package acme:judge; world judge { import forgeone:kernel/plugins@0.1.0; export forgeone:kernel/link@0.1.0; } ${kernel} }`,
		`import {Request, Verdict} from './bindings/exports/link';
		import {swap} from './bindings/imports/plugins';
		export function decide(verdict: Verdict, request: Request): Verdict { swap('judge', './anything.mjs'); return Verdict.allowed(); }`,
	);
	const {told, extensions, shop} = await embedded(t, {
		'host.wasm': asking,
		'kernel.wasm': asking,
		'application.wasm': asking,
		'judge.wasm': judge,
		'plain.wasm': asking,
		'same.mjs': '',
		'same.wasm': await tax(),
		'.hidden.wasm': await tax(),
	});
	await mkdir(join(extensions, 'folder.wasm'));
	await shop.scan();
	t.deepEqual(
		told.map(line => line.replace(/: .*/s, '')),
		[
			'.hidden.wasm FORGE_EMBED_FAILED',
			'application.wasm FORGE_EMBED_FAILED',
			'host.wasm FORGE_EMBED_FAILED',
			'judge FORGE_EMBED_OFFER',
			'kernel.wasm FORGE_EMBED_FAILED',
			'plain FORGE_EMBED_OFFER',
			'same FORGE_EMBED_UNTRUSTED',
			'same.wasm FORGE_EMBED_FAILED',
			'folder FORGE_EMBED_FAILED',
		],
	);
	t.is(shop.providers(pricing).size, 0);
});

test('a hook reaches its plugins as its mode says, those that fail are passed over', async t => {
	type Said = {say(n: number): number | undefined};
	const saying = (say: string) => script(say).replace('acme:shop/pricing', 'acme:shop/said').replaceAll('quote', 'say');
	const files = {
		'a.mjs': saying('() => undefined'),
		'b.mjs': saying('() => { throw new TypeError("b"); }'),
		'c.mjs': saying('async n => n + 1'),
		'd.mjs': saying('n => n + 2'),
	};
	const trusted = Object.fromEntries(['a', 'b', 'c', 'd'].map(name => [name, {trusted: true}]));
	const {shop, told} = await embedded(t, files, {plugins: trusted});
	const by = (mode: 'series' | 'parallel' | 'bail' | 'waterfall') => shop.call(hook<Said>('acme:shop/said@1.0.0', {say: mode})).say(5);
	t.is(await by('bail'), 6);
	t.is(await by('series'), undefined);
	t.is(await by('parallel'), undefined);
	t.deepEqual([...new Set(told)], ['b FORGE_PLUGIN_FAILED: plugin "b" failed in "acme:shop/said#say": b']);
	t.is(told.length, 3);
	t.is(await shop.call(hook<Said>('acme:shop/nobody@1.0.0', {say: 'waterfall'})).say(5), 5);
});

test('a folder that is not there is refused, and nothing is left running', async t => {
	await t.throwsAsync(embed(join(import.meta.dirname, 'no-such-folder')), {code: 'FORGE_EMBED_FOLDER'});
});

test('the types of a contract are those of its calls', async t => {
	const {shop} = await embedded(t, {'tax.wasm': await tax()});
	const client = shop.plugin('tax').use(pricing);
	// @ts-expect-error no such function
	t.is(client.price, undefined);
	// @ts-expect-error a number is wanted; what is none is refused, and harms nothing
	await t.throwsAsync(client.quote('100'), {code: 'FORGE_VALUE_INVALID'});
	const cents: number = await client.quote(100);
	t.is(cents, 119);
});
