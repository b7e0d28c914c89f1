import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {reasonOf} from '@forgeone/core';
import {errors} from '../errors.ts';

/** A lock on a state folder, until it is let go or its process ends. */
export interface Lock {
	release(): Promise<void>;
}

/**
 * Takes the state folder for the daemon of this process. The lock is the operating system's, on a SQLite file: it ends with its process
 * whatever happens, so there is never a stale one to judge. Throws FORGE_STATE_LOCKED with the process that has it.
 */
export async function lockState(folder: string): Promise<Lock> {
	const note = join(folder, 'daemon.pid');
	const database = new DatabaseSync(join(folder, 'daemon.lock'), {timeout: 0});
	try {
		database.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		database.close();
		const pid = (await readFile(note, 'utf8').catch(() => '')).trim() || 'unknown';
		if (/locked|busy/i.test(reasonOf(error))) throw errors.FORGE_STATE_LOCKED({folder, pid}, {cause: error});
		throw errors.FORGE_HOME_UNWRITABLE({folder, reason: reasonOf(error)}, {cause: error});
	}
	await writeFile(note, `${process.pid}\n`, {mode: 0o600});
	return {
		async release() {
			await rm(note, {force: true});
			database.close();
		},
	};
}
