import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {copyFile, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {connect} from '@forgeone/sdk/client';
import {socketPath} from '@forgeone/sdk/config';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {type Forge, forgeOf, outcome, until} from './forge.ts';

const root = join(import.meta.dirname, '../..');
const server = join(root, 'templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm');
const command = join(root, 'templates/app-cli/build/app-cli.wasm');

/** A daemon with this configuration, once `before` is done. */
async function daemonOf(t: ExecutionContext, config: object, before = async (_: Forge): Promise<void> => {}): Promise<Forge> {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify(config));
	await before(forge);
	const {code, err} = await forge(['up', '--detach']);
	t.is(code, 0, err);
	return forge;
}

async function portOf(forge: Forge): Promise<number> {
	const daemon = await connect(socketPath({FORGE_HOME: forge.home}));
	const list = await daemon?.engine.listeners.list();
	await daemon?.engine.close();
	return list?.[0]?.port ?? 0;
}

test('the README taps a hook from a component as it prints it', async t => {
	const forge = await forgeOf(t);
	const readme = readFileSync(join(root, 'sdk/README.md'), 'utf8');
	const section = /## Tap a hook from a component\n(.*?)\n## /s.exec(readme)?.[1] ?? '';
	const block = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)?.[1] ?? '';
	const folder = join(forge.folder, 'guard');
	await mkdir(join(folder, 'wit'), {recursive: true});
	await mkdir(join(folder, 'assembly'));
	await copyFile(server, join(folder, 'app.wasm'));
	await writeFile(join(folder, 'wit/world.wit'), block('wit'));
	await writeFile(join(folder, 'assembly/index.ts'), block('ts'));
	// The system picks the port here, and says it once the daemon is up.
	await writeFile(join(folder, 'forge.config.yaml'), block('yaml').replace('8080', '0'));
	const bin = join(root, 'plugins/cli/bin/forge.js');
	const [build = '', up = '', ...asks] = block('sh').trim().split('\n');
	const run = (lines: readonly string[]) => {
		const script = `set -e\nnpx() { shift; ${process.execPath} ${bin} "$@"; }\n${lines.join('\n')}`;
		const env = forge.env;
		return outcome(spawn('bash', ['-c', script], {cwd: folder, env}));
	};
	const begun = await run([build, up]);
	t.is(begun.code, 0, begun.err);
	const port = await portOf(forge);
	const {out, err, code} = await run(asks.map(line => line.replace('8080', String(port))));
	t.is(code, 0, err);
	t.regex(out, /^HTTP\/1.1 200 OK\r\n(.+\r\n)*x-frame-options: DENY\r\n[\s\S]*Hello/i);
	t.regex(out, /\nthe request is refused: ask from inside \(FORGE_REQUEST_REFUSED\)\n/);
});

test('a middleware in a daemon: it changes, answers, refuses, and breaks one request at a time, which the log tells', async t => {
	const forge = await daemonOf(t, {plugins: {guard: await guest('guard')}, containers: {web: {image: server, publish: [0]}}});
	const port = await portOf(forge);
	const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
	t.is((await ask('/')).headers.get('x-guard'), '200 GET');
	t.is(await (await ask('/health')).text(), 'well\n');
	t.is((await ask('/hidden')).status, 403);
	for (const path of ['/trap', '/loop', '/flood']) {
		t.is((await ask(path)).status, 502, path);
		t.is((await ask('/')).headers.get('x-guard'), '200 GET', path);
	}
	t.regex(readFileSync(join(forge.home, 'daemon.log'), 'utf8'), /"code":"FORGE_PLUGIN_FAILED"[^\n]*"msg":"a middleware failed"/);
	t.is((await forge(['ps'])).code, 0);
});

test('an admission rule in a daemon: forge run ends with 126 and with the words of the rule', async t => {
	const image = readFileSync(command);
	const digest = `sha256:${createHash('sha256').update(image).digest('hex')}`;
	const pinned = {image: command, digest, limits: {memory: '64MiB'}};
	const forge = await daemonOf(t, {plugins: {rule: await guest('rule')}, containers: {pinned}});
	await until(async () => (await forge(['logs', 'pinned'])).out.includes('Hello'));
	const loose = await forge(['run', '--memory', '64MiB', command, '--', 'Ada']);
	t.is(loose.code, 126);
	t.regex(loose.err, /^forge: policy refuses ".*app-cli.wasm": its digest is not pinned \(FORGE_ADMISSION_REFUSED\): /m);
	const large = await forge(['run', '--memory', '65MiB', command]);
	t.is(large.code, 126);
	t.regex(large.err, /68157440 bytes of memory are too many/);
	const broken = await forge(['run', '--env', 'TRAP=1', command]);
	t.is(broken.code, 125);
	t.regex(broken.err, /plugin "rule" failed in "forgeone:runtime\/admission#admit".*\(FORGE_PLUGIN_FAILED\)/);
	t.is((await forge(['run', '--memory', '64MiB', command])).code, 126);
});

test('a log sink in a daemon, and in forge run without one: what it does with a line is on record, and forge logs has them all', async t => {
	const rules = [{allow: 'link', who: 'plugin:sink', what: 'forgeone:security/audit'}];
	const security = {use: '@forgeone/plugin-security', config: {rules}};
	const containers = {loud: {image: command, arguments: ['ALARM']}, bad: {image: command, arguments: ['TRAP']}};
	const forge = await daemonOf(t, {plugins: {security, sink: await guest('sink')}, containers}, async forge => {
		t.is((await forge(['run', '--name', 'early', command, '--', 'ALARM'])).out, 'Hello from ALARM!\n');
	});
	await until(async () => (await forge(['logs', 'loud'])).out.includes('ALARM') && (await forge(['logs', 'bad'])).out.includes('TRAP'));
	t.is((await forge(['run', '--name', 'later', command, '--', 'ALARM'])).out, 'Hello from ALARM!\n');
	const daemon = await connect(socketPath({FORGE_HOME: forge.home}));
	t.teardown(() => daemon?.engine.close());
	const told = async () => (await daemon?.engine.audit.recent(1000))?.flatMap(({action, subject}) => (action === 'log' ? [subject] : []));
	await until(async () => (await told())?.includes('container:later') ?? false);
	t.true((await told())?.includes('container:early'));
	t.regex((await forge(['stats'])).out, /DROPPED/);
});
