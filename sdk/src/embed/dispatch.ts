import type {Client, Dispatch, Hook} from '@forgeone/core';

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** How the calls of several plugins become one; each resolves, whatever the plugin does. */
const modes: Readonly<Record<Dispatch, (calls: readonly Call[], args: readonly unknown[]) => Promise<unknown>>> = {
	async series(calls, args) {
		for (const call of calls) await call(...args);
	},
	async parallel(calls, args) {
		await Promise.all(calls.map(call => call(...args)));
	},
	async bail(calls, args) {
		for (const call of calls) {
			const answer = await call(...args);
			if (answer !== undefined) return answer;
		}
		return undefined;
	},
	async waterfall(calls, [first, ...others]) {
		let value = first;
		for (const call of calls) if (Object(value).tag !== 'refused') value = await call(value, ...others);
		return value;
	},
};

/**
 * The functions of a hook, each of which calls all of `taps` as its mode says. A tap that fails is told to `failed` with its name, and
 * passed over: in a waterfall the value goes on as it was.
 */
export function dispatch<T>(
	{modes: how}: Hook<T>,
	taps: () => Iterable<readonly [name: string, client: Client<T>]>,
	failed: (name: string, error: unknown) => void,
): Client<T> {
	const functions = Object.entries<Dispatch>(how).map(([fn, mode]) => {
		const callOf =
			([name, client]: readonly [string, Client<T>]): Call =>
			(...args) =>
				(client as unknown as Readonly<Record<string, Call>>)[fn]?.(...args).catch(error => {
					failed(name, error);
					return mode === 'waterfall' ? args[0] : undefined;
				}) ?? Promise.resolve();
		return [fn, (...args: readonly unknown[]) => modes[mode]([...taps()].map(callOf), args)];
	});
	// One function for each of the hook's own.
	return Object.fromEntries(functions) as Client<T>;
}
