import {type Contract, contract, type FunctionsOf, type Provider} from '@forgeone/wasm';
import {AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook} from 'tapable';

/**
 * How the answers of several taps become one. `series`: one after the other, no answer. `parallel`: all at once, no answer.
 * `bail`: the first that is not undefined. `waterfall`: each gets the first argument as the one before left it, and what is tagged
 * `refused` or `answered` falls through untouched: that is the last word, which no other tap can lift.
 */
export type Dispatch = 'series' | 'parallel' | 'bail' | 'waterfall';

/** An extension point: a contract that the taps provide, any number of them, and a dispatch mode for each of its functions. */
export interface Hook<T = unknown> extends Contract<T> {
	readonly modes: {readonly [K in FunctionsOf<T>]: Dispatch};
	/** Instructions, about, that a component may run for one call of its tap; as for any other call where it says nothing. */
	readonly fuel: number | undefined;
}

/** Declares a hook. Its functions take three arguments at most; one that is called often gives its taps little `fuel`. */
export function hook<T>(id: string, modes: Hook<T>['modes'], fuel?: number): Hook<T> {
	return Object.freeze({...contract<T>(id, Object.keys(modes)), modes, fuel});
}

type Handler = (first: unknown, second: unknown, third: unknown) => unknown;

type Tap = {readonly plugin: string; readonly order: number; readonly call: (fn: string, args: readonly unknown[]) => Promise<unknown>};

// Each has the same two methods that are used here; tapable types them by what they return.
type Line = new (args: string[]) => AsyncSeriesWaterfallHook<[unknown, unknown, unknown]>;

const lines = {series: AsyncSeriesHook, parallel: AsyncParallelHook, bail: AsyncSeriesBailHook, waterfall: AsyncSeriesWaterfallHook};

/** One function of a hook: tapable compiles the taps there are into one function; with none there is nothing to run. */
function dispatcher(name: string, mode: Dispatch, taps: readonly Tap[]): Handler {
	if (taps.length === 0) return mode === 'waterfall' ? first => first : () => undefined;
	const line = new (lines[mode] as unknown as Line)(['first', 'second', 'third']);
	const settled = ({tag}: {readonly tag?: unknown}) => tag === 'refused' || tag === 'answered';
	for (const {plugin, call} of taps)
		line.tapPromise(plugin, (...args) => (settled(args[0] ?? {}) ? Promise.resolve(args[0]) : call(name, args)));
	// Asked for by name each time: tapable puts what it has compiled in the place of what compiles.
	return (first, second, third) => line.promise(first, second, third);
}

/** A hook inside one kernel: who taps it, and the functions that reach them. */
export interface Point<T = unknown> {
	readonly hook: Hook<T>;
	/** Calls the taps, in the order in which their plugins started. */
	readonly call: Provider<T>;
	/** Taps in the name of `plugin`, in place of what it tapped before; without a call it taps no more. */
	set(plugin: string, order: number, call: Tap['call'] | undefined): void;
	/** Calls `then` now, and whenever the first tap comes or the last one goes; what it returns ends that. */
	watch(then: (tapped: boolean) => void): () => void;
}

/** Opens a hook inside a kernel. tapable knows no way to untap, so each change makes the line anew. */
export function createPoint<T>(hook: Hook<T>): Point<T> {
	const functions = Object.entries<Dispatch>(hook.modes).map(([name, mode]) => ({name, mode, handler: dispatcher(name, mode, [])}));
	const watchers = new Set<(tapped: boolean) => void>();
	let taps: readonly Tap[] = [];
	const change = (next: readonly Tap[]) => {
		const turned = taps.length > 0 !== next.length > 0;
		taps = next;
		for (const one of functions) one.handler = dispatcher(one.name, one.mode, taps);
		if (turned) for (const watcher of watchers) watcher(taps.length > 0);
	};
	return {
		hook,
		call: Object.fromEntries(functions.map(one => [one.name, (...args: Parameters<Handler>) => one.handler(...args)])) as Provider<T>,
		set(plugin, order, call) {
			const others = taps.filter(tap => tap.plugin !== plugin);
			change([...others, ...(call ? [{plugin, order, call}] : [])].sort((a, b) => a.order - b.order));
		},
		watch(then) {
			watchers.add(then);
			then(taps.length > 0);
			return () => watchers.delete(then);
		},
	};
}
