import {existsSync, statSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {type Forge, forgeOf, outcome, until} from './forge.ts';

const configured = async (forge: Forge, argument = 'Ada') =>
	writeFile(
		join(forge.folder, 'forge.config.json'),
		JSON.stringify({
			containers: {
				sleeper: {image: await guest('sleep-forever')},
				hello: {image: await guest('env-as'), arguments: [argument]},
			},
		}),
	);

const ps = async (forge: Forge) => JSON.parse((await forge(['ps', '-a', '--json'])).out) as {name: string; state: string; id: string}[];
const doctor = async (forge: Forge) => JSON.parse((await forge(['doctor', '--json'])).out);

test('up -d starts the containers, and ps, logs, inspect, stop and down work from other processes', async t => {
	const forge = await forgeOf(t);
	await configured(forge);
	const up = await forge(['up', '-d']);
	t.is(up.code, 0, up.err);
	t.regex(up.err, /started a daemon \(pid \d+\)/);
	await until(async () => (await ps(forge)).some(({name, state}) => name === 'hello' && state === 'exited'));
	t.is((await forge(['logs', 'hello'])).out, 'arg hello\narg Ada\n');
	t.is(JSON.parse((await forge(['inspect', 'sleeper', '--json'])).out).state, 'running');
	// Listened to from the start: it may end before the other commands do.
	const follower = outcome(forge.spawn(['logs', '-f', 'sleeper']));
	t.like(await forge(['logs', '-f', 'hello']), {code: 0, out: 'arg hello\narg Ada\n'});
	t.is((await forge(['stop', '--time', '100ms', 'sleeper'])).code, 0);
	t.is((await follower).code, 0);
	t.is((await forge(['down'])).code, 0);
	t.is((await doctor(forge)).daemon.running, false);
});

test('up again leaves what is the same alone, and replaces what changed', async t => {
	const forge = await forgeOf(t);
	await configured(forge);
	await forge(['up', '-d']);
	const before = await ps(forge);
	await configured(forge, 'Eve');
	const {out} = await forge(['up', '-d', '--json']);
	const done = Object.fromEntries((JSON.parse(out) as {name: string; done: string}[]).map(({name, done}) => [name, done]));
	t.deepEqual(done, {sleeper: 'left as it is', hello: 'replaced'});
	const idOf = (list: {name: string; id: string}[], wanted: string) => list.find(({name}) => name === wanted)?.id;
	const after = await ps(forge);
	t.is(idOf(after, 'sleeper'), idOf(before, 'sleeper'));
	t.not(idOf(after, 'hello'), idOf(before, 'hello'));
});

test('no record is lost when the daemon is killed, and the next one starts where its socket was left', async t => {
	const forge = await forgeOf(t);
	await configured(forge);
	await forge(['up', '-d']);
	const before = await ps(forge);
	process.kill((await doctor(forge)).daemon.pid, 'SIGKILL');
	const again = await forge(['up', '-d']);
	t.is(again.code, 0, again.err);
	t.deepEqual((await ps(forge)).map(({id}) => id).sort(), before.map(({id}) => id).sort());
});

test('of two daemons for one folder the second is refused, with the pid of the first', async t => {
	const forge = await forgeOf(t);
	await forge(['up', '-d']);
	const {pid} = (await doctor(forge)).daemon;
	const {code, err} = await forge(['daemon']);
	t.is(code, 1);
	t.regex(err, new RegExp(`pid ${pid}.*FORGE_STATE_LOCKED`));
});

test('a daemon that can not start says why in one line, and leaves no socket', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins: {audit: './missing.mjs'}}));
	const {code, err} = await forge(['up', '-d']);
	t.is(code, 1);
	t.regex(err, /^forge: [^\n]*missing.mjs[^\n]*\(FORGE_PLUGIN_UNREADABLE\): [^\n]+\n$/);
	t.false(existsSync(join(forge.home, 'run/forge.sock')));
});

