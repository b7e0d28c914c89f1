import type {DatabaseSync} from 'node:sqlite';
import type {Provider} from '@forgeone/core';
import {packEntries, unpackEntries} from '@forgeone/sdk';
import type {Store} from '@forgeone/wasm';
import {errors} from '../errors.ts';

const LONGEST_KEY = 1024;
const LONGEST_VALUE = 1024 * 1024;

/** What is handed over at most: while it is read and written nobody else is served. */
const LARGEST = 16 * 1024 * 1024;

/** The first key in byte order that comes after all with this prefix; a byte of UTF-8 is never 0xff. */
function after(prefix: Buffer): Buffer {
	const next = Buffer.from(prefix);
	next.writeUInt8((next.at(-1) ?? 0) + 1, next.length - 1);
	return next;
}

/** Keys are kept as bytes, whose order is the one that is promised. Throws FORGE_STORE_KEY. */
function bytesOf(key: string): Buffer {
	const bytes = Buffer.from(key);
	if (bytes.length < 1 || bytes.length > LONGEST_KEY) throw errors.FORGE_STORE_KEY({bytes: bytes.length});
	return bytes;
}

/** All entries in a database. Every function answers at once, as callers that are components need it. */
export function openEntries(database: DatabaseSync) {
	const get = database.prepare('SELECT value FROM entries WHERE owner = ? AND key = ?');
	const set = database.prepare('INSERT OR REPLACE INTO entries (owner, key, value) VALUES (?, ?, ?)');
	const remove = database.prepare('DELETE FROM entries WHERE owner = ? AND key = ?');
	const from = 'SELECT key FROM entries WHERE owner = ? AND key >= ?';
	const keys = database.prepare(`${from} ORDER BY key LIMIT ?`);
	const prefixed = database.prepare(`${from} AND key < ? ORDER BY key LIMIT ?`);
	const size = database.prepare('SELECT coalesce(sum(length(owner) + length(key) + length(value)), 0) AS bytes FROM entries');
	const all = database.prepare('SELECT owner, key, value FROM entries');

	return {
		/** The store of one owner. */
		of: (owner: string): Provider<typeof Store> => ({
			get: key => get.get(owner, bytesOf(key))?.value as Uint8Array | undefined,
			set(key, value) {
				const bytes = bytesOf(key);
				if (value.length > LONGEST_VALUE) throw errors.FORGE_STORE_VALUE({key, bytes: value.length});
				set.run(owner, bytes, value);
			},
			remove: key => remove.run(owner, bytesOf(key)).changes > 0,
			keys(prefix, start, limit) {
				const [head, first] = [Buffer.from(prefix), Buffer.from(start)];
				const low = Buffer.compare(first, head) > 0 ? first : head;
				const rows = head.length > 0 ? prefixed.all(owner, low, after(head), limit) : keys.all(owner, low, limit);
				return rows.map(({key}) => Buffer.from(key as Uint8Array).toString());
			},
		}),
		/** All of all owners, for another store to take. */
		handover: {
			save() {
				const {bytes} = size.get() as {bytes: number};
				if (bytes > LARGEST) throw errors.FORGE_STORE_LARGE({bytes});
				const rows = all.all() as {owner: string; key: Uint8Array; value: Uint8Array}[];
				return packEntries(rows.map(({owner, key, value}) => ({owner, key: Buffer.from(key).toString(), value})));
			},
			/** On disk when it returns, as a whole or not at all. */
			restore(state: Uint8Array) {
				const entries = [...unpackEntries(state)];
				database.exec('BEGIN IMMEDIATE; DELETE FROM entries;');
				try {
					for (const {owner, key, value} of entries) set.run(owner, bytesOf(key), value);
					database.exec('COMMIT');
				} catch (error) {
					database.exec('ROLLBACK');
					throw error;
				}
			},
		},
	};
}
