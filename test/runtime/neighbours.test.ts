import {mkdir, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import network from '@forgeone/plugin-network';
import {listeners} from '@forgeone/sdk';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, held, runToEnd, specOf} from '../support/runtime.ts';

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));
const publish = [{address: '127.0.0.1', port: 0}];

test.serial('E: killing a container leaves the open request of another unharmed', async t => {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
	const list = (await kernel.link(listeners))();
	const ids = [];
	for (let i = 0; i < 2; i++) {
		const {id} = await containers.create(specOf(app, {publish}));
		await containers.start(id);
		ids.push(id);
	}
	const all = await list.list();
	const port = (id: string | undefined) => all.find(({container}) => container === id)?.port;
	await fetch(`http://127.0.0.1:${port(ids[1])}/`);
	const open = request({port: port(ids[0]), host: '127.0.0.1', path: '/echo', method: 'POST'});
	const answered = new Promise<string>((resolve, reject) => {
		open.on('error', reject);
		open.on('response', async response => resolve(Buffer.concat(await response.toArray()).toString()));
	});
	open.write('before ');
	await new Promise(resolve => setTimeout(resolve, 300));
	await containers.kill(ids[1] ?? '');
	open.end('after');
	t.is(await answered, 'before after');
	await t.throwsAsync(fetch(`http://127.0.0.1:${port(ids[1])}/`));
});

test.serial('E: two containers of one image see only their own folder and environment', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const folder = await folderOf(t);
	for (const name of ['one', 'two']) {
		await mkdir(join(folder, name));
		await writeFile(join(folder, name, name), name);
	}
	const see = async (name: string) => {
		const mounts = [{source: join(folder, name), target: '/data', readOnly: true}];
		const files = runToEnd(containers, specOf(await guest('files-as'), {mounts, arguments: ['ls', '/data']}));
		const environment = [['WHO', name] as [string, string]];
		const variables = runToEnd(containers, specOf(await guest('env-as'), {environment}));
		return [(await files).stdout.trim(), /WHO=\w+/g.exec((await variables).stdout)?.join()];
	};
	t.deepEqual(await Promise.all([see('one'), see('two')]), [
		['one', 'WHO=one'],
		['two', 'WHO=two'],
	]);
});

test.serial('E, A10: while one container floods its output, what another writes is read', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {id: flood} = await containers.create(specOf(await guest('log-flood')));
	await containers.start(flood);
	for (let i = 0; i < 5; i++) {
		const before = Date.now();
		const {stdout, exitCode} = await runToEnd(containers, specOf(await guest('env-as'), {arguments: ['quiet']}));
		t.deepEqual([exitCode, /quiet/.test(stdout)], [0, true]);
		t.log(`${Date.now() - before} ms from its making to its last word`);
	}
	t.is((await containers.inspect(flood)).state, 'running');
	await containers.kill(flood);
});

const rounds = process.env.FORGE_TEST_LONG ? 1_000 : 100;

test.serial(
	`A6: after ${rounds} containers have come and gone, the engine has the descriptors, threads and memory that it had`,
	async t => {
		t.timeout(rounds * 2_000);
		const {containers} = await engineOf(t, await folderOf(t));
		const image = await guest('exit-seven');
		const round = async () => {
			const {id} = await containers.create(specOf(image));
			await containers.start(id);
			t.is((await containers.wait(id, 30_000)).exitCode, 7);
			await containers.remove(id, false);
		};
		const settled = async () => {
			await new Promise(resolve => setTimeout(resolve, 1_000));
			// What a collector has not come to yet is no leak.
			setFlagsFromString('--expose-gc');
			runInNewContext('gc')();
			return {...(await held()), memory: process.memoryUsage.rss()};
		};
		for (let i = 0; i < 30; i++) await round();
		const before = await settled();
		for (let i = 0; i < rounds; i++) await round();
		const after = await settled();
		t.log(`${Math.round((after.memory - before.memory) / 1024)} KiB more`);
		t.true(after.descriptors <= before.descriptors && after.threads <= before.threads, JSON.stringify({before, after}));
		t.true(after.memory - before.memory < 64 * 2 ** 20, `${after.memory - before.memory} bytes`);
	},
);
