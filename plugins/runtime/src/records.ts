import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {reasonOf} from '@forgeone/core';
import type {Containers} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** The process that runs a container: its number, and when it started, since numbers come again. */
export interface Keeper {
	readonly pid: number;
	readonly since: string;
}

/** A container as it is on disk. */
export interface Row {
	readonly container: Containers.Container;
	/** Who runs it; undefined while it does not run. */
	readonly keeper: Keeper | undefined;
}

/** What is known of every container. What `save` was given is on disk when it returns. */
export interface Records {
	/** Throws FORGE_CONTAINER_NAME where another has the name. */
	save(row: Row): void;
	/** In the order in which they were made. */
	list(): Row[];
	/** By id, by the beginning of an id, or by name. Throws FORGE_CONTAINER_UNKNOWN, FORGE_CONTAINER_VAGUE. */
	find(reference: string): Row;
	remove(id: string): void;
	close(): void;
}

const numbers = new Set(['created', 'started', 'finished', 'memory', 'timeout']);

const encode = (row: Row): string => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value));

const decode = (text: string): Row =>
	JSON.parse(text, (key, value) => (numbers.has(key) && typeof value === 'number' ? BigInt(value) : value));

/** When a process started, in clock ticks since boot; undefined for one that is not there, or is dead and only waits to be buried. */
function startOf(pid: number): string | undefined {
	try {
		// proc(5) stat, from its third field on: the name before may hold spaces, and ends with the last parenthesis.
		const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
		return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
	} catch {
		return undefined;
	}
}

/** This process, as the keeper of what it runs. */
export const self: Keeper = {pid: process.pid, since: startOf(process.pid) ?? ''};

/** Whether the process is still there. */
export function alive({pid, since}: Keeper): boolean {
	return startOf(pid) === since;
}

/** Opens the records in a folder. Throws FORGE_STATE_UNWRITABLE. */
export function openRecords(folder: string): Records {
	let db: DatabaseSync;
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		db = new DatabaseSync(join(folder, 'records.sqlite'), {timeout: 5000});
		db.exec(`
			pragma journal_mode = wal;
			pragma synchronous = full;
			create table if not exists containers (id text primary key, name text not null unique, created integer not null, row text not null) strict;
		`);
	} catch (error) {
		throw errors.FORGE_STATE_UNWRITABLE({folder, reason: reasonOf(error)}, {cause: error});
	}
	const upsert = db.prepare(
		'insert into containers (id, name, created, row) values (?, ?, ?, ?) on conflict (id) do update set row = excluded.row',
	);
	const all = db.prepare('select row from containers order by created, rowid');
	const found = db.prepare("select row from containers where name = ?1 or id like ?1 || '%' order by name = ?1 desc, created limit 2");
	const erase = db.prepare('delete from containers where id = ?');
	const rowOf = (record: {readonly row?: unknown}): Row => decode(String(record.row));

	return {
		save(row) {
			const {id, name, created} = row.container;
			try {
				upsert.run(id, name, created, encode(row));
			} catch (error) {
				if (/UNIQUE/.test(reasonOf(error))) throw errors.FORGE_CONTAINER_NAME({name});
				throw errors.FORGE_STATE_UNWRITABLE({folder, reason: reasonOf(error)}, {cause: error});
			}
		},
		list: () => all.all().map(rowOf),
		find(reference) {
			const rows = /^[a-z0-9-]{1,63}$/.test(reference) ? found.all(reference).map(rowOf) : [];
			const [first, second] = rows;
			if (!first) throw errors.FORGE_CONTAINER_UNKNOWN({container: reference});
			const exact = first.container.name === reference || first.container.id === reference;
			if (second && !exact) throw errors.FORGE_CONTAINER_VAGUE({container: reference});
			return first;
		},
		remove: id => void erase.run(id),
		close: () => db.close(),
	};
}
