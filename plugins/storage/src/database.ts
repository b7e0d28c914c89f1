import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {reasonOf} from '@forgeone/core';
import {errors} from './errors.ts';

const schema = `
	PRAGMA journal_mode = WAL;
	PRAGMA synchronous = FULL;
	CREATE TABLE IF NOT EXISTS entries (owner TEXT, key BLOB, value BLOB NOT NULL, PRIMARY KEY (owner, key)) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS volumes (name TEXT PRIMARY KEY, created INTEGER NOT NULL, bytes INTEGER, inodes INTEGER) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS attached (container TEXT PRIMARY KEY, has TEXT NOT NULL, run TEXT NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS pairs (bucket TEXT, key BLOB, value BLOB NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS blobstores (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS blobs (
		store TEXT, name BLOB, file TEXT NOT NULL, size INTEGER NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (store, name)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS mounts (container TEXT, volume TEXT, run TEXT NOT NULL, PRIMARY KEY (container, volume)) STRICT, WITHOUT ROWID;
`;

/** Opens the records of a state folder, which it makes where there is none. What a statement has written is on disk. Throws FORGE_STATE_UNUSABLE. */
export function openDatabase(folder: string): DatabaseSync {
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		// While one plugin is swapped for another, two have it open.
		const database = new DatabaseSync(join(folder, 'storage.sqlite'), {timeout: 5_000});
		database.exec(schema);
		const columns = database.prepare("SELECT name FROM pragma_table_info('volumes')").all();
		// A volume of the first version has no quota.
		if (!columns.some(({name}) => name === 'bytes')) {
			database.exec('ALTER TABLE volumes ADD COLUMN bytes INTEGER; ALTER TABLE volumes ADD COLUMN inodes INTEGER;');
		}
		return database;
	} catch (error) {
		throw errors.FORGE_STATE_UNUSABLE({folder, reason: reasonOf(error)}, {cause: error});
	}
}
