import {mkdirSync, readdirSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import type {Descriptor} from '@forgeone/plugin-storage';
import {IoError} from '@forgeone/sdk/cell';
import test from 'ava';
import {nodes} from '../support/nodes.ts';
import {descriptors, follow, operations, picture, sandbox, stay, thrown} from './cell.ts';

const text = (value: string) => new TextEncoder().encode(value);
const create = {create: true};
const both = {read: true, write: true};

function write(dir: Descriptor, path: string, content: string): void {
	using file = dir.openAt(stay, path, {create: true, truncate: true}, {write: true});
	file.write(text(content), 0n);
}

function names(dir: Descriptor): string[] {
	using stream = dir.readDirectory();
	const found: string[] = [];
	for (let entry = stream.readDirectoryEntry(); entry; entry = stream.readDirectoryEntry()) found.push(`${entry.name}:${entry.type}`);
	return found.sort();
}

test('an opened folder is a root of its own', t => {
	using box = sandbox();
	write(box.dir, 'secret', 'x');
	box.dir.createDirectoryAt('sub');
	using sub = box.dir.openAt(stay, 'sub', {directory: true}, {read: true});
	t.is(
		thrown(() => sub.openAt(follow, '../secret', {}, {read: true})),
		'not-permitted',
	);
	box.dir.renameAt('sub', box.dir, 'moved');
	sub.createDirectoryAt('still');
	t.deepEqual(readdirSync(join(box.inside, 'moved')), ['still']);
});

test('odd names are refused with the code that fits, and leave nothing behind', t => {
	using box = sandbox();
	const before = descriptors(box.inside);
	const odd: [string, unknown][] = [
		['', 'no-entry'],
		['a\0b', 'invalid'],
		['x'.repeat(256), 'name-too-long'],
		['x/'.repeat(3000), 'name-too-long'],
		['none/none', 'no-entry'],
	];
	for (const [path, code] of odd) {
		t.is(
			thrown(() => box.dir.openAt(follow, path, {}, {read: true})),
			code,
			path.slice(0, 20),
		);
		t.is(
			thrown(() => box.dir.statAt(follow, path)),
			code,
			path.slice(0, 20),
		);
	}
	write(box.dir, 'back\\slash', 'x');
	write(box.dir, 'file', 'x');
	t.deepEqual(names(box.dir), ['back\\slash:regular-file', 'file:regular-file']);
	t.is(
		thrown(() => box.dir.statAt(stay, 'file/')),
		'not-directory',
	);
	t.is(
		thrown(() => box.dir.statAt(stay, 'file/x')),
		'not-directory',
	);
	t.is(
		thrown(() => box.dir.unlinkFileAt('file/')),
		'not-directory',
	);
	t.is(
		thrown(() => box.dir.openAt(stay, 'new/', create, {write: true})),
		'no-entry',
	);
	t.is(box.dir.statAt(stay, './/.//file').type, 'regular-file');
	t.is(descriptors(box.inside), before);
});

test('links inside are followed, forty of them and no more', t => {
	using box = sandbox();
	box.dir.createDirectoryAt('real');
	write(box.dir, 'real/file', 'content');
	box.dir.symlinkAt('real', 'alias');
	box.dir.symlinkAt('../alias/file', 'real/self');
	box.dir.symlinkAt('loop', 'loop');
	t.is(box.dir.statAt(follow, 'alias/self').size, 7n);
	t.is(box.dir.statAt(stay, 'alias').type, 'symbolic-link');
	t.is(box.dir.readlinkAt('real/self'), '../alias/file');
	t.is(
		thrown(() => box.dir.openAt(stay, 'alias', {}, {read: true})),
		'loop',
	);
	t.is(
		thrown(() => box.dir.openAt(follow, 'loop', {}, {read: true})),
		'loop',
	);
	t.is(
		thrown(() => box.dir.symlinkAt('/etc', 'bad')),
		'not-permitted',
	);
	t.is(
		thrown(() => box.dir.readlinkAt('real')),
		'invalid',
	);
	for (let i = 0; i <= 40; i++) box.dir.symlinkAt(i === 0 ? 'real/file' : `l${i - 1}`, `l${i}`);
	t.is(box.dir.statAt(follow, 'l39').size, 7n);
	t.is(
		thrown(() => box.dir.statAt(follow, 'l40')),
		'loop',
	);
	using made = box.dir.openAt(follow, 'alias/new', create, {write: true});
	t.is(made.getType(), 'regular-file');
	t.is(
		thrown(() => box.dir.openAt(follow, 'alias', {create: true, exclusive: true}, {write: true})),
		'exist',
	);
});

test('a read-only folder refuses every change, and gives what is in it', t => {
	using box = sandbox({readOnly: true});
	writeFileSync(join(box.inside, 'victim'), 'here');
	mkdirSync(join(box.inside, 'sub'));
	const before = picture(box.inside);
	const reads = ['open', 'stat', 'hash', 'readlink'];
	for (const [name, call] of Object.entries(operations)) {
		if (!reads.includes(name))
			t.is(
				thrown(() => call(box.dir, 'victim')),
				'read-only',
				name,
			);
	}
	using file = box.dir.openAt(stay, 'victim', {}, {read: true});
	t.is(new TextDecoder().decode(file.read(100n, 0n)[0]), 'here');
	for (const change of [
		() => file.write(text('x'), 0n),
		() => file.setSize(0n),
		() => file.setTimes({tag: 'now'}, {tag: 'now'}),
		() => file.writeViaStream(0n),
		() => file.appendViaStream(),
		() => box.dir.setTimes({tag: 'now'}, {tag: 'now'}),
	]) {
		t.is(thrown(change), 'read-only');
	}
	using sub = box.dir.openAt(stay, 'sub', {directory: true}, {read: true});
	t.is(
		thrown(() => sub.createDirectoryAt('x')),
		'read-only',
	);
	t.deepEqual(box.dir.getFlags(), {...file.getFlags(), mutateDirectory: false});
	t.deepEqual(picture(box.inside), before);
});

test('a file can be read and written at any place, and has only the rights it was opened with', t => {
	using box = sandbox();
	using file = box.dir.openAt(stay, 'f', create, both);
	t.is(file.write(text('hello'), 2n), 5n);
	t.deepEqual([...file.read(100n, 0n)[0]], [0, 0, ...text('hello')]);
	t.deepEqual(file.read(1n, 7n), [new Uint8Array(), true]);
	file.setSize(3n);
	t.is(file.stat().size, 3n);
	file.sync();
	file.syncData();
	file.advise(0n, 0n, 'normal');
	t.is(
		thrown(() => file.read(1n, 2n ** 63n)),
		'file-too-large',
	);
	t.is(file.read(2n ** 62n, 0n)[0].length, 3);
	using reader = box.dir.openAt(stay, 'f', {}, {read: true});
	t.is(
		thrown(() => reader.write(text('x'), 0n)),
		'bad-descriptor',
	);
	using writer = box.dir.openAt(stay, 'f', {}, {write: true, dataIntegritySync: true});
	t.is(
		thrown(() => writer.read(1n, 0n)),
		'bad-descriptor',
	);
	t.true(writer.getFlags().dataIntegritySync);
	t.is(
		thrown(() => box.dir.read(1n, 0n)),
		'bad-descriptor',
	);
	t.is(
		thrown(() => file.readDirectory()),
		'not-directory',
	);
	t.is(
		thrown(() => box.dir.openAt(stay, 'f', {create: true, exclusive: true}, {write: true})),
		'exist',
	);
	t.is(
		thrown(() => box.dir.openAt(stay, 'f', {directory: true}, {read: true})),
		'not-directory',
	);
});

test('streams read, write and append, and outlive the descriptor', async t => {
	using box = sandbox();
	const file = box.dir.openAt(stay, 'f', create, both);
	using output = file.writeViaStream(0n);
	using first = file.appendViaStream();
	using second = file.appendViaStream();
	using input = file.readViaStream(1n);
	file[Symbol.dispose]();
	await output.blockingWriteAndFlush(text('ab'));
	await first.blockingWriteAndFlush(text('cd'));
	await second.blockingWriteAndFlush(text('ef'));
	t.is(new TextDecoder().decode(await input.blockingRead(100n)), 'bcdef');
	t.deepEqual(
		thrown(() => input.read(1n)),
		{tag: 'closed'},
	);
	t.is(box.types.filesystemErrorCode(new IoError('x', 'io')), 'io');
	t.is(box.types.filesystemErrorCode(new IoError('x', {of: 'another plugin'})), undefined);
});

test('what is read and written is counted, by files and by streams', async t => {
	using box = sandbox();
	using file = box.dir.openAt(stay, 'f', create, both);
	file.write(text('0123456789'), 0n);
	using output = file.appendViaStream();
	await output.blockingWriteAndFlush(text('abc'));
	t.is(box.usage.written, 13);
	file.read(4n, 0n);
	using input = file.readViaStream(5n);
	await input.blockingRead(100n);
	t.is(box.usage.read, 12);
});

test('names move, vanish and are listed as in any folder', t => {
	using box = sandbox();
	write(box.dir, 'a', '1');
	box.dir.createDirectoryAt('d');
	box.dir.linkAt(stay, 'a', box.dir, 'd/b');
	t.is(box.dir.statAt(stay, 'a').linkCount, 2n);
	using one = box.dir.openAt(stay, 'a', {}, {read: true});
	using two = box.dir.openAt(stay, 'd/b', {}, {read: true});
	t.true(one.isSameObject(two));
	t.deepEqual(box.dir.metadataHashAt(stay, 'a'), box.dir.metadataHashAt(stay, 'd/b'));
	t.notDeepEqual(box.dir.metadataHashAt(stay, 'a'), box.dir.metadataHash());
	box.dir.renameAt('a', box.dir, 'd/c');
	t.is(
		thrown(() => box.dir.removeDirectoryAt('d')),
		'not-empty',
	);
	t.is(
		thrown(() => box.dir.unlinkFileAt('d')),
		'is-directory',
	);
	t.is(
		thrown(() => box.dir.removeDirectoryAt('d/b')),
		'not-directory',
	);
	t.is(
		thrown(() => box.dir.createDirectoryAt('d')),
		'exist',
	);
	t.is(
		thrown(() => box.dir.renameAt('d', box.dir, 'd/e')),
		'invalid',
	);
	for (const name of ['d/b', 'd/c']) box.dir.unlinkFileAt(name);
	box.dir.removeDirectoryAt('d/');
	t.deepEqual(names(box.dir), []);
});

test('times are kept to the nanosecond, until somebody else sets them', t => {
	using box = sandbox();
	const at = (nanoseconds: number) => ({tag: 'timestamp', val: {seconds: 1_795_503_317n, nanoseconds}}) as const;
	write(box.dir, 'f', 'x');
	box.dir.symlinkAt('f', 'link');
	const before = box.dir.statAt(stay, 'f');
	box.dir.setTimesAt(follow, 'link', {tag: 'no-change'}, at(325_636_299));
	box.dir.setTimesAt(stay, 'link', at(7), at(8));
	using file = box.dir.openAt(stay, 'f', {}, both);
	t.deepEqual(file.stat().dataModificationTimestamp, at(325_636_299).val);
	t.deepEqual(file.stat().dataAccessTimestamp, before.dataAccessTimestamp);
	t.is(box.dir.statAt(stay, 'link').dataAccessTimestamp.nanoseconds, 7);
	file.setTimes(at(1), {tag: 'no-change'});
	const {dataAccessTimestamp, dataModificationTimestamp} = box.dir.statAt(stay, 'f');
	t.deepEqual([dataAccessTimestamp, dataModificationTimestamp], [at(1).val, at(325_636_299).val]);
	utimesSync(join(box.inside, 'f'), 1_000, 2_000);
	t.deepEqual(file.stat().dataModificationTimestamp, {seconds: 2_000n, nanoseconds: 0});
	file.setTimes({tag: 'now'}, {tag: 'now'});
	t.true(file.stat().dataAccessTimestamp.seconds > 1_700_000_000n);
});

test('no name goes from one mount to another', t => {
	using one = sandbox();
	using two = sandbox();
	write(one.dir, 'f', 'x');
	t.is(
		thrown(() => one.dir.linkAt(stay, 'f', two.dir, 'f')),
		'cross-device',
	);
	t.is(
		thrown(() => one.dir.renameAt('f', two.dir, 'f')),
		'cross-device',
	);
	t.false(one.dir.isSameObject(two.dir));
	t.true(one.dir.isSameObject(one.dir));
});

for (const {node, type, make, trying, note} of nodes) {
	trying(`A2: ${node} in a folder is seen and not opened, and nobody waits for it${note}`, async t => {
		using box = sandbox();
		await make(t, join(box.inside, 'node'));
		const before = descriptors(box.inside);
		t.is(box.dir.statAt(stay, 'node').type, type);
		for (const [open, flags] of [
			[{}, {read: true}],
			[{}, {write: true}],
			[{}, both],
			[create, {write: true}],
			[{truncate: true}, {write: true}],
		] as const) {
			t.is(
				thrown(() => box.dir.openAt(follow, 'node', open, flags)),
				'not-permitted',
			);
		}
		t.is(descriptors(box.inside), before);
	});
}

test('a name that is no text is an error, not another name', t => {
	using box = sandbox();
	writeFileSync(Buffer.concat([Buffer.from(`${box.inside}/`), Buffer.from([0xff, 0xfe])]), '');
	using stream = box.dir.readDirectory();
	t.is(
		thrown(() => stream.readDirectoryEntry()),
		'illegal-byte-sequence',
	);
});

test('A5: no call allocates what it is asked for', t => {
	using box = sandbox();
	using file = box.dir.openAt(stay, 'f', create, both);
	file.setSize(2n ** 40n);
	for (const length of [2n ** 32n - 1n, 2n ** 62n, 2n ** 64n - 1n]) {
		t.is(file.read(length, 0n)[0].length, 1024 * 1024);
		using stream = file.readViaStream(0n);
		t.is(stream.read(length).length, 1024 * 1024);
	}
	const long = 'x'.repeat(16 * 1024 * 1024);
	for (const [name, call] of Object.entries(operations)) {
		t.is(
			thrown(() => call(box.dir, long)),
			'name-too-long',
			name,
		);
	}
	t.is(
		thrown(() => box.dir.symlinkAt(long, 'l')),
		'name-too-long',
	);
});

test('A6: an instance has a thousand files, folders and streams open, not more, and what it forgets is closed', async t => {
	using box = sandbox();
	const before = descriptors(box.inside);
	const [folder] = box.host().preopens.getDirectories()[0] as [Descriptor, string];
	write(box.dir, 'f', 'x');
	const file = folder.openAt(stay, 'f', {}, both);
	const openers = [
		() => folder.openAt(stay, 'f', {}, {read: true}),
		() => folder.readDirectory(),
		() => file.readViaStream(0n),
		() => file.writeViaStream(0n),
	];
	let held: Disposable[] = [];
	const fill = () => {
		for (let i = 0; i < 2_000; i++) {
			const code = thrown(() => held.push((openers[i % 4] as () => Disposable)()));
			if (code !== undefined) return code;
		}
		return undefined;
	};
	t.is(fill(), 'insufficient-memory');
	t.is(held.length, 1022);
	t.is(descriptors(box.inside), before + 1024);
	for (const one of held.splice(0)) one[Symbol.dispose]();
	t.is(descriptors(box.inside), before + 2);
	t.is(fill(), 'insufficient-memory');
	t.is(held.length, 1022);
	held = [];
	setFlagsFromString('--expose-gc');
	for (let i = 0; i < 50 && descriptors(box.inside) > before + 2; i++) {
		runInNewContext('gc')();
		await setTimeout(10);
	}
	t.is(descriptors(box.inside), before + 2);
	for (const one of [file, folder]) one[Symbol.dispose]();
});

test('descriptors are given back, whether a call succeeds or fails', t => {
	using box = sandbox();
	for (const path of ['a', 'a/b', 'a/b/c']) box.dir.createDirectoryAt(path);
	write(box.dir, 'a/b/c/f', 'x');
	const before = descriptors(box.inside);
	for (let i = 0; i < 200; i++) {
		for (const [name, call] of Object.entries(operations)) thrown(() => call(box.dir, name === 'linkTo' ? 'a/b/../l' : 'a/b/c/../c/f'));
		for (const [descriptor] of box.preopens.getDirectories()) descriptor[Symbol.dispose]();
	}
	t.is(descriptors(box.inside), before);
});
