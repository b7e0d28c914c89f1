import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {loadConfig, lockState, parseDuration, parseMount, parsePort, parseSize, socketPath, specs, stateFolder} from '@forgeone/sdk/config';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';

async function folderOf(t: ExecutionContext, files: Readonly<Record<string, string>> = {}): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-config-'));
	t.teardown(() => rm(folder, {recursive: true}));
	for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
	return folder;
}

test('a configuration is found in each of its forms', async t => {
	const object = "{networks: {front: {egress: ['example.com:443']}}}";
	const json = '{"networks": {"front": {"egress": ["example.com:443"]}}}';
	const forms = {
		'forge.config.ts': `export default ${object} satisfies object;`,
		'forge.config.js': `export default ${object};`,
		'forge.config.json': json,
		'forge.config.yaml': 'networks: {front: {egress: ["example.com:443"]}}',
		'package.json': `{"forge": ${json}}`,
	};
	for (const [name, text] of Object.entries(forms)) {
		const folder = await folderOf(t, {'package.json': '{"type": "module"}', [name]: text});
		const {config, file} = await loadConfig(folder);
		t.deepEqual(config, {networks: {front: {egress: ['example.com:443']}}}, name);
		t.is(file, join(folder, name));
	}
});

test('no configuration, and an empty one, are the default', async t => {
	t.deepEqual((await loadConfig(await folderOf(t))).config, {});
	t.deepEqual((await loadConfig(await folderOf(t, {'forge.config.yaml': ''}))).config, {});
});

test('in YAML what was written once can be used again, and a text that does not parse is told by line and column', async t => {
	const twice = 'containers:\n  a: &a {image: a.wasm, restart: always}\n  b: {<<: *a, restart: "no"}\n';
	const {config} = await loadConfig(await folderOf(t, {'forge.config.yaml': twice}));
	t.deepEqual(config.containers?.b, {image: 'a.wasm', restart: 'no'});
	const broken = await folderOf(t, {'forge.config.yaml': 'mode: production\nplugins: {a: b\nvolumes: {}\n'});
	const error = await t.throwsAsync(loadConfig(broken), {code: 'FORGE_CONFIG_UNREADABLE'});
	t.regex(error?.message ?? '', /^configuration "forge.config.yaml" can not be read: .* at line 3, column 1$/);
});

test('an unknown key names the file, the place and the nearest known one', async t => {
	const folder = await folderOf(t, {'forge.config.json': '{"containers": {"a": {"image": "a.wasm", "limits": {"memroy": 1}}}}'});
	const error = await t.throwsAsync(loadConfig(folder), {code: 'FORGE_CONFIG_UNKNOWN'});
	t.is(error?.message, 'unknown key "memroy" in "containers.a.limits" of "forge.config.json"');
	t.like(error, {remedy: 'did you mean "memory"?'});
});

test('what is wrong or not there is named', async t => {
	const at = async (text: string) => loadConfig(await folderOf(t, {'forge.config.json': text}));
	await t.throwsAsync(at('{"containers": {"a": {}}}'), {code: 'FORGE_CONFIG_INVALID', message: /"containers.a.image".*missing/});
	await t.throwsAsync(at('{"containers": {"../a": {"image": "x"}}}'), {code: 'FORGE_CONFIG_INVALID'});
	await t.throwsAsync(at('{"mode": "fast"}'), {code: 'FORGE_CONFIG_INVALID', message: /development, production/});
	await t.throwsAsync(at('{'), {code: 'FORGE_CONFIG_UNREADABLE'});
	await t.throwsAsync(loadConfig(await folderOf(t), 'there.yaml'), {code: 'FORGE_CONFIG_MISSING'});
});

test('keys that reach into prototypes are refused at every depth, and change nothing', async t => {
	for (const key of ['__proto__', 'constructor', 'prototype']) {
		const deep = `{"plugins": {"a": {"use": "b", "config": {"list": [{"${key}": {"polluted": 1}}]}}}}`;
		for (const text of [`{"${key}": {"polluted": 1}}`, `{"containers": {"${key}": {"image": "x"}}}`, deep]) {
			for (const name of ['forge.config.json', 'forge.config.yaml']) {
				await t.throwsAsync(loadConfig(await folderOf(t, {[name]: text})), {code: 'FORGE_CONFIG_INVALID'}, `${name}: ${text}`);
			}
		}
	}
	t.is(({} as {polluted?: unknown}).polluted, undefined);
});

