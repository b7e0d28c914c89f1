import {randomUUID} from 'node:crypto';
import {mkdirSync, readdirSync, renameSync} from 'node:fs';
import {join} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import type {Volumes as Contract} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {createQuotas} from './quotas.ts';
import {removeAll} from './removal.ts';

/** One run of this process, also for a module that was loaded anew: a mount of an earlier run ended with it, one of a plugin that was swapped did not. */
export const RUN = `${process.pid}-${performance.timeOrigin}`;

/** The volumes of a state folder, and which container has which of them mounted. */
export interface Volumes {
	/** The one that is there, or a new one; a quota takes the place of the one it had. Throws FORGE_VOLUME_NAME. */
	create(name: string, quota?: Contract.Quota): Contract.Volume;
	/** By name. */
	list(): Contract.Volume[];
	/** With what it holds now. Throws FORGE_VOLUME_MISSING. */
	inspect(name: string): Promise<Contract.Volume>;
	/** With all that is in it. Throws FORGE_VOLUME_MISSING, FORGE_VOLUME_MOUNTED. */
	remove(name: string): Promise<void>;
	/** Notes that a container has these mounted, in place of what it had. */
	mount(container: string, names: readonly string[]): void;
	release(container: string): void;
	/** Grants a container what it asks for of a volume with a quota that it has mounted; of any other, nothing. */
	grant(container: string, name: string, asked: Contract.Usage, left: Contract.Usage): Promise<Contract.Usage>;
}

/** The most that SQLite counts to; no disk holds more. */
const MOST = 2n ** 63n - 1n;

const stored = (most: bigint | undefined): bigint | null => (most === undefined ? null : most > MOST ? MOST : most);

/** Throws FORGE_VOLUME_NAME for what is no name of a volume or a store; a name is never a path. */
export function checkName(name: string): void {
	if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) throw errors.FORGE_VOLUME_NAME({name});
}

/** Opens the volumes below `folder`. What a process that is gone was about to remove goes. */
export function openVolumes(database: DatabaseSync, folder: string): Volumes {
	const [root, removed] = [join(folder, 'volumes'), join(folder, 'removed')];
	for (const path of [root, removed]) mkdirSync(path, {recursive: true, mode: 0o700});
	database.prepare('DELETE FROM mounts WHERE run <> ?').run(RUN);
	const left = readdirSync(removed).filter(name => !name.startsWith(RUN));
	// What stays now goes at the next start.
	if (left.length > 0) void removeAll(...left.map(name => join(removed, name))).catch(() => undefined);
	const select = database.prepare('SELECT * FROM volumes WHERE name = ?');
	const all = database.prepare('SELECT * FROM volumes ORDER BY name');
	for (const statement of [select, all]) statement.setReadBigInts(true);
	const insert = database.prepare('INSERT OR IGNORE INTO volumes (name, created) VALUES (?, ?)');
	const bound = database.prepare('UPDATE volumes SET bytes = ?, inodes = ? WHERE name = ?');
	const forget = database.prepare('DELETE FROM volumes WHERE name = ?');
	const mounted = database.prepare('SELECT container FROM mounts WHERE volume = ? LIMIT 1');
	const mount = database.prepare('INSERT OR IGNORE INTO mounts (container, volume, run) VALUES (?, ?, ?)');
	const release = database.prepare('DELETE FROM mounts WHERE container = ?');

	const holds = database.prepare('SELECT 1 FROM mounts WHERE container = ? AND volume = ?');
	const quotas = createQuotas();

	const volumeOf = (row: Record<string, unknown>): Contract.Volume => {
		const {name, created, bytes, inodes} = row as {name: string; created: bigint; bytes: bigint | null; inodes: bigint | null};
		const quota = {...(bytes === null ? {} : {bytes}), ...(inodes === null ? {} : {inodes})};
		const used = quotas.known(name);
		return {name, created, path: join(root, name), quota, ...(used === undefined ? {} : {used})};
	};
	const find = (name: string) => {
		const row = select.get(name);
		if (!row) throw errors.FORGE_VOLUME_MISSING({volume: name});
		return volumeOf(row);
	};

	return {
		create(name, quota) {
			checkName(name);
			mkdirSync(join(root, name), {recursive: true, mode: 0o700});
			insert.run(name, Date.now());
			if (quota) bound.run(stored(quota.bytes), stored(quota.inodes), name);
			return find(name);
		},
		list: () => all.all().map(volumeOf),
		async inspect(name) {
			const volume = find(name);
			return {...volume, used: await quotas.count(volume)};
		},
		async remove(name) {
			const {path} = find(name);
			const holder = mounted.get(name);
			if (holder) throw errors.FORGE_VOLUME_MOUNTED({volume: name, container: String(holder.container)});
			// Moved away first: whatever interrupts the removal, a new volume of that name finds nothing of the old one.
			const away = join(removed, `${RUN}-${randomUUID()}`);
			mkdirSync(path, {recursive: true, mode: 0o700});
			renameSync(path, away);
			forget.run(name);
			quotas.forget(name);
			await removeAll(away);
		},
		mount(container, names) {
			release.run(container);
			for (const name of names) mount.run(container, name, RUN);
		},
		release(container) {
			release.run(container);
			quotas.release(container);
		},
		async grant(container, name, asked, left) {
			return holds.get(container, name) ? quotas.grant(find(name), container, asked, left) : {bytes: 0n, inodes: 0n};
		},
	};
}
