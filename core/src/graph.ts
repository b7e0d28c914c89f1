import type {Contract} from '@forgeone/wasm';
import {errors} from './errors.ts';
import type {AnyPlugin} from './plugin.ts';

type Plugins = ReadonlyMap<string, AnyPlugin>;

/** The order in which plugins start, of which the first `roots` are those that must run before anybody is trusted; and who provides what. */
export interface Plan {
	readonly order: readonly string[];
	readonly roots: number;
	/** The plugin that provides `contract` to `consumer`. Throws FORGE_GRAPH_MISSING, FORGE_GRAPH_VERSION. */
	providerOf(contract: Contract, consumer: string): string;
}

/** The contracts that a plugin provides, or uses. */
export const contractsOf = (list: AnyPlugin['provides']): readonly Contract[] => Object.values(list ?? {});

function providers(plugins: Plugins): ReadonlyMap<string, {readonly plugin: string; readonly contract: Contract}> {
	const found = new Map<string, {plugin: string; contract: Contract}>();
	for (const [plugin, {provides}] of plugins) {
		for (const contract of contractsOf(provides)) {
			const first = found.get(contract.key);
			if (first) throw errors.FORGE_GRAPH_TWICE({contract: contract.key, first: first.plugin, second: plugin});
			found.set(contract.key, {plugin, contract});
		}
	}
	return found;
}

/**
 * Plans a start: providers before their consumers, `roots` and what they need before all others, else as they came.
 * Throws FORGE_GRAPH_CYCLE, which names the circle, FORGE_GRAPH_TWICE, _MISSING and _VERSION, before anything starts.
 */
export function planStart(plugins: Plugins, roots: readonly string[]): Plan {
	const provided = providers(plugins);
	const order = new Set<string>();
	const path: string[] = [];

	function providerOf({id, key, name}: Contract, plugin: string): string {
		const found = provided.get(key);
		if (found) return found.plugin;
		const other = [...provided.values()].find(({contract}) => contract.name === name);
		if (!other) throw errors.FORGE_GRAPH_MISSING({plugin, contract: id});
		throw errors.FORGE_GRAPH_VERSION({plugin, contract: id, provider: other.plugin, provided: other.contract.id});
	}

	function visit(name: string): void {
		if (order.has(name)) return;
		const seen = path.indexOf(name);
		if (seen >= 0) throw errors.FORGE_GRAPH_CYCLE({path: [...path.slice(seen), name].join(' -> ')});
		path.push(name);
		for (const contract of contractsOf(plugins.get(name)?.uses)) visit(providerOf(contract, name));
		path.pop();
		order.add(name);
	}

	roots.forEach(visit);
	const {size} = order;
	for (const name of plugins.keys()) visit(name);
	return {order: [...order], roots: size, providerOf};
}
