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
	/** The provider of a contract for one caller: made once for each. */
	provider(contract: Contract, caller: Identity): Functions;
	/** Counts a call in; the function that it returns counts it out. */
	enter(): () => void;
	/** Taps its hooks, in place of the generation before. */
	tap(): void;
	/** Waits until no call is inside, `milliseconds` at most, and ends it. */
	retire(milliseconds: number): Promise<void>;
}

/** What the kernel gives to each plugin that it starts. */
export interface Surroundings extends Omit<Context, 'hooks'> {
	readonly order: number;
	readonly identity: Identity;
	readonly point: <T>(hook: Hook<T>) => Point<T>;
	/** How long `setup` may take, in milliseconds. */
	readonly patience: number;
}

function once(factory: Factory): Factory {
	const made = new WeakMap<Identity, Functions>();
	return caller => {
		const functions = made.get(caller) ?? factory(caller);
		made.set(caller, functions);
		return functions;
	};
}

/** The factories that `setup` returned, by contract. Throws FORGE_PLUGIN_INCOMPLETE for one that is missing or lacks a function. */
function factoriesOf(returned: unknown, {provides = {}}: AnyPlugin, {name, identity}: Surroundings): ReadonlyMap<string, Factory> {
	return new Map(
		Object.entries<Contract>(provides).map(([key, contract]) => {
			const factory = Object(returned)[key];
			const functions = typeof factory === 'function' ? factory(identity) : undefined;
			const missing = functions ? contract.functions.find(fn => typeof functions[fn] !== 'function') : key;
			if (missing !== undefined) throw errors.FORGE_PLUGIN_INCOMPLETE({plugin: name, contract: contract.id, missing});
			return [contract.key, once(factory)];
		}),
	);
}

/** Runs a plugin's `setup`. Where that fails, or takes too long, all that it began is undone and FORGE_PLUGIN_SETUP names it. */
export async function startGeneration(plugin: AnyPlugin, around: Surroundings): Promise<Generation> {
	const {name, order, point, log, patience, scope} = around;
	const taps: [point: Point, handlers: object][] = [];
	const declared = <T>(hooks: AnyPlugin['taps'], hook: Hook<T>): Point<T> => {
		if (hooks?.some(({id}: Hook) => id === hook.id)) return point(hook);
		throw errors.FORGE_PLUGIN_UNDECLARED({plugin: name, hook: hook.id});
	};
	const hooks: Context['hooks'] = {
		tap: (hook, handlers) => void taps.push([declared(plugin.taps, hook) as Point, handlers]),
		call: hook => declared(plugin.opens, hook).call,
	};
	let factories: ReadonlyMap<string, Factory>;
	try {
		const setup = Promise.try(() => plugin.setup({...around, hooks, config: plugin.config ? plugin.config(around.config) : around.config}));
		factories = factoriesOf(await deadline(setup, patience, `${name}#setup`), plugin, around);
	} catch (error) {
		await scope.close().catch(failure => log.error({err: failure}, 'could not undo a failed start'));
		if (!fatal(error)) throw contained(error, name, 'setup');
		throw errors.FORGE_PLUGIN_SETUP({plugin: name, reason: reasonOf(error)}, {cause: error});
	}
	scope.defer(() => {
		for (const [point, handlers] of taps) point.clear(name, handlers);
	});
	let inside = 0;
	const empty = Promise.withResolvers<void>();
	let leaving = false;
	return {
		plugin,
		// The kernel lets nobody in whose contract was not provided.
		provider: ({key}, caller) => (factories.get(key) as Factory)(caller),
		enter() {
			inside++;
			return () => {
				if (--inside === 0 && leaving) empty.resolve();
			};
		},
		tap() {
			for (const [point, handlers] of taps) point.set(name, order, handlers);
		},
		async retire(milliseconds) {
			leaving = true;
			if (inside === 0) empty.resolve();
			await deadline(empty.promise, milliseconds, `${name}#drain`).catch(error => log.warn({err: error}, 'calls were cut short'));
			await scope.close();
		},
	};
}
