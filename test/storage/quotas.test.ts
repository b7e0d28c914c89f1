import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Descriptor} from '@forgeone/plugin-storage';
import {volumes} from '@forgeone/sdk';
import test from 'ava';
import {bootStorage} from './boot.ts';
import {stay} from './cell.ts';

const KiB = 1024;
const create = {create: true};
const data = (volume: string) => ({source: volume, target: '/data', readOnly: false});
const piece = new Uint8Array(16 * KiB);

/** What a call throws that may wait; undefined where it returns. */
async function refusal(work: () => unknown): Promise<unknown> {
	try {
		await work();
		return undefined;
	} catch (error) {
		return error;
	}
}

/** Appends pieces until it is refused, and says how many bytes it got. */
async function fill(file: Descriptor, from = 0): Promise<{written: number; code: unknown}> {
	for (let written = 0; ; written += piece.length) {
		const code = await refusal(() => file.write(piece, BigInt(from + written)));
		if (code !== undefined) return {written, code};
		if (written > 4 * 1024 * KiB) throw new Error('nothing stops this guest');
	}
}

async function volumeOf(booted: Awaited<ReturnType<typeof bootStorage>>, name: string, bytes?: bigint, inodes?: bigint) {
	const all = (await booted.kernel.link(volumes))();
	await all.create(name, {...(bytes === undefined ? {} : {bytes}), ...(inodes === undefined ? {} : {inodes})});
	return all;
}

test('E: a guest writes until its volume is full, deletes, and writes again; a neighbour still writes', async t => {
	await using booted = await bootStorage();
	const all = await volumeOf(booted, 'small', BigInt(512 * KiB));
	await volumeOf(booted, 'other', BigInt(512 * KiB));
	const [dir] = (await booted.folders('one', data('small'))) as [Descriptor];
	using file = await dir.openAt(stay, 'f', create, {write: true});
	const first = await fill(file);
	t.is(first.code, 'quota');
	t.is(first.written, 512 * KiB);
	t.deepEqual((await all.inspect('small')).used, {bytes: BigInt(512 * KiB), inodes: 1n});
	t.is(await refusal(() => file.write(piece, 0n)), undefined, 'what is there can be written over');
	t.is(await refusal(() => file.setSize(BigInt(1024 * KiB))), 'quota');

	const [neighbour] = (await booted.folders('two', data('other'))) as [Descriptor];
	using theirs = await neighbour.openAt(stay, 'f', create, {write: true});
	t.is((await fill(theirs)).written, 512 * KiB);

	file.setSize(0n);
	t.is((await fill(file)).written, 512 * KiB);
	dir.unlinkFileAt('f');
	using again = await dir.openAt(stay, 'g', create, {write: true});
	t.is(await refusal(() => again.write(piece, 0n)), 'quota', 'what is open without a name still counts');
	file[Symbol.dispose]();
	t.is((await fill(again)).written, 512 * KiB);
});

test('E: a quota holds for all streams and files of a container together', async t => {
	await using booted = await bootStorage();
	const all = await volumeOf(booted, 'v', BigInt(1024 * KiB));
	const [dir] = (await booted.folders('one', data('v'))) as [Descriptor];
	const files = await Promise.all(['a', 'b', 'c', 'd'].map(name => dir.openAt(stay, name, create, {write: true})));
	const streams = [...files.map(file => file.writeViaStream(0n)), ...files.map(file => file.appendViaStream())];
	const all4 = await Promise.all([
		...streams.map(async stream => {
			for (let i = 0; i < 1000; i++) {
				const error = await refusal(() => stream.blockingWriteAndFlush(piece.subarray(0, 5000)));
				if (error !== undefined) return error;
			}
			return undefined;
		}),
		...files.map(async file => (await fill(file, 8 * 1024 * KiB)).code),
	]);
	for (const error of all4) t.true(error === 'quota' || (error as {tag: string}).tag === 'last-operation-failed', String(error));
	const {used} = await all.inspect('v');
	t.true((used?.bytes ?? 0n) <= BigInt(1024 * KiB), `${used?.bytes}`);
});

