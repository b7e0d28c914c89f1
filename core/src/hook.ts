import {AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook} from 'tapable';
import {type Contract, contract, type FunctionName} from './contract.ts';
import {contained} from './failure.ts';

/**
 * How the answers of several taps become one. `series`: one after the other, no answer. `parallel`: all at once, no answer.
 * `bail`: the first that is not undefined. `waterfall`: each gets the first argument as the one before left it.
 */
export type Mode = 'series' | 'parallel' | 'bail' | 'waterfall';

/** An extension point: a contract that the taps provide, any number of them, and a mode for each of its functions. */
export interface Hook<T = unknown> extends Contract<T> {
	readonly modes: {readonly [K in FunctionName<T>]: Mode};
}

/** What a tap gives, and what the one who opened the hook calls: an answer now or later. */
export type Handlers<T> = {
	readonly [K in FunctionName<T>]: T[K] extends (...args: infer A) => infer R ? (...args: A) => R | Promise<R> : never;
};

/** Declares a hook. Its functions take three arguments at most. */
export function hook<T>(id: string, modes: {readonly [K in FunctionName<T>]: Mode}): Hook<T> {
	return Object.freeze({...contract<T>(id, Object.keys(modes)), modes});
}

type Handler = (...args: readonly unknown[]) => unknown;

interface Tap {
	readonly plugin: string;
	readonly order: number;
	readonly handlers: Readonly<Record<string, Handler>>;
}

type Line = AsyncSeriesWaterfallHook<[unknown, unknown, unknown]>;

// Each has the same two methods that are used here; tapable types them by what they return.
const kinds = {
	series: AsyncSeriesHook,
	parallel: AsyncParallelHook,
	bail: AsyncSeriesBailHook,
	waterfall: AsyncSeriesWaterfallHook,
} as unknown as Readonly<Record<Mode, new (args: string[]) => Line>>;

const nobody: Readonly<Record<Mode, Handler>> = {
	series: () => undefined,
	parallel: () => undefined,
	bail: () => undefined,
	waterfall: first => first,
};

/** A verdict that says no falls through a waterfall untouched: no tap after it can lift it. */
function refused(value: unknown): boolean {
	return typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'refused';
}

/** One function of a hook: tapable compiles the taps there are into one function; with none there is nothing to run. */
function dispatcher(hook: Contract, name: string, mode: Mode, taps: readonly Tap[]): Handler {
	if (taps.length === 0) return nobody[mode];
	const line = new kinds[mode](['first', 'second', 'third']);
	for (const {plugin, handlers} of taps) {
		line.tapPromise(plugin, async (...args) => {
			if (refused(args[0])) return args[0];
			try {
				return await handlers[name]?.(...args);
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
	readonly call: Handlers<T>;
	/** The names of the plugins that tap it. */
	taps(): readonly string[];
	/** Taps in the name of `plugin`, in place of what it tapped before. */
	set(plugin: string, order: number, handlers: Handlers<T>): void;
	/** Ends the tap of `plugin`, if it is still this one. */
	clear(plugin: string, handlers: Handlers<T>): void;
}

/** Opens a hook inside a kernel. tapable knows no way to untap, so the line is made anew at each change. */
export function createPoint<T>(hook: Hook<T>): Point<T> {
	let taps: readonly Tap[] = [];
	const modes = Object.entries<Mode>(hook.modes);
	const lines: Record<string, Handler> = {};
	const call: Record<string, Handler> = {};
	const change = (next: readonly Tap[]) => {
		taps = next;
		for (const [name, mode] of modes) lines[name] = dispatcher(hook, name, mode, taps);
	};
	for (const [name] of modes) call[name] = (...args) => lines[name]?.(...args);
	change([]);
	return {
		// The functions were made from the hook's own modes, one for each.
		call: call as Handlers<T>,
		taps: () => taps.map(tap => tap.plugin),
		set(plugin, order, handlers) {
			const others = taps.filter(tap => tap.plugin !== plugin);
			const own = {plugin, order, handlers: handlers as Tap['handlers']};
			change([...others, own].sort((a, b) => a.order - b.order));
		},
		clear: (plugin, handlers) => change(taps.filter(tap => tap.plugin !== plugin || tap.handlers !== handlers)),
	};
}
