import {lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {bootStorage} from './boot.ts';
import {picture} from './cell.ts';

test('what a cell asks the kernel half to do is done in its mounts, to the very file it has, and nowhere else', async t => {
	await using booted = await bootStorage();
	const [inside, outside] = ['inside', 'outside'].map(name => join(booted.state, name)) as [string, string];
	for (const folder of [inside, outside, join(inside, 'sub')]) mkdirSync(folder);
	writeFileSync(join(outside, 'canary'), 'sings');
	writeFileSync(join(inside, 'file'), 'x');
	symlinkSync('../outside', join(inside, 'out'));
	await booted.folders('c', {source: inside, target: '/data', readOnly: false}, {source: outside, target: '/ro', readOnly: true});
	const is = (path: string) => {
		const {dev, ino} = lstatSync(path, {bigint: true});
		return {dev: String(dev), ino: String(ino)};
	};
	const ask = (container: string, head: object) => booted.call(container, JSON.stringify(head));
	const sub = {target: '/data', path: './sub', ...is(join(inside, 'sub'))};

	t.is(await ask('c', {op: 'file.symlink', ...sub, name: 'link', content: '../file'}), 'null');
	t.is(readlinkSync(join(inside, 'sub/link')), '../file');
	t.deepEqual(JSON.parse(await ask('c', {op: 'file.symlink', ...sub, name: 'link', content: 'x'})), {error: 'exist'});
	t.is(await ask('c', {op: 'file.sync', target: '/data', path: './file', ...is(join(inside, 'file'))}), 'null');

	const before = [...picture(inside), ...picture(outside)];
	const canary = {target: '/data', ...is(join(outside, 'canary'))};
	const refused: [string, object][] = [
		['c', {op: 'file.symlink', ...sub, name: '../up', content: 'x'}],
		['c', {op: 'file.symlink', ...sub, name: 'l', content: '/etc'}],
		['c', {op: 'file.symlink', ...sub, ino: '1', name: 'l', content: 'x'}],
		['c', {op: 'file.symlink', target: '/ro', path: '.', ...is(outside), name: 'l', content: 'x'}],
		['c', {op: 'file.symlink', target: '/data', path: './out', ...is(outside), name: 'l', content: 'x'}],
		['c', {op: 'file.symlink', target: '/none', path: '.', ...is(inside), name: 'l', content: 'x'}],
		['c', {op: 'file.sync', ...canary, path: '../outside/canary'}],
		['c', {op: 'file.sync', ...canary, path: './out/canary'}],
		['c', {op: 'file.sync', ...canary, path: '/etc/passwd'}],
		['other', {op: 'file.symlink', ...sub, name: 'l', content: 'x'}],
	];
	for (const [container, head] of refused) {
		const answer = await ask(container, head).catch(() => '{"error":"cancelled"}');
		t.truthy(JSON.parse(answer)?.error, JSON.stringify(head));
	}
	t.deepEqual([...picture(inside), ...picture(outside)], before);
});
