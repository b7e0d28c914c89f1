import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import storage from '@forgeone/plugin-storage';
import type {InputStream, OutputStream} from '@forgeone/sdk/cell';
import test from 'ava';
import {bootStorage} from './boot.ts';

interface OutgoingValue extends Disposable {
	outgoingValueWriteBody(): OutputStream;
}
interface IncomingValue extends Disposable {
	size(): bigint;
}
interface Names {
	readStreamObjectNames(length: bigint): Promise<[string[], boolean]>;
	skipStreamObjectNames(count: bigint): Promise<[bigint, boolean]>;
}
interface Container {
	name(): string;
	info(): {name: string; createdAt: bigint};
	getData(name: string, start: bigint, end: bigint): Promise<IncomingValue>;
	writeData(name: string, value: OutgoingValue): void;
	listObjects(): Names;
	deleteObject(name: string): Promise<void>;
	deleteObjects(names: string[]): Promise<void>;
	hasObject(name: string): Promise<boolean>;
	objectInfo(name: string): Promise<{name: string; container: string; createdAt: bigint; size: bigint}>;
	clear(): Promise<void>;
}
type ObjectId = {container: string; object: string};
interface Blobstore {
	createContainer(name: string): Promise<Container>;
	getContainer(name: string): Promise<Container>;
	deleteContainer(name: string): Promise<void>;
	containerExists(name: string): Promise<boolean>;
	copyObject(from: ObjectId, to: ObjectId): Promise<void>;
	moveObject(from: ObjectId, to: ObjectId): Promise<void>;
	OutgoingValue: {newOutgoingValue(): OutgoingValue; finish(value: OutgoingValue): Promise<void>};
	IncomingValue: {
		incomingValueConsumeSync(value: IncomingValue): Promise<Uint8Array>;
		incomingValueConsumeAsync(value: IncomingValue): InputStream;
	};
}

type Booted = Awaited<ReturnType<typeof bootStorage>>;

const all = 2n ** 64n - 1n;

/** `wasi:blobstore` as a container with these stores has it. */
async function blobstoreOf(booted: Booted, container: string, ...stores: string[]): Promise<Blobstore> {
	const imports = await booted.host(
		container,
		[],
		stores.map(name => ({kind: 'blobstore', name})),
	);
	return {...imports['wasi:blobstore/blobstore'], ...imports['wasi:blobstore/types']} as unknown as Blobstore;
}

async function write({OutgoingValue}: Blobstore, store: Container, name: string, ...pieces: (string | Uint8Array)[]): Promise<void> {
	const value = OutgoingValue.newOutgoingValue();
	store.writeData(name, value);
	const body = value.outgoingValueWriteBody();
	for (const piece of pieces) await body.blockingWriteAndFlush(new Uint8Array(Buffer.from(piece)));
	body[Symbol.dispose]();
	await OutgoingValue.finish(value);
}

async function read({IncomingValue}: Blobstore, store: Container, name: string, start = 0n, end = all): Promise<string> {
	return Buffer.from(await IncomingValue.incomingValueConsumeSync(await store.getData(name, start, end))).toString();
}

/** Files of objects, and of what may become one. */
const files = ({state}: Booted): number => ['blobs', 'drafts'].flatMap(folder => readdirSync(join(state, 'storage', folder))).length;
const reasonOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined).catch((reason: unknown) => reason);

test('an object is written, read in whole and in part, replaced and removed', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	t.false(await blobs.containerExists('s'));
	const store = await blobs.createContainer('s');
	t.regex(String(await reasonOf(blobs.createContainer('s'))), /there is a store/);
	t.is((await blobs.getContainer('s')).info().createdAt, store.info().createdAt);
	await write(blobs, store, 'o', 'hello ', 'world');
	t.is(await read(blobs, store, 'o'), 'hello world');
	t.is(await read(blobs, store, 'o', 6n, 8n), 'wor');
	t.is(await read(blobs, store, 'o', 11n, all), '');
	t.deepEqual([(await store.objectInfo('o')).size, (await store.objectInfo('o')).container], [11n, 's']);
	await write(blobs, store, 'o', 'again');
	t.is(await read(blobs, store, 'o'), 'again');
	t.is(files(booted), 1);
	await write(blobs, store, 'empty');
	t.is(await read(blobs, store, 'empty'), '');
	await store.deleteObject('o');
	await store.deleteObject('o');
	t.false(await store.hasObject('o'));
	t.is(await reasonOf(store.getData('o', 0n, all)), 'there is no object "o" in "s"');
	await blobs.deleteContainer('s');
	t.false(await blobs.containerExists('s'));
	t.is(await reasonOf(store.hasObject('empty')), 'there is no store "s"');
	t.is(files(booted), 0);
});

