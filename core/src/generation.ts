import {type Contract, reasonOf} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {contained, deadline, fatal} from './failure.ts';
import type {Hook, Point} from './hook.ts';
import type {Identity} from './identity.ts';
import type {AnyPlugin, Context} from './plugin.ts';

/** The functions of a provider, made for one caller. */
export type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

type Factory = (caller: Identity) => Functions;

/** One run of a plugin, from its setup to the end of its scope. A swap puts another in its place. */
export interface Generation {
	readonly plugin: AnyPlugin;
	/** The provider of a contract for one caller, made once for each; or the handlers of a hook. */
	provider(contract: Contract, caller: Identity): Functions;
	/** Counts a call in; the function that it returns counts it out. */
	enter(): () => void;
	/** Taps its hooks, in place of all that the generation before tapped; its handlers are reached by `call`, without which it taps none. */
	tap(call?: (hook: Contract, fn: string, caller: Identity, args: readonly unknown[]) => unknown): void;
	/** Waits until no call is inside, `milliseconds` at most, and ends it. */
	retire(milliseconds: number): Promise<void>;
}

/** What the kernel gives to each plugin that it starts. */
export interface Surroundings extends Omit<Context, 'hooks'> {
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
export async function startGeneration(plugin: AnyPlugin, around: Surroundings): Promise<Generation> {
	const {name, order, point, points, log, patience, scope, identity} = around;
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
	let factories: ReadonlyMap<string, Factory>;
	try {
		const setup = Promise.try(() => plugin.setup({...around, hooks, config: checkConfig(plugin, name, around.config)}));
		factories = factoriesOf(await deadline(setup, patience, `${name}#setup`), plugin, around);
	} catch (error) {
		await scope.close().catch(failure => log.error({err: failure}, 'could not undo a failed start'));
		if (!fatal(error)) throw contained(error, name, 'setup');
		throw errors.FORGE_PLUGIN_SETUP({plugin: name, reason: reasonOf(error)}, {cause: error});
	}
	let inside = 0;
	const empty = Promise.withResolvers<void>();
	let leaving = false;
	return {
		plugin,
		// The kernel lets nobody in whose contract was not provided.
		provider: ({key}, caller) => taps.get(key) ?? (factories.get(key) as Factory)(caller),
		enter() {
			inside++;
			return () => void (--inside === 0 && leaving && empty.resolve());
		},
		tap(call) {
			for (const [key, {hook, set}] of points) {
				set(name, order, call && taps.has(key) ? (fn, args) => call(hook, fn, identity, args) : undefined);
			}
		},
		async retire(milliseconds) {
			leaving = true;
			if (inside === 0) empty.resolve();
			await deadline(empty.promise, milliseconds, `${name}#drain`).catch(error => log.warn({err: error}, 'calls were cut short'));
			await scope.close();
		},
	};
}
