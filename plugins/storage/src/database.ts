import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {reasonOf} from '@forgeone/core';
import {errors} from './errors.ts';

const schema = `
	PRAGMA journal_mode = WAL;
	PRAGMA synchronous = FULL;
	CREATE TABLE IF NOT EXISTS entries (owner TEXT, key BLOB, value BLOB NOT NULL, PRIMARY KEY (owner, key)) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS volumes (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS mounts (container TEXT, volume TEXT, run TEXT NOT NULL, PRIMARY KEY (container, volume)) STRICT, WITHOUT ROWID;
`;

/** Opens the records of a state folder, which it makes where there is none. What a statement has written is on disk. Throws FORGE_STATE_UNUSABLE. */
export function openDatabase(folder: string): DatabaseSync {
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		// While one plugin is swapped for another, two have it open.
		const database = new DatabaseSync(join(folder, 'storage.sqlite'), {timeout: 5_000});
		database.exec(schema);
		return database;
	} catch (error) {
		throw errors.FORGE_STATE_UNUSABLE({folder, reason: reasonOf(error)}, {cause: error});
	}
}
