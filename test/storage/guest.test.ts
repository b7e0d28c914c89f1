import {mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {volumes} from '@forgeone/sdk';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, runToEnd, specOf} from '../support/runtime.ts';

test('a real guest sees what is mounted, as it is mounted, and no other file', async t => {
	const root = await folderOf(t);
	const [inside, state] = [join(root, 'inside'), join(root, 'state')];
	mkdirSync(inside);
	writeFileSync(join(inside, 'note'), 'read me');
	writeFileSync(join(root, 'secret'), 'not me');
	symlinkSync('../secret', join(inside, 'link'));
	const {containers, kernel} = await engineOf(t, state);
	const image = await guest('files-as');
	const run = async (mounts: {source: string; target: string; readOnly: boolean}[], ...words: string[]) => {
		const {stdout, stderr, exitCode} = await runToEnd(containers, specOf(image, {arguments: words, mounts}));
		return `${exitCode} ${stdout}${stderr}`.trim();
	};
	const readOnly = [{source: inside, target: '/data', readOnly: true}];
	const volume = [{source: 'kept', target: '/data', readOnly: false}];

	t.regex(await run([], 'cat', '/data/note'), /^1 /);
	t.regex(await run([], 'cat', '/etc/passwd'), /^1 /);
	t.is(await run(readOnly, 'cat', '/data/note'), '0 read me');
	t.regex(await run(readOnly, 'ls', '/data'), /^0 .*note/s);
	t.is(await run(readOnly, 'write', '/data/new', 'x'), '1 read-only');
	t.is(await run(readOnly, 'rm', '/data/note'), '1 read-only');
	for (const path of ['/data/link', '/data/../secret']) t.notRegex(await run(readOnly, 'cat', path), /not me/);
	t.deepEqual(readdirSync(inside).sort(), ['link', 'note']);

	t.is(await run(volume, 'write', '/data/new', 'kept'), '0');
	t.is(await run(volume, 'cat', '/data/new'), '0 kept');
	t.is(readFileSync(join(state, 'storage/volumes/kept/new'), 'utf8'), 'kept');
	const all = (await kernel.link(volumes))();
	await all.remove('kept');
	t.deepEqual(await all.list(), []);
});

test('a real guest has the stores that it was granted, and no other', async t => {
	const {containers} = await engineOf(t, join(await folderOf(t), 'state'));
	const image = await guest('stores-js');
	const run = async (name: string, ...granted: string[]) => {
		const stores = granted.map(store => ({kind: 'keyvalue' as const, name: store}));
		const {stdout, stderr, exitCode, reason} = await runToEnd(containers, specOf(image, {arguments: [name], stores}));
		return `${exitCode} ${stdout}${stderr}${reason ?? ''}`.trim();
	};
	t.is(await run('mine', 'mine'), '0 ran 1 times\ngreeting=hi,nothing\ngreeting,runs');
	t.is(await run('mine', 'mine', 'other'), '0 ran 2 times\ngreeting=hi,nothing\ngreeting,runs');
	t.is(await run('mine', 'other'), '1 failed: access-denied');
});