test('64 MiB stream in and out, held back where nobody reads them', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	const store = await blobs.createContainer('s');
	const piece = new Uint8Array(256 * 1024).fill(7);
	await write(blobs, store, 'large', ...Array.from({length: 256}, () => piece));
	const value = await store.getData('large', 0n, all);
	t.is(value.size(), 64n * 1024n * 1024n);
	t.regex(String(await reasonOf(blobs.IncomingValue.incomingValueConsumeSync(value))), /too large/);
	using stream = blobs.IncomingValue.incomingValueConsumeAsync(value);
	let size = 0;
	for (;;) {
		const bytes = await Promise.resolve(stream.blockingRead(1_000_000n)).catch(() => undefined);
		if (!bytes) break;
		size += bytes.length;
		if (bytes.some(byte => byte !== 7)) t.fail('other bytes came out');
	}
	t.is(size, 64 * 1024 * 1024);
});

test('what is not finished is no object, and leaves no file', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	const store = await blobs.createContainer('s');
	const value = blobs.OutgoingValue.newOutgoingValue();
	const body = value.outgoingValueWriteBody();
	t.throws(() => value.outgoingValueWriteBody(), {any: true});
	store.writeData('o', value);
	await body.blockingWriteAndFlush(new Uint8Array(300_000));
	body[Symbol.dispose]();
	value[Symbol.dispose]();
	t.false(await store.hasObject('o'));
	for (let i = 0; i < 100 && files(booted) > 0; i++) await new Promise(resolve => setTimeout(resolve, 10));
	t.is(files(booted), 0);
});

test('objects are named in byte order, copied, moved and cleared', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's', 'other');
	const [store, other] = [await blobs.createContainer('s'), await blobs.createContainer('other')];
	const names = Array.from({length: 120}, (_, i) => `o${String(i).padStart(3, '0')}`);
	for (const name of names) await write(blobs, store, name, name);
	const list = store.listObjects();
	t.deepEqual(await list.skipStreamObjectNames(10n), [10n, false]);
	const found: string[] = [];
	for (let ended = false; !ended; ) {
		const [some, end] = await list.readStreamObjectNames(50n);
		found.push(...some);
		ended = end;
	}
	t.deepEqual(found, names.slice(10));
	await blobs.copyObject({container: 's', object: 'o001'}, {container: 'other', object: 'copy'});
	await blobs.moveObject({container: 's', object: 'o002'}, {container: 'other', object: 'moved'});
	await blobs.moveObject({container: 's', object: 'o003'}, {container: 's', object: 'o003'});
	t.deepEqual(
		[await read(blobs, other, 'copy'), await read(blobs, other, 'moved'), await read(blobs, store, 'o003')],
		['o001', 'o002', 'o003'],
	);
	t.deepEqual([await store.hasObject('o001'), await store.hasObject('o002')], [true, false]);
	await store.deleteObjects(names.slice(0, 100));
	await store.clear();
	t.is(files(booted), 2);
});

test('one value may become several objects', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	const store = await blobs.createContainer('s');
	const value = blobs.OutgoingValue.newOutgoingValue();
	for (const name of ['a', 'b', 'c']) store.writeData(name, value);
	await value.outgoingValueWriteBody().blockingWriteAndFlush(new Uint8Array(Buffer.from('x')));
	await blobs.OutgoingValue.finish(value);
	await store.deleteObject('b');
	t.deepEqual([await read(blobs, store, 'a'), await read(blobs, store, 'c')], ['x', 'x']);
	t.is(files(booted), 2);
});

