import {randomFillSync} from 'node:crypto';
import type {DatabaseSync} from 'node:sqlite';
import type {Attached} from './attached.ts';
import {type Answer, bytesOf, type Head, type Operation, type Operations, textOf, wholeOf} from './calls.ts';
import {totalsOf} from './records.ts';
import {createTurns} from './turns.ts';

/** What a key, a value, a batch and a bucket hold at most: bytes, but for the pairs of a batch and of a bucket. */
const MOST = {key: 1024, value: 1024 * 1024, batch: 128, moved: 8 * 1024 * 1024, bucket: 64 * 1024 * 1024, pairs: 100_000} as const;

/** How many keys are listed at once. */
const PAGE = 100;

/** What the guest hears; the `error` of `wasi:keyvalue/store`. */
const refused = (val: string): Answer => ({head: {error: {tag: 'other', val}}});

const bytesOfKey = (key: unknown): Buffer => Buffer.from(textOf(key, MOST.key));

/** Which value it is: another one each time it is set, and not to be guessed from an earlier one. */
const version = (): bigint => (randomFillSync(new BigUint64Array(1))[0] ?? 0n) >> 1n;

type Pair = readonly [key: Buffer, value: Uint8Array];

/** The pairs of all buckets. */
function createPairs(database: DatabaseSync) {
	const get = database.prepare('SELECT value, version FROM pairs WHERE bucket = ? AND key = ?');
	get.setReadBigInts(true);
	const set = database.prepare(
		`INSERT INTO pairs (bucket, key, value, version) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET value = excluded.value, version = excluded.version`,
	);
	const remove = database.prepare('DELETE FROM pairs WHERE bucket = ? AND key = ?');
	const keys = database.prepare('SELECT key FROM pairs WHERE bucket = ?1 AND (?2 IS NULL OR key > ?2) ORDER BY key LIMIT ?3');
	const totals = totalsOf(database, 'pairs');

	/** All or nothing; what it writes is on disk when it returns. */
	function together<T>(work: () => T): T {
		database.exec('BEGIN IMMEDIATE');
		try {
			const result = work();
			database.exec('COMMIT');
			return result;
		} catch (error) {
			database.exec('ROLLBACK');
			throw error;
		}
	}

	return {
		together,
		get: (bucket: string, key: Buffer) => get.get(bucket, key) as {value: Uint8Array; version: bigint} | undefined,
		/** From the first after `after`. */
		keys: (bucket: string, after: Buffer | null) => keys.all(bucket, after, PAGE).map(({key}) => Buffer.from(key as Uint8Array).toString()),
		remove: (bucket: string, key: Buffer) => void remove.run(bucket, key),
		/** Within `together`. Throws where the bucket is full. */
		set(bucket: string, pairs: readonly Pair[]) {
			for (const [key, value] of pairs) {
				if (value.length > MOST.value) throw new Refusal(`a value has ${MOST.value} bytes at most`);
				set.run(bucket, key, value, version());
			}
			const {bytes, entries} = totals(bucket);
			if (bytes > MOST.bucket || entries > MOST.pairs)
				throw new Refusal(`the bucket is full: it holds ${MOST.bucket} bytes and ${MOST.pairs} keys at most`);
		},
	};
}

/** What is said to the guest, and undoes what it was about to do. */
class Refusal extends Error {}

function counted(value: Uint8Array | undefined, delta: unknown): string {
	const text = value === undefined ? '0' : Buffer.from(value).toString();
	if (!/^-?\d{1,19}$/.test(text)) throw new Refusal('the value is not a number');
	const sum = BigInt(text) + BigInt(textOf(delta, 20));
	if (BigInt.asIntN(64, sum) !== sum) throw new Refusal('the number would not fit in 64 bits');
	return String(sum);
}

function batchOf(keys: unknown): Buffer[] {
	if (!Array.isArray(keys) || keys.length > MOST.batch) throw new Refusal(`a batch has ${MOST.batch} keys at most`);
	return keys.map(bytesOfKey);
}

/** Cuts bytes into values of these lengths. */
function valuesOf(bytes: Uint8Array, lengths: unknown, count: number): Uint8Array[] {
	if (!Array.isArray(lengths) || lengths.length !== count) throw new Error('there is not a length for each key');
	let end = 0;
	return lengths.map(length => {
		end += wholeOf(length);
		return bytes.subarray(end - wholeOf(length), end);
	});
}

/** Serves `wasi:keyvalue` to containers, each in the buckets that it was granted. */
export function keyvalue(database: DatabaseSync, attached: Attached): Operations {
	const pairs = createPairs(database);
	const turn = createTurns();

	type Work = (bucket: string, head: Head, bytes: Uint8Array) => Answer;
	const inBucket =
		(work: Work): Operation =>
		async (container, head, call, hold) => {
			const bytes = await bytesOf(call, MOST.moved, hold);
			const bucket = textOf(head.bucket, 63);
			if (!attached.may(container, 'keyvalue', bucket)) return {head: {error: {tag: 'access-denied'}}};
			// This thread waits for the disk.
			await turn(container);
			try {
				return pairs.together(() => work(bucket, head, bytes));
			} catch (error) {
				if (error instanceof Refusal) return refused(error.message);
				throw error;
			}
		};

	return {
		'keyvalue.open': inBucket(() => ({})),
		'keyvalue.get': inBucket((bucket, {keys}) => {
			let size = 0;
			const found = batchOf(keys).map(key => {
				const pair = pairs.get(bucket, key);
				size += pair?.value.length ?? 0;
				if (size > MOST.moved) throw new Refusal(`a batch gives ${MOST.moved} bytes at most`);
				return pair;
			});
			const versions = found.map(pair => String(pair?.version ?? ''));
			return {
				head: {lengths: found.map(pair => pair?.value.length ?? null), versions},
				bytes: found.flatMap(pair => (pair ? [pair.value] : [])),
			};
		}),
		'keyvalue.set': inBucket((bucket, {keys, lengths}, bytes) => {
			const names = batchOf(keys);
			const values = valuesOf(bytes, lengths, names.length);
			pairs.set(
				bucket,
				names.map((key, index): Pair => [key, values[index] as Uint8Array]),
			);
			return {};
		}),
		'keyvalue.delete': inBucket((bucket, {keys}) => {
			for (const key of batchOf(keys)) pairs.remove(bucket, key);
			return {};
		}),
		'keyvalue.keys': inBucket((bucket, {after}) => {
			const keys = pairs.keys(bucket, after === null ? null : bytesOfKey(after));
			return {head: {keys, ...(keys.length === PAGE ? {cursor: keys.at(-1)} : {})}};
		}),
		'keyvalue.increment': inBucket((bucket, {key, delta}) => {
			const name = bytesOfKey(key);
			const sum = counted(pairs.get(bucket, name)?.value, delta);
			pairs.set(bucket, [[name, Buffer.from(sum)]]);
			return {head: {sum}};
		}),
		'keyvalue.swap': inBucket((bucket, {key, version}, value) => {
			const name = bytesOfKey(key);
			const swapped = String(pairs.get(bucket, name)?.version ?? '') === version;
			if (swapped) pairs.set(bucket, [[name, value]]);
			return {head: {swapped}};
		}),
	};
}
