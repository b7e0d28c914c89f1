import {constants, existsSync} from 'node:fs';
import {access, mkdir} from 'node:fs/promises';
import {homedir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {reasonOf} from '@forgeone/core';
import {digest} from '@forgeone/wasm';
import {errors} from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The one folder in which everything is kept: `$FORGE_HOME`, else `$XDG_STATE_HOME/forge`, else `~/.local/state/forge`. */
export function stateFolder(env: Environment): string {
	if (env.FORGE_HOME) return resolve(env.FORGE_HOME);
	return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'forge');
}

/**
 * Where the daemon of that folder listens: in `$XDG_RUNTIME_DIR/forge`, under a name made from the folder, so that two daemons of one user
 * stay apart; else in `run` below the folder.
 */
export function socketPath(env: Environment): string {
	const state = stateFolder(env);
	if (!env.XDG_RUNTIME_DIR) return join(state, 'run', 'forge.sock');
	return join(env.XDG_RUNTIME_DIR, 'forge', `${digest(state).slice(0, 16)}.sock`);
}

/** Makes a folder and those above it. One at a time: `recursive` asks again for ever where the one above is there and still answers ENOENT, as /proc does. */
export async function makeFolders(folder: string, mode = 0o777): Promise<void> {
	if (existsSync(folder)) return;
	if (folder !== dirname(folder)) await makeFolders(dirname(folder), mode);
	await mkdir(folder, {mode}).catch(error => {
		// Another process may have been faster.
		if (error.code !== 'EEXIST') throw error;
	});
}

/** Makes the state folder where there is none, for its owner alone. Throws FORGE_HOME_UNWRITABLE. */
export async function makeStateFolder(folder: string): Promise<void> {
	try {
		await makeFolders(folder, 0o700);
		await access(`${folder}/.`, constants.W_OK | constants.X_OK);
	} catch (error) {
		throw errors.FORGE_HOME_UNWRITABLE({folder, reason: reasonOf(error)}, {cause: error});
	}
}