test('a store is for those who were granted it, whatever it is called', async t => {
	await using booted = await bootStorage();
	const [one, two] = [await blobstoreOf(booted, 'one', 's'), await blobstoreOf(booted, 'two', 'theirs')];
	const store = await one.createContainer('s');
	await write(one, store, '../../escape', 'x');
	await write(one, store, '/etc/passwd', 'y');
	t.is(await read(one, store, '../../escape'), 'x');
	t.is(files(booted), 2);
	const denied = [
		two.createContainer('s'),
		two.getContainer('s'),
		two.deleteContainer('s'),
		two.containerExists('s'),
		two.copyObject({container: 's', object: '/etc/passwd'}, {container: 'theirs', object: 'x'}),
		one.copyObject({container: 's', object: '/etc/passwd'}, {container: 'theirs', object: 'x'}),
	];
	for (const work of denied) t.regex(String(await reasonOf(work)), /is not granted: --blobstore/);
	t.is(booted.refusals.length, denied.length);
	t.is(booted.refusals[0], 'two blobstore the store "s" --blobstore s');
	for (const name of ['', 'x'.repeat(1025)]) t.truthy(await reasonOf(write(one, store, name, 'x')));
	t.is(files(booted), 2);
});

test('objects outlive a swap of the plugin, and what a crash left over goes', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	await write(blobs, await blobs.createContainer('s'), 'o', 'kept');
	for (const file of ['blobs/left-over', 'drafts/left-over']) writeFileSync(join(booted.state, 'storage', file), 'x');
	await booted.kernel.swap('storage', storage);
	t.is(files(booted), 1);
	t.is(await read(blobs, await blobs.getContainer('s'), 'o'), 'kept');
});

/** Changes the records of a storage that runs, as no guest can. */
function change({state}: Booted, statement: string): void {
	const database = new DatabaseSync(join(state, 'storage', 'storage.sqlite'));
	database.exec(statement);
	database.close();
}

test('A6: so many objects are written and read at a time and not more, whatever a cell asks for', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	const store = await blobs.createContainer('s');
	await write(blobs, store, 'kept', Buffer.alloc(3 * 1024 * 1024));
	const reading = Array.from({length: 100}, () =>
		booted.callOf('c', JSON.stringify({op: 'blobstore.read', store: 's', name: 'kept', start: 0, end: 2 ** 40})),
	);
	for (const call of reading) call.outgoing.end();
	for (const call of reading) t.is(JSON.parse(await call.reply()).size, 3 * 1024 * 1024);
	const writing = Array.from({length: 100}, () => booted.callOf('c', '{"op":"blobstore.write"}'));
	const refused = (await Promise.all(writing.slice(28).map(call => call.reply()))).map(reply => JSON.parse(reply).error);
	t.deepEqual([...new Set(refused)], ['128 objects can be written and read at a time']);
	// The files of the others are being made.
	while (files(booted) < 1 + 28) await new Promise(resolve => setTimeout(resolve, 10));
	t.is(files(booted), 1 + 28);
	for (const call of [...reading, ...writing]) call.cancel('enough');
	// They end one by one.
	while ((await reasonOf(write(blobs, store, 'more', 'x'))) !== undefined) await new Promise(resolve => setTimeout(resolve, 10));
	t.is(files(booted), 2);
	t.is(await read(blobs, store, 'more'), 'x');
});

test('E: what is written at a time is bounded too, however full the store is', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	const store = await blobs.createContainer('s');
	await write(blobs, store, 'large', 'x');
	change(booted, `UPDATE blobs SET size = ${1024 ** 3}`);
	const id = (object: string) => ({container: 's', object});
	const copies = await Promise.all(Array.from({length: 6}, (_, i) => reasonOf(blobs.copyObject(id('large'), id(`copy-${i}`)))));
	t.is(copies.filter(reason => reason === '4294967296 bytes can be written at a time').length, 2);
	t.is(copies.filter(reason => reason === undefined).length, 3);
	t.is(copies.filter(reason => /^the store is full/.test(String(reason))).length, 1);
	t.is(files(booted), 4);
});

test('E: a store has so many objects and not more, and room again for each that is deleted', async t => {
	await using booted = await bootStorage();
	const blobs = await blobstoreOf(booted, 'c', 's');
	const store = await blobs.createContainer('s');
	change(
		booted,
		`WITH RECURSIVE many(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM many WHERE i < 100000)
			INSERT INTO blobs (store, name, file, size, created) SELECT 's', CAST('n' || i AS BLOB), 'none-' || i, 0, 0 FROM many`,
	);
	const full = /^the store is full: it holds 4294967296 bytes and 100000 objects at most$/;
	t.regex(String(await reasonOf(write(blobs, store, 'one-more', ''))), full);
	await write(blobs, store, 'n7', 'in place of another');
	await store.deleteObject('n8');
	await write(blobs, store, 'one-more', 'x');
	t.regex(String(await reasonOf(write(blobs, store, 'another', ''))), full);
});
