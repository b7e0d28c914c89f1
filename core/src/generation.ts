import {type Contract, reasonOf} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {contained, deadline, fatal} from './failure.ts';
import type {Hook, Point} from './hook.ts';
import type {Identity} from './identity.ts';
import {handover} from './own.ts';
import type {AnyPlugin, Context, Found} from './plugin.ts';
import {Work} from './work.ts';

/** The functions of a provider, made for one caller. */
export type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** What is called, by whom, with what. */
export type Call = [contract: Contract, fn: string, caller: Identity, args: readonly unknown[]];

type Factory = (caller: Identity) => Functions;

/** One run of a plugin, from its setup to the end of its scope. A swap puts another in its place. */
export interface Generation {
	readonly found: Found;
	/** Whether it hands over what it keeps. */
	readonly stateful: boolean;
	/** The provider of a contract for one caller, made once for each; or the handlers of a hook. */
	provider(contract: Contract, caller: Identity): Functions;
	/** Calls that it answers later. */
	readonly inside: Work;
	/** Taps its hooks, in place of all that the generation before tapped; its handlers are reached by `call`, without which it taps none. */
	tap(call?: (...wanted: Call) => Promise<unknown>): void;
	/** Ends it once nobody is inside, or after `milliseconds`. */
	retire(milliseconds: number): Promise<void>;
}

/** What the kernel gives to each plugin that it starts. */
export interface Surroundings extends Omit<Context, 'hooks' | 'config'> {
	readonly order: number;
	readonly identity: Identity;
	readonly point: <T>(hook: Hook<T>) => Point<T>;
	/** All that there are, by their keys. */
	readonly points: ReadonlyMap<string, Point>;
	/** How long `setup` may take, in milliseconds. */
	readonly patience: number;
}

/** The configuration of a plugin that has this name, checked, as `setup` gets it. Throws FORGE_PLUGIN_CONFIG. */
export function checkConfig({config: check = value => value}: AnyPlugin, plugin: string, value: unknown): unknown {
	return check(value, (where, reason, remedy = 'correct it') => {
		throw errors.FORGE_PLUGIN_CONFIG({where: `plugins.${plugin}.config${where && '.'}${where}`, plugin, reason, remedy});
	});
}

/** The factories that `setup` returned, by contract. Throws FORGE_PLUGIN_INCOMPLETE for one that is missing or lacks a function. */
function factoriesOf(returned: unknown, {provides = {}}: AnyPlugin, {name, identity}: Surroundings): ReadonlyMap<string, Factory> {
	return new Map(
		Object.entries<Contract>(provides).map(([key, contract]) => {
			const factory = Object(returned)[key];
			const functions = typeof factory === 'function' ? factory(identity) : undefined;
			const missing = functions ? contract.functions.find(fn => typeof functions[fn] !== 'function') : key;
			if (missing !== undefined) throw errors.FORGE_PLUGIN_INCOMPLETE({plugin: name, contract: contract.id, missing});
			const made = new WeakMap<Identity, Functions>();
			return [contract.key, caller => made.getOrInsertComputed(caller, factory)];
		}),
	);
}

/** Runs a plugin's `setup`. Where that fails, or takes too long, all that it began is undone and FORGE_PLUGIN_SETUP names it. */
export async function startGeneration(found: Found, around: Surroundings): Promise<Generation> {
	const {plugin, config, name, order, point, points, log, patience, scope, identity} = {...found, ...around};
	const taps = new Map<string, Functions>();
	const declared = <T>(hooks: AnyPlugin['taps'], hook: Hook<T>): Point<T> => {
		if (hooks?.some(({id}: Hook) => id === hook.id)) return point(hook);
		throw errors.FORGE_PLUGIN_UNDECLARED({plugin: name, hook: hook.id});
	};
	const hooks: Context['hooks'] = {
		// A hook's handlers are functions, of whatever types.
		tap: (hook, handlers) => void (declared(plugin.taps, hook) && taps.set(hook.key, handlers as unknown as Functions)),
		call: hook => declared(plugin.opens, hook).call,
		watch: (hook, then) => scope.defer(declared(plugin.opens, hook).watch(then)),
	};
	const setup = async () => factoriesOf(await plugin.setup({...around, hooks, config: checkConfig(plugin, name, config)}), plugin, around);
	const factories = await deadline(setup(), patience, `${name}#setup`).catch(async error => {
		await scope.close().catch(failure => log.error({err: failure}, 'could not undo a failed start'));
		if (!fatal(error)) throw contained(error, name, 'setup');
		throw errors.FORGE_PLUGIN_SETUP({plugin: name, reason: reasonOf(error)}, {cause: error});
	});
	const inside = new Work();
	return {
		found,
		stateful: factories.has(handover.key),
		// The kernel lets nobody in whose contract was not provided.
		provider: ({key}, caller) => taps.get(key) ?? (factories.get(key) as Factory)(caller),
		inside,
		tap(call) {
			for (const [key, {hook, set}] of points)
				set(name, order, call && taps.has(key) ? (fn, args) => call(hook, fn, identity, args) : undefined);
		},
		async retire(milliseconds) {
			await deadline(inside.idle(), milliseconds, `${name}#drain`).catch(error => log.warn({err: error}, 'calls were cut short'));
			await scope.close();
		},
	};
}
