import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {forgeOf} from './forge.ts';

test('a volume holds as much as its quota says, and shows what it holds', async t => {
	const forge = await forgeOf(t);
	const image = await guest('files-as');
	const write = (name: string, length: number) =>
		forge(['run', '-v', 'data:/data', image, '--', 'write', `/data/${name}`, 'x'.repeat(length)]);
	const shown = async () => JSON.parse((await forge(['volume', 'inspect', 'data'])).out);
	t.is((await forge(['volume', 'create', '--quota', '64KiB', '--inodes', '2', 'data'])).code, 0);
	t.is((await write('a', 40_000)).code, 0);
	t.deepEqual(
		[(await shown()).quota, (await shown()).used],
		[
			{bytes: 65_536, inodes: 2},
			{bytes: 40_000, inodes: 1},
		],
	);
	const full = await write('b', 40_000);
	t.not(full.code, 0);
	t.true((await shown()).used.bytes <= 65_536);
	t.regex((await write('c', 1)).err, /quota/);
	t.is((await shown()).used.inodes, 2);
	t.is((await forge(['volume', 'create', '--quota', '1MiB', 'data'])).code, 0);
	t.is((await write('c', 40_000)).code, 0);
	t.is((await forge(['volume', 'create', '--quota', 'much', 'data'])).code, 2);
});

test('a configuration gives volumes their quotas, and changes them', async t => {
	const forge = await forgeOf(t);
	const configure = (volume: string) => writeFileSync(join(forge.folder, 'forge.config.yaml'), `volumes: {data: ${volume}}\n`);
	const quota = async () => {
		t.is((await forge(['up', '--detach'])).code, 0);
		return JSON.parse((await forge(['volume', 'inspect', 'data'])).out).quota;
	};
	configure('{quota: 1GiB, inodes: 1000}');
	t.deepEqual(await quota(), {bytes: 1024 ** 3, inodes: 1000});
	configure('{quota: 5000}');
	t.deepEqual(await quota(), {bytes: 5000});
	configure('{}');
	t.deepEqual(await quota(), {});
});
