import type {KernelTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** How this plugin is configured. */
export interface Config {
	/** The isolations that containers may have here; all that the machine has where it says nothing. */
	readonly isolations: readonly KernelTypes.Isolation[];
}

const all = ['inline', 'thread', 'process', 'sandbox'] as const;

/** Checks the configuration. Throws FORGE_RUNTIME_CONFIG. */
export function checkConfig(value: unknown = {}): Config {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw errors.FORGE_RUNTIME_CONFIG({reason: 'it is no object'});
	const {isolations = all, ...rest} = value as {readonly isolations?: unknown};
	const [unknown] = Object.keys(rest);
	if (unknown !== undefined) throw errors.FORGE_RUNTIME_CONFIG({reason: `it has no "${unknown}", only "isolations"`});
	const known = Array.isArray(isolations) && isolations.every(name => all.includes(name));
	if (!known) throw errors.FORGE_RUNTIME_CONFIG({reason: `"isolations" is not a list of ${all.join(', ')}`});
	return {isolations};
}
