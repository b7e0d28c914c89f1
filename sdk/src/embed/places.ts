import {ForgeError, reasonOf} from '@forgeone/core';
import {errors} from '../errors.ts';
import type {Running} from './running.ts';
import {digestOf, type Source, sourcesOf} from './source.ts';

/** The place of a plugin: what runs in it, and what was wrong with the last that should. */
export interface Place {
	readonly source: Source;
	/** What its file in the folder had. */
	readonly seen: string;
	readonly running: Running | undefined;
	readonly error?: ForgeError;
}

/** Whatever was thrown, as one line that names the plugin, with the code it had. */
export function told(plugin: string, error: unknown): ForgeError {
	const reason = reasonOf(error);
	if (!(error instanceof ForgeError)) return errors.FORGE_EMBED_FAILED({plugin, reason}, {cause: error});
	const {code, kind, remedy} = error;
	if (['FORGE_GRAPH_MISSING', 'FORGE_LINK_REFUSED'].includes(code)) return errors.FORGE_EMBED_OFFER({plugin, reason}, {cause: error});
	const message = reason.includes(`"${plugin}"`) ? reason : `plugin "${plugin}": ${reason}`;
	return new ForgeError(code, kind, message, remedy, {cause: error});
}

/** The plugins of a folder, by name. Changes take turns. */
export interface Places {
	readonly all: ReadonlyMap<string, Place>;
	/** Puts what a file has in a place that is there, or starts it. Throws where it can not; then what runs stays. */
	swap(name: string, file: string): Promise<void>;
	/** Brings them to what is in the folder. Throws FORGE_EMBED_FOLDER. */
	scan(): Promise<void>;
	stop(): Promise<void>;
}

/** Makes the places of a folder, with nothing in them yet. What `scan` can not start or stop is told to `failed`. */
export function createPlaces(
	folder: string,
	start: (source: Source) => Promise<Running>,
	failed: (error: ForgeError, plugin: string) => void,
): Places {
	const all = new Map<string, Place>();
	let turn: Promise<unknown> = Promise.resolve();

	function inTurn<T>(work: () => Promise<T>): Promise<T> {
		const done = turn.then(work);
		turn = done.catch(() => undefined);
		return done;
	}

	async function put(source: Source, seen: string): Promise<void> {
		const {name} = source;
		const there = all.get(name);
		try {
			await there?.running?.replace(source);
			all.set(name, {source, seen, running: there?.running ?? (await start(source))});
		} catch (thrown) {
			const error = told(name, thrown);
			all.set(name, {source: there?.running ? there.source : source, seen, running: there?.running, error});
			throw error;
		}
	}

	async function end(name: string): Promise<void> {
		const {running} = all.get(name) ?? {};
		all.delete(name);
		await running?.stop();
	}

	return {
		all,
		swap: (name, file) => inTurn(() => put({name, file}, all.get(name)?.seen ?? '')),
		scan: () =>
			inTurn(async () => {
				const sources = new Map((await sourcesOf(folder)).map(source => [source.name, source]));
				for (const name of all.keys()) if (!sources.has(name)) await end(name).catch(error => failed(told(name, error), name));
				for (const [name, source] of sources) {
					const seen = `${source.file} ${await digestOf(source.file).catch(reasonOf)}`;
					if (all.get(name)?.seen !== seen) await put(source, seen).catch(error => failed(error, name));
				}
			}),
		stop: () =>
			inTurn(async () => {
				const ended = await Promise.allSettled([...all.keys()].map(end));
				const failure = ended.find(({status}) => status === 'rejected') as PromiseRejectedResult | undefined;
				if (failure) throw failure.reason;
			}),
	};
}
