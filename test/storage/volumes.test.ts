import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import storage from '@forgeone/plugin-storage';
import {volumes} from '@forgeone/sdk';
import type {RuntimeTypes} from '@forgeone/wasm';
import test from 'ava';
import {bootStorage} from './boot.ts';

const request = (container: string, mounts: RuntimeTypes.Mount[], imports: string[] = []) => ({
	container,
	name: container,
	grants: {mounts, publish: [], egress: [], routes: [], networks: [], isolation: 'thread' as const},
	imports,
	exports: [],
});
const mount = (source: string, target = '/data', readOnly = false): RuntimeTypes.Mount => ({source, target, readOnly});

test('a volume is made once, listed by name, and removed with what is in it', async t => {
	await using booted = await bootStorage();
	const all = (await booted.kernel.link(volumes))();
	const made = await all.create('data', undefined);
	writeFileSync(join(made.path, 'f'), 'x');
	t.is(statSync(made.path).mode & 0o777, 0o700);
	t.deepEqual(await all.create('data', undefined), made);
	await all.create('a.b_c-1', undefined);
	t.deepEqual(
		(await all.list()).map(({name}) => name),
		['a.b_c-1', 'data'],
	);
	t.deepEqual(await all.inspect('data'), {...made, used: {bytes: 1n, inodes: 1n}});
	await all.remove('data');
	t.false(existsSync(made.path));
	await t.throwsAsync(all.inspect('data'), {code: 'FORGE_VOLUME_MISSING'});
	await t.throwsAsync(all.remove('data'), {code: 'FORGE_VOLUME_MISSING'});
	t.false(existsSync(join((await all.create('data', undefined)).path, 'f')));
});

test('what is no name of a volume is refused, and makes nothing', async t => {
	await using booted = await bootStorage();
	const all = (await booted.kernel.link(volumes))();
	for (const name of ['', '.', '..', '../x', 'a/b', 'A', '-a', 'a\n', 'a\0', 'ä', 'x'.repeat(64)]) {
		await t.throwsAsync(all.create(name, undefined), {code: 'FORGE_VOLUME_NAME'}, JSON.stringify(name));
		await t.throwsAsync(all.remove(name), {code: 'FORGE_VOLUME_MISSING'}, JSON.stringify(name));
	}
	t.deepEqual(await all.list(), []);
});

test('a mounted volume stays, across a swap too, until its container lets go', async t => {
	await using booted = await bootStorage();
	const {kernel, attachments} = booted;
	const all = (await kernel.link(volumes))();
	await attachments.attach(request('c1', [mount('data')]));
	await t.throwsAsync(all.remove('data'), {code: 'FORGE_VOLUME_MOUNTED', message: /"data".*"c1"/});
	await kernel.swap('storage', storage);
	await t.throwsAsync(all.remove('data'), {code: 'FORGE_VOLUME_MOUNTED'});
	await attachments.detach('c1');
	await attachments.detach('never attached');
	await all.remove('data');
	t.deepEqual(await all.list(), []);
});

test('a container is attached what it was granted, and nothing where it needs nothing', async t => {
	await using booted = await bootStorage();
	const {attachments, state} = booted;
	t.deepEqual(await attachments.attach(request('c', [], ['wasi:cli/environment@0.2.0'])), []);
	const [empty] = await attachments.attach(request('c', [], ['wasi:filesystem/preopens@0.2.0']));
	t.deepEqual(JSON.parse(empty?.data ?? ''), {mounts: []});
	const [part] = await attachments.attach(request('c', [mount('data'), mount(state, '/host', true)]));
	t.is(part?.plugin, 'storage');
	t.true(existsSync(fileURLToPath(part?.module ?? '')));
	const path = join(state, 'storage/volumes/data');
	t.deepEqual(JSON.parse(part?.data ?? ''), {
		mounts: [
			{path, target: '/data', readOnly: false},
			{path: state, target: '/host', readOnly: true},
		],
	});
	const {default: open} = await import(part?.module ?? '');
	t.is(typeof open, 'function');
});

test('a mount that can not be is refused by name, and none of the others is made', async t => {
	await using booted = await bootStorage();
	const {attachments, kernel, state} = booted;
	const refused: [RuntimeTypes.Mount[], string][] = [
		[[mount('data'), mount('/no/such/folder', '/x')], 'FORGE_MOUNT_FOLDER'],
		[[mount('data'), mount(join(state, 'storage/storage.sqlite'), '/x')], 'FORGE_MOUNT_FOLDER'],
		[[mount('data'), mount('other', '/data/')], 'FORGE_MOUNT_TARGET'],
		[[mount('data', 'relative')], 'FORGE_MOUNT_TARGET'],
		[[mount('data'), mount('../data', '/x')], 'FORGE_VOLUME_NAME'],
	];
	for (const [mounts, code] of refused) await t.throwsAsync(attachments.attach(request('c', mounts)), {code});
	t.deepEqual(await (await kernel.link(volumes))().list(), []);
});

test('what a process that is gone was about to remove goes at the next start, and nothing that it links to', async t => {
	const state = mkdtempSync(join(tmpdir(), 'forge-'));
	const [outside, removed] = [join(state, 'outside'), join(state, 'storage/removed')];
	for (const folder of [outside, join(removed, 'one/deep/er'), join(removed, 'two')]) mkdirSync(folder, {recursive: true});
	for (const file of [join(outside, 'f'), join(removed, 'one/deep/f')]) writeFileSync(file, 'x');
	symlinkSync(outside, join(removed, 'two/link'));
	await using booted = await bootStorage({}, state);
	while (readdirSync(removed).length > 0) await new Promise(resolve => setTimeout(resolve, 20));
	t.is(readFileSync(join(outside, 'f'), 'utf8'), 'x');
	const all = (await booted.kernel.link(volumes))();
	const {path} = await all.create('data', undefined);
	writeFileSync(join(path, 'f'), 'x');
	await all.remove('data');
	t.deepEqual(readdirSync(removed), []);
});
