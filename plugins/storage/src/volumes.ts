import {randomUUID} from 'node:crypto';
import {mkdirSync, renameSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import type {Volumes as Contract} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** One run of this process: a mount of an earlier one ended with it, one of a plugin that was swapped did not. */
const RUN = randomUUID();

/** The volumes of a state folder, and which container has which of them mounted. */
export interface Volumes {
	/** The one that is there, or a new one. Throws FORGE_VOLUME_NAME. */
	create(name: string): Contract.Volume;
	/** By name. */
	list(): Contract.Volume[];
	/** Throws FORGE_VOLUME_MISSING. */
	inspect(name: string): Contract.Volume;
	/** With all that is in it. Throws FORGE_VOLUME_MISSING, FORGE_VOLUME_MOUNTED. */
	remove(name: string): Promise<void>;
	/** Notes that a container has these mounted, in place of what it had. */
	mount(container: string, names: readonly string[]): void;
	release(container: string): void;
}

/** Throws FORGE_VOLUME_NAME for what is no name; a name is never a path. */
export function checkName(name: string): void {
	if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) throw errors.FORGE_VOLUME_NAME({name});
}

/** Opens the volumes below `folder`. */
export function openVolumes(database: DatabaseSync, folder: string): Volumes {
	const [root, removed] = [join(folder, 'volumes'), join(folder, 'removed')];
	for (const path of [root, removed]) mkdirSync(path, {recursive: true, mode: 0o700});
	database.prepare('DELETE FROM mounts WHERE run <> ?').run(RUN);
	const select = database.prepare('SELECT name, created FROM volumes WHERE name = ?');
	const all = database.prepare('SELECT name, created FROM volumes ORDER BY name');
	const insert = database.prepare('INSERT OR IGNORE INTO volumes (name, created) VALUES (?, ?)');
	const forget = database.prepare('DELETE FROM volumes WHERE name = ?');
	const mounted = database.prepare('SELECT container FROM mounts WHERE volume = ? LIMIT 1');
	const mount = database.prepare('INSERT OR IGNORE INTO mounts (container, volume, run) VALUES (?, ?, ?)');
	const release = database.prepare('DELETE FROM mounts WHERE container = ?');

	const volumeOf = (row: Record<string, unknown>): Contract.Volume => {
		const name = String(row.name);
		return {name, created: BigInt(Number(row.created)), path: join(root, name)};
	};
	const inspect = (name: string) => {
		const row = select.get(name);
		if (!row) throw errors.FORGE_VOLUME_MISSING({volume: name});
		return volumeOf(row);
	};

	return {
		create(name) {
			checkName(name);
			mkdirSync(join(root, name), {recursive: true, mode: 0o700});
			insert.run(name, Date.now());
			return inspect(name);
		},
		list: () => all.all().map(volumeOf),
		inspect,
		async remove(name) {
			const {path} = inspect(name);
			const holder = mounted.get(name);
			if (holder) throw errors.FORGE_VOLUME_MOUNTED({volume: name, container: String(holder.container)});
			// Moved away first: whatever interrupts the removal, a new volume of that name finds nothing of the old one.
			const away = join(removed, randomUUID());
			mkdirSync(path, {recursive: true, mode: 0o700});
			renameSync(path, away);
			forget.run(name);
			await rm(away, {recursive: true, force: true});
		},
		mount(container, names) {
			release.run(container);
			for (const name of names) mount.run(container, name, RUN);
		},
		release: container => void release.run(container),
	};
}