test('E: a quota holds for containers that share a volume', async t => {
	await using booted = await bootStorage();
	const all = await volumeOf(booted, 'v', BigInt(2048 * KiB));
	const written = await Promise.all(
		['one', 'two', 'three', 'four'].map(async name => {
			const [dir] = (await booted.folders(name, data('v'))) as [Descriptor];
			using file = await dir.openAt(stay, name, create, {write: true});
			return (await fill(file)).written;
		}),
	);
	const sum = written.reduce((one, other) => one + other);
	t.deepEqual((await all.inspect('v')).used, {bytes: BigInt(sum), inodes: 4n});
	t.true(sum <= 2048 * KiB && sum > 1024 * KiB, `${written}`);
	for (const name of ['two', 'three', 'four']) await booted.attachments.detach(name);
	const [dir] = (await booted.folders('five', data('v'))) as [Descriptor];
	using file = await dir.openAt(stay, 'five', create, {write: true});
	await fill(file);
	t.true(((await all.inspect('v')).used?.bytes ?? 0n) <= BigInt(2048 * KiB));
});

test('E: names are counted too: files, folders and links of both kinds', async t => {
	await using booted = await bootStorage();
	const all = await volumeOf(booted, 'v', undefined, 10n);
	const [dir] = (await booted.folders('one', data('v'))) as [Descriptor];
	for (const name of ['a', 'b', 'c']) (await dir.openAt(stay, name, create, {write: true}))[Symbol.dispose]();
	await dir.createDirectoryAt('d');
	await dir.symlinkAt('a', 'l');
	await dir.linkAt(stay, 'a', dir, 'h');
	for (const name of ['1', '2', '3', '4']) await dir.createDirectoryAt(`d/${name}`);
	t.deepEqual((await all.inspect('v')).used, {bytes: 1n, inodes: 10n});
	const makers = [
		() => dir.openAt(stay, 'n', create, {write: true}),
		() => dir.openAt(stay, 'n', {create: true, exclusive: true}, {write: true}),
		() => dir.createDirectoryAt('n'),
		() => dir.symlinkAt('a', 'n'),
		() => dir.linkAt(stay, 'a', dir, 'n'),
	];
	for (const make of makers) t.is(await refusal(make), 'quota');
	t.is((await all.inspect('v')).used?.inodes, 10n);
	using there = await dir.openAt(stay, 'a', create, {write: true});
	t.is(await refusal(() => there.write(piece, 0n)), undefined, 'what is there can be opened and filled');
	dir.unlinkFileAt('b');
	await dir.createDirectoryAt('n');
	t.is((await all.inspect('v')).used?.inodes, 10n);
});

test('a quota can be changed, and counts what was there before', async t => {
	await using booted = await bootStorage();
	const all = await volumeOf(booted, 'v', 1n);
	const {path} = await all.inspect('v');
	mkdirSync(join(path, 'deep'));
	writeFileSync(join(path, 'deep/f'), new Uint8Array(100_000));
	await all.create('v', {bytes: 200_000n});
	t.deepEqual((await all.create('v', undefined)).quota, {bytes: 200_000n});
	t.deepEqual(
		(await all.list()).map(({quota}) => quota),
		[{bytes: 200_000n}],
	);
	const [dir] = (await booted.folders('one', data('v'))) as [Descriptor];
	using file = await dir.openAt(stay, 'f', create, {write: true});
	t.is((await fill(file)).written, 98_304);
	await all.create('v', {bytes: 300_000n});
	t.is((await fill(file, 98_304)).written, 98_304);
});

test('a folder nested too deep to be counted fills its volume, and nothing else', async t => {
	await using booted = await bootStorage();
	await volumeOf(booted, 'v', 1_000_000n);
	const [dir] = (await booted.folders('one', data('v'))) as [Descriptor];
	const deep = Array.from({length: 70}, () => 'd');
	for (let depth = 1; depth <= deep.length; depth++) await dir.createDirectoryAt(deep.slice(0, depth).join('/'));
	await booted.attachments.detach('one');
	const [other] = (await booted.folders('two', data('v'))) as [Descriptor];
	t.is(await refusal(() => other.createDirectoryAt('x')), 'quota');
	other.renameAt(deep.slice(0, 20).join('/'), other, 'cut');
	t.is(await refusal(() => other.createDirectoryAt('x')), undefined);
});
