import {type Contract, contract, type FunctionsOf, type Provider} from '@forgeone/wasm';
import {AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook} from 'tapable';
import {contained} from './failure.ts';

/**
 * How the answers of several taps become one. `series`: one after the other, no answer. `parallel`: all at once, no answer.
 * `bail`: the first that is not undefined. `waterfall`: each gets the first argument as the one before left it, and what is tagged
 * `refused` falls through untouched, so that no tap can lift the refusal of another.
 */
export type Dispatch = 'series' | 'parallel' | 'bail' | 'waterfall';

/** An extension point: a contract that the taps provide, any number of them, and a dispatch mode for each of its functions. */
export interface Hook<T = unknown> extends Contract<T> {
	readonly modes: {readonly [K in FunctionsOf<T>]: Dispatch};
}

/** Declares a hook. Its functions take three arguments at most. */
export function hook<T>(id: string, modes: Hook<T>['modes']): Hook<T> {
	return Object.freeze({...contract<T>(id, Object.keys(modes)), modes});
}

type Handler = (...args: readonly unknown[]) => unknown;

interface Tap {
	readonly plugin: string;
	readonly order: number;
	readonly handlers: object;
}

// Each has the same two methods that are used here; tapable types them by what they return.
const lines = {
	series: AsyncSeriesHook,
	parallel: AsyncParallelHook,
	bail: AsyncSeriesBailHook,
	waterfall: AsyncSeriesWaterfallHook,
} as unknown as Readonly<Record<Dispatch, new (args: string[]) => AsyncSeriesWaterfallHook<[unknown, unknown, unknown]>>>;

/** One function of a hook: tapable compiles the taps there are into one function; with none there is nothing to run. */
function dispatcher(hook: Contract, name: string, mode: Dispatch, taps: readonly Tap[]): Handler {
	if (taps.length === 0) return mode === 'waterfall' ? first => first : () => undefined;
	const line = new lines[mode](['first', 'second', 'third']);
	for (const {plugin, handlers} of taps) {
		line.tapPromise(plugin, async (first, ...others) => {
			if (Object(first).tag === 'refused') return first;
			try {
				return await (handlers as Readonly<Record<string, Handler>>)[name]?.(first, ...others);
			} catch (error) {
				throw contained(error, plugin, `${hook.name}#${name}`);
			}
		});
	}
	return line.promise.bind(line) as Handler;
}

/** A hook inside one kernel: who taps it, and the functions that reach them. */
export interface Point<T = unknown> {
	/** Calls the taps, in the order in which their plugins started. */
	readonly call: Provider<T>;
	/** Taps in the name of `plugin`, in place of what it tapped before. */
	set(plugin: string, order: number, handlers: object): void;
	/** Ends the tap of `plugin`, if it is still this one. */
	clear(plugin: string, handlers: object): void;
}

/** Opens a hook inside a kernel. tapable knows no way to untap, so each change makes the line anew. */
export function createPoint<T>(hook: Hook<T>): Point<T> {
	const modes = Object.entries<Dispatch>(hook.modes);
	const current: Record<string, Handler> = {};
	let taps: readonly Tap[] = [];
	const change = (next: readonly Tap[]) => {
		taps = next;
		for (const [name, mode] of modes) current[name] = dispatcher(hook, name, mode, taps);
	};
	change([]);
	return {
		// One function for each of the hook's own.
		call: Object.fromEntries(modes.map(([name]) => [name, (...args: unknown[]) => current[name]?.(...args)])) as Provider<T>,
		set(plugin, order, handlers) {
			const others = taps.filter(tap => tap.plugin !== plugin);
			change([...others, {plugin, order, handlers}].sort((a, b) => a.order - b.order));
		},
		clear: (plugin, handlers) => change(taps.filter(tap => tap.plugin !== plugin || tap.handlers !== handlers)),
	};
}
