import {watch} from 'node:fs';
import {join, resolve} from 'node:path';
import {type Client, type Contract, createScope, type Hook} from '@forgeone/core';
import {nearest} from '../client/codec.ts';
import {errors} from '../errors.ts';
import {dispatch} from './dispatch.ts';
import type {EmbedOptions} from './options.ts';
import {createPlaces, type Place, type Places, told} from './places.ts';
import {type Running, startPlugin} from './running.ts';
import type {Source} from './source.ts';
import {type Subsystems, startSubsystems} from './subsystems.ts';

/** A plugin as it is now. */
export interface PluginState {
	readonly name: string;
	readonly file: string;
	readonly running: boolean;
	/** Why it does not run, or is not what its file has. */
	readonly reason?: string;
	/** The ids of the contracts that it provides. */
	readonly provides: readonly string[];
}

/** The plugins of a folder, in a program of somebody's own. */
export interface Embedded extends AsyncDisposable {
	/** All of them, by name. */
	list(): PluginState[];
	/** One of them: `plugin('acme').use(pricing).quote(100)`. Calls throw FORGE_EMBED_UNKNOWN, FORGE_EMBED_CONTRACT, FORGE_PLUGIN_*, FORGE_TIMEOUT. */
	plugin(name: string): {use<T>(contract: Contract<T>): Client<T>};
	/** Those that provide a contract, by name. */
	providers<T>(contract: Contract<T>): ReadonlyMap<string, Client<T>>;
	/** The functions of a hook, which reach all that provide it, in the order of their names, as its modes say. One that fails is told to `failed`, and passed over. */
	call<T>(hook: Hook<T>): Client<T>;
	/** Puts what is in a file, or in its own file by now, in the place of a plugin; its callers notice nothing. Throws where that fails; then it stays. */
	swap(name: string, file?: string): Promise<void>;
	/** Brings the plugins to what is in the folder: new files start, changed ones take over, what is gone stops. Throws FORGE_EMBED_FOLDER. */
	scan(): Promise<void>;
	/** Stops all. */
	stop(): Promise<void>;
}

/** How long a folder must be quiet before it is looked at, in milliseconds: files are written in pieces. */
const QUIET = 100;

/** A warning of the process, once for each plugin and code. */
function warner(): NonNullable<EmbedOptions['failed']> {
	const said = new Set<string>();
	return ({code, message}, plugin) => {
		if (said.has(`${plugin} ${code}`)) return;
		said.add(`${plugin} ${code}`);
		process.emitWarning(message, {type: 'ForgeOne', code});
	};
}

/** What starts a plugin with all that the options give to it. */
async function starter({limits, offers = [], plugins = {}, log, state}: EmbedOptions, {offerOf}: Subsystems) {
	const common = await Promise.all(offers.map(offerOf));
	return async (source: Source): Promise<Running> => {
		const own = Object.hasOwn(plugins, source.name) ? plugins[source.name] : undefined;
		return startPlugin(source, {
			limits: {...limits, ...own?.limits},
			offers: [...common, ...(await Promise.all((own?.offers ?? []).map(offerOf)))],
			config: own?.config,
			trusted: own?.trusted ?? false,
			log,
			state: state === undefined ? undefined : join(state, 'plugins'),
		});
	};
}

/** Looks at the folder whenever it has changed and is quiet again. Returns what ends that. */
function follow(folder: string, places: Places, log: EmbedOptions['log']): () => void {
	let timer: NodeJS.Timeout | undefined;
	const scan = () => void places.scan().catch(error => log?.error({err: error}, 'could not look at the folder of plugins'));
	const watcher = watch(folder, {persistent: false}, () => {
		clearTimeout(timer);
		timer = setTimeout(scan, QUIET).unref();
	});
	return () => {
		clearTimeout(timer);
		watcher.close();
	};
}

/** The place of a plugin. Throws FORGE_EMBED_UNKNOWN, with the name most like it. */
function placeOf({all}: Places, plugin: string): Place {
	const found = all.get(plugin);
	if (!found) throw errors.FORGE_EMBED_UNKNOWN({plugin, nearest: nearest(plugin, [...all.keys()]) ?? ''});
	return found;
}

/** The plugins as the program reaches them. */
function reach(places: Places, failed: NonNullable<EmbedOptions['failed']>): Pick<Embedded, 'list' | 'plugin' | 'providers' | 'call'> {
	const {all} = places;

	function clientOf<T>(name: string, contract: Contract<T>): Client<T> {
		const call = async (fn: string, args: readonly unknown[]) => {
			const {running, error} = placeOf(places, name);
			if (!running) throw error;
			return running.call(contract, fn, args);
		};
		const functions = contract.functions.map(fn => [fn, (...args: readonly unknown[]) => call(fn, args)]);
		// One function for each of the contract's own.
		return Object.fromEntries(functions) as Client<T>;
	}

	function providers<T>(contract: Contract<T>): Map<string, Client<T>> {
		const provides = (running: Running | undefined) => running?.provides().some(({key}) => key === contract.key);
		const names = [...all].flatMap(([name, {running}]) => (provides(running) ? [name] : []));
		return new Map(names.sort().map(name => [name, clientOf(name, contract)]));
	}

	return {
		list: () =>
			[...all].map(([name, {source, running, error}]) => ({
				name,
				file: source.file,
				running: false,
				...running?.status(),
				...(error && {reason: error.message}),
				provides: (running?.provides() ?? []).map(({id}) => id),
			})),
		plugin: name => ({use: contract => clientOf(name, contract)}),
		providers,
		call: hook =>
			dispatch(
				hook,
				() => providers(hook),
				(name, error) => failed(told(name, error), name),
			),
	};
}

/**
 * Runs the plugins that are in a folder inside of this program: `.wasm` components, and modules that are trusted; each with its limits, in a
 * kernel of its own, with nothing but what it is offered. One that is wrong is told to `failed`, and the others run. Throws
 * FORGE_EMBED_FOLDER.
 */
export async function embed(folder: string, options: EmbedOptions = {}): Promise<Embedded> {
	const {failed = warner(), log} = options;
	const scope = createScope('embed');
	try {
		const subsystems = await startSubsystems(options);
		scope.defer(() => subsystems.stop());
		const places = createPlaces(resolve(folder), await starter(options, subsystems), failed);
		scope.defer(() => places.stop());
		await places.scan();
		if (options.watch) scope.defer(follow(folder, places, log));
		return {
			...reach(places, failed),
			async swap(name, file) {
				const {source} = placeOf(places, name);
				await places.swap(name, resolve(file ?? source.file));
			},
			scan: places.scan,
			stop: scope.close,
			[Symbol.asyncDispose]: scope.close,
		};
	} catch (error) {
		await scope.close().catch(failure => log?.error({err: failure}, 'could not undo a failed start'));
		throw error;
	}
}