test('what was to be detached and fails takes the daemon with it that was started for it', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({containers: {a: {image: './missing.wasm'}}}));
	for (const args of [
		['up', '-d'],
		['run', '-d', 'missing.wasm'],
	]) {
		const {code, err} = await forge(args);
		t.not(code, 0);
		t.regex(err, /started a daemon .*ended the daemon .* again\n.*FORGE_IMAGE_MISSING/s);
		await until(async () => !(await doctor(forge)).daemon.running);
	}
});

test('run -d starts a daemon where none runs, and prints the id', async t => {
	const forge = await forgeOf(t);
	const {out, err} = await forge(['run', '-d', '--name', 'sleeper', await guest('sleep-forever')]);
	t.regex(out, /^[0-9a-f]{12}\n$/);
	t.regex(err, /started a daemon/);
	t.like(await forge(['kill', 'nobody', 'sleeper']), {code: 1, out: 'sleeper\n'});
	t.is((await forge(['wait', 'sleeper'])).out, '137\n');
	t.is((await forge(['rm', 'sleeper'])).code, 0);
	t.deepEqual(await ps(forge), []);
});

test('what has ended is started again, and restarted, by a daemon that is started for it; what had a terminal is not', async t => {
	const forge = await forgeOf(t);
	const {out} = await forge(['run', '-d', '--name', 'sleeper', await guest('sleep-forever')]);
	const state = async () => (await ps(forge)).find(({id}) => id === out.trim())?.state;
	await forge(['down']);
	t.is(await state(), 'exited');
	const {code, err} = await forge(['start', 'nobody', 'sleeper']);
	t.is(code, 1);
	t.regex(err, /started a daemon \(pid \d+\)\n[^\n]*"nobody" \(FORGE_CONTAINER_UNKNOWN\)/);
	t.is(await state(), 'running');
	t.like(await forge(['restart', '-t', '0', 'sleeper']), {code: 0, out: 'sleeper\n'});
	t.is(await state(), 'running');
	await forge(['run', '--name', 'seven', await guest('exit-seven')]);
	t.regex((await forge(['start', 'seven'])).err, /had a terminal/);
	await forge(['down']);
	t.is((await forge(['start', 'nobody'])).code, 1);
	await until(async () => !(await doctor(forge)).daemon.running);
});

test('down ends the daemon where the configuration was broken meanwhile, and says so', async t => {
	const forge = await forgeOf(t);
	await configured(forge);
	await forge(['up', '-d']);
	await writeFile(join(forge.folder, 'forge.config.json'), '{');
	const {code, err} = await forge(['down']);
	t.is(code, 0, err);
	t.regex(err, /FORGE_CONFIG_UNREADABLE.*\nforge: the daemon \(pid \d+\) stopped\n$/);
	t.is((await forge(['down', '--file', 'forge.config.json'])).code, 1);
});

test('run means the same with a daemon and without', async t => {
	const forge = await forgeOf(t);
	const image = await guest('hello-js');
	const options = {input: 'typed\n'};
	const alone = await forge(['run', '-e', 'A=1', image, '--', 'x', 'y'], options);
	await forge(['up', '-d']);
	t.deepEqual(await forge(['run', '-e', 'A=1', image, '--', 'x', 'y'], options), alone);
	t.is((await forge(['run', await guest('trap')])).code, 134);
	t.is((await forge(['run', 'missing.wasm'])).code, 127);
});

test('only its owner can reach the daemon', async t => {
	const forge = await forgeOf(t);
	await forge(['up', '-d']);
	t.is(statSync(join(forge.home, 'run')).mode & 0o777, 0o700);
	t.is(statSync(join(forge.home, 'run/forge.sock')).mode & 0o777, 0o600);
	t.is(statSync(join(forge.home, 'daemon.log')).mode & 0o777, 0o600);
});

