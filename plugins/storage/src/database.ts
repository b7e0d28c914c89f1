import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {reasonOf} from '@forgeone/core';
import {errors} from './errors.ts';

/** Opens a database in a state folder; makes both where they are not there. What a statement has written is on disk. Throws FORGE_STATE_UNUSABLE. */
export function openDatabase(folder: string, name: string, schema: string): DatabaseSync {
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		// While one plugin is swapped for another, two have it open.
		const database = new DatabaseSync(join(folder, name), {timeout: 5_000});
		database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${schema}`);
		return database;
	} catch (error) {
		throw errors.FORGE_STATE_UNUSABLE({folder, reason: reasonOf(error)}, {cause: error});
	}
}
