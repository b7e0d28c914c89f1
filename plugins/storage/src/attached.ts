import type {DatabaseSync} from 'node:sqlite';
import type {RuntimeTypes} from '@forgeone/wasm';
import type {MountData} from './cell/index.ts';
import {RUN} from './volumes.ts';

/** What a container has here. */
interface Having {
	readonly mounts: readonly MountData[];
	readonly stores: readonly RuntimeTypes.Store[];
}

/** What containers have here, while they run. */
export interface Attached {
	/** In place of what it had. */
	put(container: string, having: Having): void;
	/** Nothing where it has nothing. */
	of(container: string): Having;
	/** Whether it may use a store. */
	may(container: string, kind: RuntimeTypes.StoreKind, name: string): boolean;
	release(container: string): void;
}

/** Keeps that in a database, so that it outlives a swap of the plugin. */
export function openAttached(database: DatabaseSync): Attached {
	database.prepare('DELETE FROM attached WHERE run <> ?').run(RUN);
	const insert = database.prepare('INSERT OR REPLACE INTO attached (container, has, run) VALUES (?, ?, ?)');
	const release = database.prepare('DELETE FROM attached WHERE container = ?');
	const find = database.prepare('SELECT has FROM attached WHERE container = ?');

	const of = (container: string): Having => {
		const row = find.get(container);
		return row ? JSON.parse(String(row.has)) : {mounts: [], stores: []};
	};
	return {
		put: (container, having) => void insert.run(container, JSON.stringify(having), RUN),
		of,
		may: (container, kind, name) => of(container).stores.some(store => store.kind === kind && store.name === name),
		release: container => void release.run(container),
	};
}