test('one line of configuration chooses the audit made of WebAssembly, and the plugins are listed with what they are made of', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'forge.config.yaml'), "plugins: {audit: '@forgeone/plugin-security/audit.wasm'}\n");
	const {out} = await forge(['plugin', 'list', '--json']);
	const all = JSON.parse(out) as {name: string; implementation: string; provides: string[]; uses: string[]}[];
	const made = Object.fromEntries(all.map(({name, implementation}) => [name, implementation]));
	t.like(made, {audit: 'component', storage: 'typescript', security: 'typescript', network: 'typescript', runtime: 'typescript'});
	t.true(all.find(({name}) => name === 'audit')?.provides.includes('forgeone:security/audit@0.1.0'));
});

test('a plugin is replaced while calls go on', async t => {
	const forge = await forgeOf(t);
	await forge(['up', '-d']);
	const calls = Array.from({length: 6}, () => forge(['run', '--rm', '/nowhere.wasm']));
	t.is((await forge(['plugin', 'reload', 'audit', '--to', '@forgeone/plugin-security/audit.wasm'])).code, 0);
	for (const {code} of await Promise.all(calls)) t.is(code, 127);
	t.is(JSON.parse((await forge(['plugin', 'inspect', 'audit', '--json'])).out).implementation, 'component');
	t.is((await forge(['plugin', 'reload', 'audit', '--to', './missing.mjs'])).code, 1);
	t.is(JSON.parse((await forge(['plugin', 'inspect', 'audit', '--json'])).out).implementation, 'component');
});

test('up in the foreground shows what the containers write after their names, until Ctrl-C', async t => {
	const forge = await forgeOf(t);
	await configured(forge);
	const child = forge.spawn(['up']);
	let shown = '';
	let interrupted = false;
	child.stdout.on('data', data => {
		if (!interrupted) shown += data;
		if (interrupted || !/^hello {3}\| arg Ada$/m.test(shown)) return;
		interrupted = child.kill('SIGINT');
	});
	t.is((await outcome(child)).code, 0);
	t.is((await doctor(forge)).daemon.running, false);
	t.false(existsSync(join(forge.home, 'run/forge.sock')));
});

test('networks are made, listed and removed, and who runs on one asks for what it reaches', async t => {
	const forge = await forgeOf(t);
	t.is((await forge(['network', 'create', 'front', '--allow-net', 'API.example.com:443'])).out, 'front\n');
	t.like(JSON.parse((await forge(['network', 'inspect', 'front'])).out), {name: 'front', egress: ['api.example.com:443'], containers: []});
	t.regex((await forge(['network', 'list'])).out, /^front .* api\.example\.com:443$/m);
	const {out: id} = await forge(['run', '-d', '--network', 'front', await guest('sleep-forever')]);
	t.like(JSON.parse((await forge(['inspect', id.trim()])).out).grants, {networks: ['front'], egress: ['api.example.com:443']});
	t.regex((await forge(['run', '--network', 'none', await guest('sleep-forever')])).err, /FORGE_NETWORK_MISSING/);
	await forge(['down']);
	t.is((await forge(['network', 'remove', 'front'])).code, 0);
	t.regex((await forge(['network', 'inspect', 'front'])).err, /FORGE_NETWORK_MISSING/);
});

test('volumes are made, listed and removed', async t => {
	const forge = await forgeOf(t);
	t.is((await forge(['volume', 'create', 'data'])).out, 'data\n');
	t.deepEqual(
		(JSON.parse((await forge(['volume', 'list', '--json'])).out) as {name: string}[]).map(({name}) => name),
		['data'],
	);
	const {path} = JSON.parse((await forge(['volume', 'inspect', 'data'])).out);
	t.true(existsSync(path));
	await forge(['run', '-v', 'data:/data', await guest('files-as'), 'write', '/data/kept', 'text']);
	t.is((await forge(['run', '-v', 'data:/data', await guest('files-as'), 'cat', '/data/kept'])).out.trim(), 'text');
	t.is((await forge(['volume', 'remove', 'data'])).code, 0);
	t.false(existsSync(path));
});
