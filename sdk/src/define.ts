import type {Contracts, Plugin} from '@forgeone/core';

/** A plugin as it is; the function only lets TypeScript infer the types of what it provides, uses and is configured by. */
// biome-ignore lint/complexity/noBannedTypes: no contracts at all is what a plugin without `provides` or `uses` has.
export function definePlugin<P extends Contracts = {}, U extends Contracts = {}, C = undefined>(plugin: Plugin<P, U, C>): Plugin<P, U, C> {
	return plugin;
}
