import type {AnyPlugin, Contracts, Plugin} from '@forgeone/core';

/** A plugin as the kernel takes it. The function checks what `setup` returns against what is provided, and gives types to what it is handed. */
// biome-ignore lint/complexity/noBannedTypes: no contracts at all is what a plugin without `provides` or `uses` has.
export function definePlugin<P extends Contracts = {}, U extends Contracts = {}, C = undefined>(plugin: Plugin<P, U, C>): AnyPlugin {
	return plugin;
}
