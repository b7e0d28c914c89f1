import {randomUUID} from 'node:crypto';
import {closeSync, constants, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync} from 'node:fs';
import {copyFile, open, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import {totalsOf} from './records.ts';
import {createLane} from './turns.ts';
import {RUN} from './volumes.ts';

/** How many names are listed at once. */
const PAGE = 100;

/** An object of a store: its bytes are in a file that never changes. */
export interface Blob {
	readonly name: string;
	readonly file: string;
	readonly size: number;
	/** Milliseconds since 1970. */
	readonly created: number;
}

/** A draft: bytes in a file that is no object's yet. */
export interface Written {
	readonly file: string;
	readonly size: number;
}

/** Objects in stores. What it says is written is on disk. */
export interface Blobs {
	/** Milliseconds since 1970 of when the store was made; undefined where there is none. */
	store(name: string): number | undefined;
	make(store: string): void;
	/** With all that is in it. */
	drop(store: string): Promise<void>;
	find(store: string, name: string): Blob | undefined;
	/** In byte order, from the first after `after`. */
	names(store: string, after: string): string[];
	/** How many objects it has, and their bytes. */
	totals(store: string): {readonly entries: number; readonly bytes: number};
	write(bytes: AsyncIterable<Uint8Array>): Promise<Written>;
	/** Makes a draft an object, in place of what had its name. */
	put(store: string, name: string, written: Written): Promise<void>;
	copy(of: Written): Promise<Written>;
	remove(store: string, names: readonly string[]): Promise<void>;
	/** Removes a draft. */
	forget(file: string): Promise<void>;
}

/** Opens the objects below `folder`. What a process that is gone left unfinished goes. */
export function openBlobs(database: DatabaseSync, folder: string): Blobs {
	const [root, drafts] = [join(folder, 'blobs'), join(folder, 'drafts')];
	for (const path of [root, drafts]) mkdirSync(path, {recursive: true, mode: 0o700});
	const select = database.prepare('SELECT created FROM blobstores WHERE name = ?');
	const insert = database.prepare('INSERT OR IGNORE INTO blobstores (name, created) VALUES (?, ?)');
	const remove = database.prepare('DELETE FROM blobstores WHERE name = ?');
	const find = database.prepare('SELECT file, size, created FROM blobs WHERE store = ? AND name = ?');
	const names = database.prepare('SELECT name FROM blobs WHERE store = ? AND name > ? ORDER BY name LIMIT ?');
	const put = database.prepare(
		`INSERT INTO blobs (store, name, file, size, created) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET file = excluded.file, size = excluded.size, created = excluded.created`,
	);
	const unlink = database.prepare('DELETE FROM blobs WHERE store = ? AND name = ?');
	const files = database.prepare('SELECT file FROM blobs');
	const known = new Set(files.all().map(({file}) => String(file)));
	for (const file of readdirSync(root)) if (!known.has(file)) rmSync(join(root, file), {force: true});
	// While one plugin is swapped for another, both write.
	for (const file of readdirSync(drafts)) if (!file.startsWith(RUN)) rmSync(join(drafts, file), {force: true});

	const slowly = createLane(1);

	const found = (store: string, name: string): Blob | undefined => {
		const row = find.get(store, Buffer.from(name));
		return row && {name, file: join(root, String(row.file)), size: Number(row.size), created: Number(row.created)};
	};
	const forget = (file: string) => rm(file, {force: true});

	/** Gives a draft its place among the objects, and makes sure that it is there before a record says so. */
	function settle(draft: string): string {
		const file = randomUUID();
		renameSync(draft, join(root, file));
		const folder = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
		try {
			fsyncSync(folder);
		} finally {
			closeSync(folder);
		}
		return file;
	}

	/** A new draft, which `fill` fills; its bytes are on disk when it returns. */
	async function fresh(fill: (file: string) => Promise<number>): Promise<Written> {
		const file = join(drafts, `${RUN}-${randomUUID()}`);
		try {
			return {file, size: await fill(file)};
		} catch (error) {
			await forget(file);
			throw error;
		}
	}

	async function removeAll(store: string, all: readonly string[]): Promise<void> {
		for (const name of all) {
			const blob = found(store, name);
			unlink.run(store, Buffer.from(name));
			if (blob) await forget(blob.file);
		}
	}

	const list = (store: string, after: string) =>
		names.all(store, Buffer.from(after), PAGE).map(({name}) => Buffer.from(name as Uint8Array).toString());

	return {
		store: name => select.get(name)?.created as number | undefined,
		make: store => void insert.run(store, Date.now()),
		async drop(store) {
			for (let all = list(store, ''); all.length > 0; all = list(store, '')) await removeAll(store, all);
			remove.run(store);
		},
		find: found,
		names: list,
		totals: totalsOf(database, 'blobs'),
		write: bytes =>
			fresh(async file => {
				const handle = await open(file, 'wx', 0o600);
				try {
					let size = 0;
					for await (const piece of bytes) {
						await handle.writeFile(piece);
						size += piece.length;
					}
					await slowly(() => handle.sync());
					return size;
				} finally {
					await handle.close();
				}
			}),
		async put(store, name, {file, size}) {
			const before = found(store, name);
			put.run(store, Buffer.from(name), settle(file), size, Date.now());
			if (before) await forget(before.file);
		},
		copy: of =>
			fresh(async file => {
				await slowly(() => copyFile(of.file, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE));
				const handle = await open(file, 'r+');
				try {
					await slowly(() => handle.sync());
				} finally {
					await handle.close();
				}
				return of.size;
			}),
		remove: removeAll,
		forget,
	};
}
