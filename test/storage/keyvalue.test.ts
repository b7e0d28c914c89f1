import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type Call, until} from '@forgeone/sdk/cell';
import test from 'ava';
import fc from 'fast-check';
import {bootStorage} from './boot.ts';

interface Bucket {
	get(key: string): Promise<Uint8Array | undefined>;
	set(key: string, value: Uint8Array): Promise<void>;
	delete(key: string): Promise<void>;
	exists(key: string): Promise<boolean>;
	listKeys(cursor: string | undefined): Promise<{keys: string[]; cursor?: string}>;
}
interface Cas {
	current(): Uint8Array | undefined;
}
interface Keyvalue {
	open(name: string): Promise<Bucket>;
	Cas: {new: (bucket: Bucket, key: string) => Promise<Cas>};
	increment(bucket: Bucket, key: string, delta: bigint): Promise<bigint>;
	swap(cas: Cas, value: Uint8Array): Promise<void>;
	getMany(bucket: Bucket, keys: string[]): Promise<([string, Uint8Array] | undefined)[]>;
	setMany(bucket: Bucket, pairs: [string, Uint8Array][]): Promise<void>;
	deleteMany(bucket: Bucket, keys: string[]): Promise<void>;
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const text = (value: Uint8Array | undefined) => (value === undefined ? undefined : Buffer.from(value).toString());

type Booted = Awaited<ReturnType<typeof bootStorage>>;

/** `wasi:keyvalue` as a container with these buckets has it. */
async function keyvalueOf(booted: Booted, container: string, ...buckets: string[]): Promise<Keyvalue> {
	const imports = await booted.host(
		container,
		[],
		buckets.map(name => ({kind: 'keyvalue', name})),
	);
	const of = (name: string) => imports[`wasi:keyvalue/${name}`];
	return {...of('store'), ...of('atomics'), ...of('batch')} as unknown as Keyvalue;
}

test('what is set is got, listed in byte order, and gone once deleted', async t => {
	await using booted = await bootStorage();
	const {open, getMany, setMany, deleteMany} = await keyvalueOf(booted, 'c', 'b');
	const bucket = await open('b');
	t.is(await bucket.get('a'), undefined);
	await bucket.set('a', bytes('one'));
	await bucket.set('a', bytes('two'));
	await bucket.set('empty', bytes(''));
	t.is(text(await bucket.get('a')), 'two');
	t.is(text(await bucket.get('empty')), '');
	t.true(await bucket.exists('empty'));
	await bucket.delete('a');
	await bucket.delete('a');
	t.false(await bucket.exists('a'));
	const names = Array.from({length: 250}, (_, i) => `k${String(i).padStart(3, '0')}`);
	for (let at = 0; at < 250; at += 100)
		await setMany(
			bucket,
			names.slice(at, at + 100).map(name => [name, bytes(name)]),
		);
	const found: string[] = [];
	for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
		const page = await bucket.listKeys(cursor);
		found.push(...page.keys);
		cursor = page.cursor;
	}
	t.deepEqual(found, ['empty', ...names]);
	const many = await getMany(bucket, ['k007', 'none', 'k249']);
	t.deepEqual(
		many.map(pair => pair && [pair[0], text(pair[1])]),
		[['k007', 'k007'], undefined, ['k249', 'k249']],
	);
	await deleteMany(bucket, ['k007', 'none']);
	t.false(await bucket.exists('k007'));
});

test('a bucket is for those who were granted it, and only while they have it', async t => {
	await using booted = await bootStorage();
	const one = await keyvalueOf(booted, 'one', 'mine');
	const two = await keyvalueOf(booted, 'two', 'theirs', 'mine');
	const bucket = await one.open('mine');
	await bucket.set('k', bytes('v'));
	t.is(text(await (await two.open('mine')).get('k')), 'v');
	t.is(await (await two.open('theirs')).get('k'), undefined);
	for (const name of ['theirs', '', 'default', '../mine', 'x'.repeat(64)]) {
		const error = await t.throwsAsync(async () => one.open(name).catch(reason => Promise.reject(Object.assign(new Error(), {reason}))));
		t.true(['access-denied', 'other'].includes((error as unknown as {reason: {tag: string}}).reason.tag), name);
	}
	t.is(booted.refusals[0], 'one keyvalue the store "theirs" --keyvalue theirs');
	await booted.attachments.detach('one');
	t.deepEqual(await bucket.get('k').catch(reason => reason), {tag: 'access-denied'});
});