test('a container of the configuration becomes a spec', async t => {
	const container = {
		image: './a.wasm',
		environment: {A: '1'},
		config: {greeting: 'hej'},
		volumes: ['data:/data', './here:/here:ro'],
		publish: [8080, '0.0.0.0:81'],
		egress: ['one.example:1'],
		routes: ['a.example/api'],
		networks: ['front'],
		limits: {memory: '64MiB', timeout: '2s'},
	};
	const config = {containers: {a: container}, networks: {front: {egress: ['two.example:2']}}};
	const folder = await folderOf(t, {'forge.config.json': JSON.stringify(config)});
	t.deepEqual(specs(await loadConfig(folder)), [
		{
			name: 'a',
			image: join(folder, 'a.wasm'),
			arguments: [],
			environment: [['A', '1']],
			config: [['greeting', 'hej']],
			mounts: [
				{source: 'data', target: '/data', readOnly: false},
				{source: join(folder, 'here'), target: '/here', readOnly: true},
			],
			publish: [
				{address: '127.0.0.1', port: 8080},
				{address: '0.0.0.0', port: 81},
			],
			egress: ['one.example:1', 'two.example:2'],
			routes: ['a.example/api'],
			networks: ['front'],
			limits: {memory: 67_108_864n, timeout: 2000n},
			restart: 'no',
			attached: false,
			interactive: false,
			remove: false,
		},
	]);
	const missing = await folderOf(t, {'forge.config.json': '{"containers": {"a": {"image": "a", "networks": ["none"]}}}'});
	const loaded = await loadConfig(missing);
	t.throws(() => specs(loaded), {code: 'FORGE_CONFIG_INVALID', message: /no network "none"/});
});

test('sizes, durations, ports and volumes are read as they are written', t => {
	t.deepEqual(['1024', '64MiB', '64M', '1.5 GiB', '64MB', '2k'].map(parseSize), [
		1024n,
		67_108_864n,
		67_108_864n,
		1_610_612_736n,
		64_000_000n,
		2048n,
	]);
	t.deepEqual(['1', '500ms', '1s', '1.5m', '2h'].map(parseDuration), [1n, 500n, 1000n, 90_000n, 7_200_000n]);
	t.deepEqual(parsePort('[::1]:80'), {address: '::1', port: 80});
	t.deepEqual(parsePort('80/tcp'), {address: '127.0.0.1', port: 80});
	t.deepEqual(parsePort('0.0.0.0:53/udp'), {address: '0.0.0.0', port: 53, protocol: 'udp'});
	for (const wrong of ['', '-1', '1e3', '1 TiB', 'MiB', '1__proto__', '1constructor', '0x10', 'Infinity']) {
		t.throws(() => parseSize(wrong), {code: 'FORGE_CONFIG_VALUE'}, wrong);
		t.throws(() => parseDuration(wrong), {code: 'FORGE_CONFIG_VALUE'}, wrong);
	}
	for (const wrong of ['', '65536', 'a:b', ':80', '80:80', '80:80:80', '-1', '80/', '/udp', '80/sctp', '80:80/udp'])
		t.throws(() => parsePort(wrong), {code: 'FORGE_CONFIG_VALUE'}, wrong);
	for (const wrong of ['', 'data', 'data:relative', ':/data', 'a:/b:rx', 'a:/b:ro:rw']) {
		t.throws(() => parseMount(wrong, '/'), {code: 'FORGE_CONFIG_VALUE'}, wrong);
	}
});

test('whatever is given as a value is read, or refused with the code', t => {
	fc.assert(
		fc.property(fc.string(), text => {
			for (const parse of [parseSize, parseDuration, parsePort, (text: string) => parseMount(text, '/')]) {
				try {
					parse(text);
				} catch (error) {
					if ((error as {code?: string}).code !== 'FORGE_CONFIG_VALUE') throw error;
				}
			}
		}),
	);
	t.pass();
});

test('the state folder and the socket are where the variables say', t => {
	t.is(stateFolder({FORGE_HOME: '/a', XDG_STATE_HOME: '/b', HOME: '/c'}), '/a');
	t.is(stateFolder({XDG_STATE_HOME: '/b', HOME: '/c'}), '/b/forge');
	t.is(stateFolder({HOME: '/c'}), '/c/.local/state/forge');
	t.is(socketPath({FORGE_HOME: '/a'}), '/a/run/forge.sock');
	t.regex(socketPath({FORGE_HOME: '/a', XDG_RUNTIME_DIR: '/run/user/1'}), /^\/run\/user\/1\/forge\/[0-9a-f]{16}\.sock$/);
	t.not(socketPath({FORGE_HOME: '/a', XDG_RUNTIME_DIR: '/r'}), socketPath({FORGE_HOME: '/b', XDG_RUNTIME_DIR: '/r'}));
});

test('a state folder has one holder at a time, and a note that was left behind holds nothing', async t => {
	const folder = await folderOf(t, {'daemon.pid': '1\n'});
	const lock = await lockState(folder);
	await t.throwsAsync(lockState(folder), {code: 'FORGE_STATE_LOCKED', message: new RegExp(`pid ${process.pid}`)});
	await lock.release();
	await (await lockState(folder)).release();
});
