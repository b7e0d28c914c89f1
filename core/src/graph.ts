import {type Contract, compatible} from './contract.ts';
import {errors} from './errors.ts';
import type {AnyPlugin} from './plugin.ts';

/** Who provides what: found by the name of a contract, without its version. */
export type Providing = ReadonlyMap<string, {readonly plugin: string; readonly contract: Contract}>;

const contractsOf = (list: AnyPlugin['provides']): readonly Contract[] => Object.values(list ?? {});

/** Finds the provider of every contract. Throws FORGE_GRAPH_TWICE. */
export function providing(plugins: ReadonlyMap<string, AnyPlugin>): Providing {
	const found = new Map<string, {plugin: string; contract: Contract}>();
	for (const [plugin, {provides}] of plugins) {
		for (const contract of contractsOf(provides)) {
			const first = found.get(contract.name);
			if (first) throw errors.FORGE_GRAPH_TWICE({contract: contract.name, first: first.plugin, second: plugin});
			found.set(contract.name, {plugin, contract});
		}
	}
	return found;
}

/** The plugin that provides what `plugin` uses. Throws FORGE_GRAPH_MISSING, FORGE_GRAPH_VERSION. */
export function providerOf(contract: Contract, plugin: string, all: Providing): string {
	const found = all.get(contract.name);
	if (!found) throw errors.FORGE_GRAPH_MISSING({plugin, contract: contract.id});
	if (!compatible(found.contract.version, contract.version)) {
		throw errors.FORGE_GRAPH_VERSION({
			plugin,
			contract: contract.id,
			provider: found.plugin,
			provided: found.contract.id,
		});
	}
	return found.plugin;
}

/**
 * The order in which plugins start: providers before their consumers, `roots` and what they need before all others, else as they came.
 * Throws FORGE_GRAPH_CYCLE, which names the circle, and what `providing` and `providerOf` throw, before anything starts.
 */
export function startOrder(plugins: ReadonlyMap<string, AnyPlugin>, roots: readonly string[]): {order: string[]; rootCount: number} {
	const all = providing(plugins);
	const order: string[] = [];
	const path: string[] = [];
	const visit = (name: string): void => {
		if (order.includes(name)) return;
		if (path.includes(name)) {
			throw errors.FORGE_GRAPH_CYCLE({path: [...path.slice(path.indexOf(name)), name].join(' -> ')});
		}
		path.push(name);
		for (const contract of contractsOf(plugins.get(name)?.uses)) visit(providerOf(contract, name, all));
		path.pop();
		order.push(name);
	};
	roots.forEach(visit);
	const rootCount = order.length;
	for (const name of plugins.keys()) visit(name);
	return {order, rootCount};
}
