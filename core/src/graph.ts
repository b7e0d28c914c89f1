import type {Contract} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {handover} from './own.ts';
import type {AnyPlugin, Found} from './plugin.ts';

/** The contracts that a plugin provides, or uses. */
export const contractsOf = (list: AnyPlugin['provides']): readonly Contract[] => Object.values(list ?? {});

/** Who provides what to others. A hand-over is for the kernel alone. */
function providers(plugins: ReadonlyMap<string, AnyPlugin>): ReadonlyMap<string, {readonly plugin: string; readonly contract: Contract}> {
	const found = new Map<string, {plugin: string; contract: Contract}>();
	for (const [plugin, {provides}] of plugins) {
		for (const contract of contractsOf(provides).filter(({key}) => key !== handover.key)) {
			const first = found.get(contract.key);
			if (first) throw errors.FORGE_GRAPH_TWICE({contract: contract.key, first: first.plugin, second: plugin});
			found.set(contract.key, {plugin, contract});
		}
	}
	return found;
}

/**
 * Plans a start: in which `order`, providers before their consumers, `roots` and what they need before all others, which are so many, else as
 * they came; and who is the `providerOf` a contract to a consumer. Throws FORGE_GRAPH_CYCLE, which names the circle, FORGE_GRAPH_TWICE, _MISSING and _VERSION, before anything starts.
 */
export function planStart(plugins: ReadonlyMap<string, AnyPlugin>, roots: readonly string[]) {
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

/** Throws FORGE_SWAP_CONTRACT where what was found does not provide all that the plugin does whose place it is to take. */
export function checkSwap(name: string, {provides}: AnyPlugin, {plugin, source = plugin.name}: Found): void {
	const offered = contractsOf(plugin.provides);
	const lost = contractsOf(provides).find(({key}) => !offered.some(contract => contract.key === key));
	if (!lost) return;
	const other = offered.find(contract => contract.name === lost.name);
	throw errors.FORGE_SWAP_CONTRACT({plugin: name, contract: lost.id, source, instead: other ? `provides "${other.id}"` : 'does not'});
}
