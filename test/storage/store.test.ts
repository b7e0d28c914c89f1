import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import plugin from '@forgeone/plugin-storage/store';
import {store} from '@forgeone/sdk';
import {storeContract} from '@forgeone/sdk/testing';
import test from 'ava';
import {bootStorage} from './boot.ts';

storeContract(test, () => plugin, {title: 'SQLite'});

test('the store answers in the thread of its caller', async t => {
	await using booted = await bootStorage();
	const entries = (await booted.kernel.link(store)).sync();
	entries.set('k', new Uint8Array([1]));
	t.deepEqual([...(entries.get('k') ?? [])], [1]);
	t.is(statSync(join(booted.state, 'store')).mode & 0o777, 0o700);
});

test('entries outlive a swap of the plugin', async t => {
	await using booted = await bootStorage();
	const entries = (await booted.kernel.link(store))();
	await entries.set('k', new Uint8Array([1]));
	await booted.kernel.swap('store', plugin);
	t.is((await entries.get('k'))?.length, 1);
});

test('what was set is there after the process was killed', async t => {
	const state = mkdtempSync(join(tmpdir(), 'forge-'));
	const code = `
		import plugin from '@forgeone/plugin-storage/store';
		const context = {name: 'store', state: process.argv[1], scope: {defer() {}}, hooks: {tap() {}}};
		plugin.setup(context).store({subject: 'plugin:host'}).set('k', new Uint8Array([7]));
		process.kill(process.pid, 'SIGKILL');`;
	const {signal} = spawnSync(process.execPath, ['--input-type=module', '-e', code, join(state, 'store')], {cwd: import.meta.dirname});
	t.is(signal, 'SIGKILL');
	await using booted = await bootStorage({}, state);
	t.deepEqual([...((await (await booted.kernel.link(store))().get('k')) ?? [])], [7]);
});

test('a state folder that can not be used is said to be', async t => {
	const file = join(mkdtempSync(join(tmpdir(), 'forge-')), 'file');
	writeFileSync(file, '');
	await t.throwsAsync(bootStorage({}, file), {code: 'FORGE_STATE_UNUSABLE', message: /^state folder "[^\n]+" can not be used: [^\n]+$/});
	rmSync(file);
});
