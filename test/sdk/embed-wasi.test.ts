import {copyFile, mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Log} from '@forgeone/sdk';
import {buildProject} from '@forgeone/sdk/build';
import {contract, type EmbedOptions, embed, type ForgeError, offer} from '@forgeone/sdk/embed';
import test, {type ExecutionContext} from 'ava';
import {folderOf} from '../support/runtime.ts';
import {pricing, text} from '../support/shop.ts';

const wit = (...imports: string[]) => `package acme:shop@1.0.0;
interface pricing { quote: func(cents: u32) -> u32; }
world extension { ${imports.map(name => `import wasi:${name}@0.2.10;`).join('\n')} export pricing; }`;

/** The component of a program, in the folder of extensions of a test. */
async function built(t: ExecutionContext, extensions: string, name: string, files: Readonly<Record<string, string>>): Promise<void> {
	const folder = await folderOf(t);
	for (const [path, content] of Object.entries(files)) {
		await mkdir(dirname(join(folder, path)), {recursive: true});
		await writeFile(join(folder, path), content);
	}
	const {file} = await buildProject(folder);
	await copyFile(file, join(extensions, `${name}.wasm`));
}

/** What there is of WASI for a program of somebody's own: its extensions, and what they said. */
async function running(t: ExecutionContext, extensions: string, options: EmbedOptions = {}) {
	const lines: string[] = [];
	const told: string[] = [];
	const say = (level: string) => (fields: object, line: string) => void lines.push(`${level} ${Object(fields).plugin}: ${line}`);
	const log: Log = {debug() {}, info: say('info'), warn: say('warn'), error() {}, child: () => log};
	const failed = ({code, message}: ForgeError, plugin: string) => void told.push(`${plugin} ${code}: ${message}`);
	const shop = await embed(extensions, {log, failed, ...options});
	t.teardown(() => shop.stop());
	return {lines, told, quote: (name: string, cents: number) => shop.plugin(name).use(pricing).quote(cents)};
}

const cli = ['cli/stdout', 'cli/stderr', 'cli/stdin', 'cli/environment'];
const time = ['clocks/wall-clock', 'clocks/monotonic-clock', 'random/random'];

/** Says on its outputs what it finds; with 1 it waits for a second, with 2 it asks for random numbers for ever. */
const finding = `import {getArguments, getEnvironment} from './bindings/imports/environment';
import {now as instant, subscribeDuration} from './bindings/imports/monotonic-clock';
import {getRandomBytes} from './bindings/imports/random';
import {getStderr} from './bindings/imports/stderr';
import {getStdin} from './bindings/imports/stdin';
import {getStdout} from './bindings/imports/stdout';
import {now} from './bindings/imports/wall-clock';

const output = getStdout();

export function quote(cents: u32): u32 {
	if (cents == 1) subscribeDuration(1_000_000_000).block();
	subscribeDuration(0).block();
	while (cents == 2) getRandomBytes(65_536);
	const there = getArguments().length + getEnvironment().length + (getStdin().blockingRead(1).isOk ? 1 : 0);
	output.blockingWriteAndFlush(Uint8Array.wrap(String.UTF8.encode('there is ' + there.toString() + '\\nhalf ')));
	getStderr().blockingWriteAndFlush(Uint8Array.wrap(String.UTF8.encode('a line\\r\\n')));
	output.blockingWriteAndFlush(Uint8Array.wrap(String.UTF8.encode('a line\\n')));
	return now().seconds > 1_700_000_000 && instant() > 0 && getRandomBytes(8).length == 8 ? cents : 0;
}`;

test('a component has clocks and random numbers, its output becomes lines, and there is nothing to be read', async t => {
	const extensions = await folderOf(t);
	await built(t, extensions, 'finding', {'wit/world.wit': wit(...cli, ...time), 'assembly/index.ts': finding});
	const {lines, quote} = await running(t, extensions, {limits: {time: '200ms'}});
	t.is(await quote('finding', 100), 100);
	t.deepEqual(lines, ['info finding: there is 0', 'warn finding: a line\r', 'info finding: half a line']);
	await t.throwsAsync(quote('finding', 1), {code: 'FORGE_PLUGIN_FAILED', message: /it waits for what has not come/});
	await t.throwsAsync(quote('finding', 2), {code: 'FORGE_PLUGIN_FAILED', message: /it has run for more than 200 ms/});
	t.is(await quote('finding', 100), 100);
});

test('a component in JavaScript runs with all that its engine asks for', async t => {
	const extensions = await folderOf(t);
	const program = `import {getStdout} from 'wasi:cli/stdout@0.2.10';
	import {getEnvironment} from 'wasi:cli/environment@0.2.10';
	export const pricing = {quote(cents) {
		getStdout().blockingWriteAndFlush(Uint8Array.from([111, 107, 10]));
		return Date.now() > 1.7e12 && Math.random() >= 0 && getEnvironment().length === 0 ? cents : 0;
	}};`;
	await built(t, extensions, 'script', {'wit/world.wit': wit(...cli, ...time), 'src/index.js': program});
	const {lines, told, quote} = await running(t, extensions);
	t.is(await quote('script', 100), 100);
	t.deepEqual([lines, told], [['info script: ok'], []]);
});

test('nothing else of WASI is there, nor another version; what is offered takes the place of what is', async t => {
	const extensions = await folderOf(t);
	const importing = (name: string, member: string) =>
		text('(i32.const 7)', '', `(import "${name}" (instance (export "${member}" (func))))`);
	await writeFile(join(extensions, 'sockets.wasm'), await importing('wasi:sockets/instance-network@0.2.0', 'instance-network'));
	await writeFile(join(extensions, 'keys.wasm'), await importing('wasi:keyvalue/store@0.2.0-draft2', 'open'));
	await writeFile(join(extensions, 'later.wasm'), await importing('wasi:random/random@0.3.0', 'get-random-u64'));
	await built(t, extensions, 'dice', {
		'wit/world.wit': wit('random/random'),
		'assembly/index.ts':
			"import {getRandomU64} from './bindings/imports/random';\nexport function quote(cents: u32): u32 { return u32(getRandomU64()); }",
	});
	const random = contract<{getRandomU64(): bigint; getRandomBytes(length: bigint): Uint8Array}>('wasi:random/random@0.2.10', [
		'getRandomU64',
		'getRandomBytes',
	]);
	const loaded = offer(random, {getRandomU64: () => 6n, getRandomBytes: () => new Uint8Array()});
	const {told, quote} = await running(t, extensions, {plugins: {dice: {offers: [loaded]}}});
	t.is(await quote('dice', 0), 6);
	t.deepEqual(
		told.map(line => line.replace(/: .*"(wasi:.*?)".*/s, ' $1')),
		[
			'keys FORGE_EMBED_OFFER wasi:keyvalue/store@0.2.0-draft2',
			'later FORGE_EMBED_OFFER wasi:random/random@0.3.0',
			'sockets FORGE_EMBED_OFFER wasi:sockets/instance-network@0.2.0',
		],
	);
});
