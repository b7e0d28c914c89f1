import type {Contract} from './contract.ts';
import {errors} from './errors.ts';
import {contained, deadline, fatal, reasonOf} from './failure.ts';
import type {Handlers, Hook, Point} from './hook.ts';
import type {Identity} from './identity.ts';
import type {AnyPlugin, Context, Use} from './plugin.ts';
import type {Scope} from './scope.ts';

/** The functions of a provider, made for one caller. */
export type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

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
export interface Surroundings extends Omit<Context, 'hooks' | 'scope'> {
	readonly order: number;
	readonly identity: Identity;
	readonly uses: Readonly<Record<string, Use<unknown>>>;
	readonly scope: Scope;
	point<T>(hook: Hook<T>): Point<T>;
	/** How long `setup` may take, in milliseconds. */
	readonly patience: number;
}

type Factory = (caller: Identity) => Functions;

/** The factories that `setup` returned, by contract. Throws FORGE_PLUGIN_INCOMPLETE for one that is missing or lacks a function. */
function checked(returned: unknown, plugin: AnyPlugin, {name, identity}: Surroundings): ReadonlyMap<string, Factory> {
	const factories = new Map<string, Factory>();
	for (const [key, contract] of Object.entries<Contract>(plugin.provides ?? {})) {
		const factory = Object(returned)[key] as Factory | undefined;
		const incomplete = (missing: string) => errors.FORGE_PLUGIN_INCOMPLETE({plugin: name, contract: contract.id, missing});
		if (typeof factory !== 'function') throw incomplete(key);
		const functions = factory(identity);
		const missing = contract.functions.find(name => typeof functions?.[name] !== 'function');
		if (missing !== undefined) throw incomplete(missing);
		factories.set(contract.name, factory);
	}
	return factories;
}

function configured(plugin: AnyPlugin, value: unknown): unknown {
	return plugin.config ? plugin.config(value) : value;
}

/** Runs a plugin's `setup`. Where that fails, or takes too long, all that it began is undone and FORGE_PLUGIN_SETUP names it. */
export async function startGeneration(plugin: AnyPlugin, around: Surroundings): Promise<Generation> {
	const {name, order, scope, point} = around;
	const taps: [Point, Handlers<unknown>][] = [];
	const declared = (hooks: AnyPlugin['taps'], {id}: {readonly id: string}) => {
		if (!hooks?.some((known: Hook) => known.id === id)) throw errors.FORGE_PLUGIN_UNDECLARED({plugin: name, hook: id});
	};
	const hooks: Context['hooks'] = {
		tap(hook, handlers) {
			declared(plugin.taps, hook);
			taps.push([point(hook) as Point, handlers as Handlers<unknown>]);
		},
		call(hook) {
			declared(plugin.opens, hook);
			return point(hook).call;
		},
	};

	let factories: ReadonlyMap<string, Factory>;
	try {
		const setup = (async () => plugin.setup({...around, hooks, config: configured(plugin, around.config)}))();
		factories = checked(await deadline(setup, around.patience, `${name}#setup`), plugin, around);
	} catch (error) {
		await scope.close().catch(failure => around.log.error({err: failure}, 'could not undo a failed start'));
		if (!fatal(error)) throw contained(error, name, 'setup');
		throw errors.FORGE_PLUGIN_SETUP({plugin: name, reason: reasonOf(error)}, {cause: error});
	}

	const made = new WeakMap<Identity, Map<string, Functions>>();
	let inside = 0;
	let empty = () => {};
	scope.defer(() => {
		for (const [point, handlers] of taps) point.clear(name, handlers);
	});
	return {
		plugin,
		provider({id, name: contract}, caller) {
			const own = made.get(caller) ?? new Map<string, Functions>();
			made.set(caller, own);
			const functions = own.get(contract) ?? factories.get(contract)?.(caller);
			if (!functions) throw errors.FORGE_PLUGIN_INCOMPLETE({plugin: name, contract: id, missing: contract});
			own.set(contract, functions);
			return functions;
		},
		enter() {
			inside++;
			return () => {
				if (--inside === 0) empty();
			};
		},
		tap() {
			for (const [point, handlers] of taps) point.set(name, order, handlers);
		},
		async retire(milliseconds) {
			const drained = new Promise<void>(resolve => {
				empty = resolve;
				if (inside === 0) resolve();
			});
			await deadline(drained, milliseconds, `${name}#drain`).catch(error => around.log.warn({err: error}, 'calls were cut short'));
			await scope.close();
		},
	};
}