test('sizes are bounded: keys, values, batches', async t => {
	await using booted = await bootStorage();
	const {open, setMany, getMany} = await keyvalueOf(booted, 'c', 'b');
	const bucket = await open('b');
	const refused = async (work: Promise<unknown>) => ((await work.catch(reason => reason)) as {tag?: string})?.tag;
	await bucket.set('k'.repeat(1024), new Uint8Array(1024 * 1024));
	t.is(await refused(bucket.set('k'.repeat(1025), bytes(''))), 'other');
	t.is(await refused(bucket.set('k', new Uint8Array(1024 * 1024 + 1))), 'other');
	t.is(await refused(bucket.set('k', new Uint8Array(64 * 1024 * 1024))), 'other');
	t.is(
		await refused(
			getMany(
				bucket,
				Array.from({length: 129}, (_, i) => `${i}`),
			),
		),
		'other',
	);
	t.is(
		await refused(
			setMany(bucket, [
				['fine', bytes('x')],
				['large', new Uint8Array(1024 * 1024 + 1)],
			]),
		),
		'other',
	);
	t.false(await bucket.exists('fine'), 'a batch is set as a whole or not at all');
	t.is((await bucket.get('k'.repeat(1024)))?.length, 1024 * 1024);
});

test('a full bucket takes no more, and one that was emptied does', async t => {
	await using booted = await bootStorage();
	const {open} = await keyvalueOf(booted, 'c', 'b');
	const bucket = await open('b');
	const value = new Uint8Array(1024 * 1024 - 16);
	for (let i = 0; i < 64; i++) await bucket.set(`${i}`, value);
	t.regex(((await bucket.set('more', value).catch(reason => reason)) as {val: string}).val, /full/);
	await bucket.delete('0');
	await bucket.set('more', value);
	t.true(await bucket.exists('more'));
});

test('a swap succeeds once, and never over what was set, deleted or made again meanwhile', async t => {
	await using booted = await bootStorage();
	const {open, Cas, swap} = await keyvalueOf(booted, 'c', 'b');
	const bucket = await open('b');
	const fresh = await Cas.new(bucket, 'k');
	t.is(fresh.current(), undefined);
	await swap(fresh, bytes('1'));
	const failed = (await swap(fresh, bytes('2')).catch(reason => reason)) as {tag: string; val: Cas};
	t.is(failed.tag, 'cas-failed');
	t.is(text(failed.val.current()), '1');
	await swap(failed.val, bytes('2'));
	const before = await Cas.new(bucket, 'k');
	await bucket.delete('k');
	t.is(((await swap(before, bytes('x')).catch(reason => reason)) as {tag: string}).tag, 'cas-failed');
	await bucket.set('k', bytes('2'));
	t.is(((await swap(before, bytes('x')).catch(reason => reason)) as {tag: string}).tag, 'cas-failed');
	const racers = await Promise.all(Array.from({length: 8}, () => Cas.new(bucket, 'k')));
	const won = await Promise.allSettled(racers.map((cas, i) => swap(cas, bytes(`${i}`))));
	t.is(won.filter(({status}) => status === 'fulfilled').length, 1);
});

test('increments from all sides add up, and what is no number stays as it is', async t => {
	await using booted = await bootStorage();
	const [one, two] = [await keyvalueOf(booted, 'one', 'b'), await keyvalueOf(booted, 'two', 'b')];
	const buckets = [await one.open('b'), await two.open('b')] as const;
	await Promise.all(Array.from({length: 50}, (_, i) => (i % 2 ? one : two).increment(buckets[i % 2 ? 0 : 1], 'n', BigInt(i))));
	t.is(await one.increment(buckets[0], 'n', -1n), 1224n);
	await buckets[0].set('text', bytes('hello'));
	const refused = async (key: string, delta: bigint) =>
		((await one.increment(buckets[0], key, delta).catch(reason => reason)) as {tag: string}).tag;
	t.is(await refused('text', 1n), 'other');
	await one.increment(buckets[0], 'most', 2n ** 63n - 1n);
	t.is(await refused('most', 1n), 'other');
	t.is(text(await buckets[0].get('text')), 'hello');
});

test('a bucket answers as a map does', async t => {
	await using booted = await bootStorage();
	const {open} = await keyvalueOf(booted, 'c', 'b');
	const bucket = await open('b');
	const model = new Map<string, string>();
	const key = fc.constantFrom('', 'a', 'b', 'ä', '\0', '__proto__', 'constructor');
	const step = fc.oneof(
		fc.tuple(fc.constant('set'), key, fc.string()),
		fc.tuple(fc.constant('delete'), key, fc.constant('')),
		fc.tuple(fc.constant('get'), key, fc.constant('')),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, {maxLength: 20}), async steps => {
			for (const [what, name, value] of steps) {
				if (what === 'set') {
					await bucket.set(name, bytes(value));
					model.set(name, text(bytes(value)) as string);
				} else if (what === 'delete') {
					await bucket.delete(name);
					model.delete(name);
				} else t.is(text(await bucket.get(name)), model.get(name));
			}
			t.deepEqual(
				(await bucket.listKeys(undefined)).keys,
				[...model.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
			);
		}),
		{numRuns: 30},
	);
});

