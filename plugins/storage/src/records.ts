import type {DatabaseSync} from 'node:sqlite';
import {openDatabase} from './database.ts';

/** What keeps the totals of a table as it changes: to add up a full store takes so long that others would notice. */
const counting = (kind: string, store: string, size: (row: string) => string): string =>
	[
		['INSERT', 'new', '1', size('new')],
		['UPDATE', 'new', '0', `${size('new')} - ${size('old')}`],
		['DELETE', 'old', '-1', `-${size('old')}`],
	]
		.map(
			([event, row, entries, bytes]) => `
	CREATE TRIGGER IF NOT EXISTS ${kind}_${event} AFTER ${event} ON ${kind} BEGIN
		INSERT INTO totals VALUES ('${kind}', ${row}.${store}, ${entries}, ${bytes})
			ON CONFLICT DO UPDATE SET entries = entries + excluded.entries, bytes = bytes + excluded.bytes;
	END;`,
		)
		.join('');

const sizes = {
	pairs: (row: string) => `(length(${row}.key) + length(${row}.value))`,
	blobs: (row: string) => `${row}.size`,
};

const schema = `
	CREATE TABLE IF NOT EXISTS volumes (name TEXT PRIMARY KEY, created INTEGER NOT NULL, bytes INTEGER, inodes INTEGER) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS attached (container TEXT PRIMARY KEY, has TEXT NOT NULL, run TEXT NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS pairs (bucket TEXT, key BLOB, value BLOB NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS blobstores (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS blobs (
		store TEXT, name BLOB, file TEXT NOT NULL, size INTEGER NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (store, name)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS totals (
		kind TEXT, store TEXT, entries INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (kind, store)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS mounts (container TEXT, volume TEXT, run TEXT NOT NULL, PRIMARY KEY (container, volume)) STRICT, WITHOUT ROWID;
	${counting('pairs', 'bucket', sizes.pairs)}
	${counting('blobs', 'store', sizes.blobs)}
`;

/** For stores that were filled before there were totals. */
const catchUp = `
	INSERT INTO totals SELECT * FROM (
		SELECT 'pairs', bucket, count(*), sum(${sizes.pairs('pairs')}) FROM pairs GROUP BY bucket UNION ALL
		SELECT 'blobs', store, count(*), sum(${sizes.blobs('blobs')}) FROM blobs GROUP BY store
	) WHERE NOT EXISTS (SELECT 1 FROM totals);
`;

/** Opens what storage remembers of volumes, stores and the containers that have them. Throws FORGE_STATE_UNUSABLE. */
export function openRecords(folder: string): DatabaseSync {
	const database = openDatabase(folder, 'storage.sqlite', schema);
	const columns = database.prepare("SELECT name FROM pragma_table_info('volumes')").all();
	// A volume of the first version has no quota.
	if (!columns.some(({name}) => name === 'bytes')) {
		database.exec('ALTER TABLE volumes ADD COLUMN bytes INTEGER; ALTER TABLE volumes ADD COLUMN inodes INTEGER;');
	}
	database.exec(catchUp);
	return database;
}

/** How many entries a store has, and their bytes. */
export function totalsOf(database: DatabaseSync, kind: keyof typeof sizes): (store: string) => {entries: number; bytes: number} {
	const find = database.prepare('SELECT entries, bytes FROM totals WHERE kind = ? AND store = ?');
	return store => (find.get(kind, store) as {entries: number; bytes: number} | undefined) ?? {entries: 0, bytes: 0};
}
