import type {DatabaseSync} from 'node:sqlite';
import {openDatabase} from './database.ts';

const schema = `
	CREATE TABLE IF NOT EXISTS volumes (name TEXT PRIMARY KEY, created INTEGER NOT NULL, bytes INTEGER, inodes INTEGER) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS attached (container TEXT PRIMARY KEY, has TEXT NOT NULL, run TEXT NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS pairs (bucket TEXT, key BLOB, value BLOB NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS blobstores (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS blobs (
		store TEXT, name BLOB, file TEXT NOT NULL, size INTEGER NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (store, name)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS mounts (container TEXT, volume TEXT, run TEXT NOT NULL, PRIMARY KEY (container, volume)) STRICT, WITHOUT ROWID;
`;

/** Opens what storage remembers of volumes, stores and the containers that have them. Throws FORGE_STATE_UNUSABLE. */
export function openRecords(folder: string): DatabaseSync {
	const database = openDatabase(folder, 'storage.sqlite', schema);
	const columns = database.prepare("SELECT name FROM pragma_table_info('volumes')").all();
	// A volume of the first version has no quota.
	if (!columns.some(({name}) => name === 'bytes')) {
		database.exec('ALTER TABLE volumes ADD COLUMN bytes INTEGER; ALTER TABLE volumes ADD COLUMN inodes INTEGER;');
	}
	return database;
}