test('the calls of a cell that is not honest are cancelled, and change nothing', async t => {
	await using booted = await bootStorage();
	await keyvalueOf(booted, 'c', 'b');
	const heads = [
		'',
		'null',
		'[]',
		'{}',
		'{"op":"constructor"}',
		'{"op":"keyvalue.set","bucket":"b"}',
		'{"op":"keyvalue.set","bucket":"b","keys":["k"],"lengths":[-1]}',
	];
	for (const head of [
		...heads,
		'{"op":"keyvalue.get","bucket":"b","keys":[1]}',
		'{"op":"keyvalue.swap","bucket":["b"],"key":"k"}',
		'{"op":"volume.grant"}',
	]) {
		const answer = await booted.call('c', head).catch(() => '{"error":"cancelled"}');
		t.truthy(JSON.parse(answer).error, head);
	}
	const bucket = await (await keyvalueOf(booted, 'c', 'b')).open('b');
	t.deepEqual(await bucket.listKeys(undefined), {keys: []});
});

test('E: what a bucket holds is known without adding it up, also where it was filled before that was so', async t => {
	const state = mkdtempSync(join(tmpdir(), 'forge-'));
	const booted = await bootStorage({}, state);
	const {open, setMany} = await keyvalueOf(booted, 'c', 'b');
	const bucket = await open('b');
	await bucket.set('a', bytes('12345'));
	await bucket.set('a', bytes('1'));
	await setMany(bucket, [
		['b', bytes('12')],
		['c', bytes('')],
	]);
	await bucket.delete('b');
	const read = (database: DatabaseSync) => ({...database.prepare("SELECT entries, bytes FROM totals WHERE kind = 'pairs'").get()});
	await booted.kernel.stop();
	const database = new DatabaseSync(join(state, 'storage', 'storage.sqlite'));
	t.deepEqual(read(database), {entries: 2, bytes: 3});
	database.exec('DROP TABLE totals; DROP TRIGGER pairs_INSERT; DROP TRIGGER pairs_UPDATE; DROP TRIGGER pairs_DELETE;');
	database.close();
	await using again = await bootStorage({}, state);
	const later = await (await keyvalueOf(again, 'c', 'b')).open('b');
	await later.set('d', bytes('9'));
	const now = new DatabaseSync(join(state, 'storage', 'storage.sqlite'), {readOnly: true});
	t.deepEqual(read(now), {entries: 3, bytes: 5});
	now.close();
});

test('E: however much is asked for at once, others have a turn after each call', async t => {
	await using booted = await bootStorage();
	const {open, increment} = await keyvalueOf(booted, 'c', 'b');
	const bucket = await open('b');
	let turns = 0;
	let over = false;
	const count = () => {
		turns++;
		if (!over) setImmediate(count);
	};
	setImmediate(count);
	await Promise.all(Array.from({length: 200}, () => increment(bucket, 'k', 1n)));
	over = true;
	t.is(text(await bucket.get('k')), '200');
	t.true(turns >= 200, `${turns} turns`);
});

test('A11: what the calls of a cell hold together is bounded, and is given back', async t => {
	await using booted = await bootStorage();
	await keyvalueOf(booted, 'c', 'b');
	const open = (head: unknown) => booted.callOf('c', JSON.stringify(head));
	const piece = new Uint8Array(256 * 1024);
	const calls = Array.from({length: 20}, () => open({op: 'keyvalue.set', bucket: 'b', keys: [], lengths: []}));
	const fill = async (call: Call) => {
		for (let i = 0; i < 20; i++) {
			await until(call.outgoing);
			if (call.outgoing.room() === undefined) return false;
			call.outgoing.write(piece);
		}
		await new Promise(resolve => setImmediate(resolve));
		return call.outgoing.room() !== undefined;
	};
	let filled = 0;
	for (const call of calls) if (await fill(call)) filled++;
	t.is(filled, Math.floor((64 * 1024 * 1024) / (20 * piece.length)));
	for (const call of calls) call.cancel('enough');
	await new Promise(resolve => setImmediate(resolve));
	t.true(await fill(open({op: 'keyvalue.set', bucket: 'b', keys: [], lengths: []})));
});
