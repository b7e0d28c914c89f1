import type {Component, Extern} from '@forgeone/wasm';
import {type Contract, contract} from './contract.ts';
import {errors} from './errors.ts';
import type {Identity} from './identity.ts';
import type {AnyPlugin, Contracts, Hooks, Use} from './plugin.ts';

/** What a component that runs in the kernel's own thread may have at most. */
const limits = {memoryBytes: 64 * 1024 * 1024, instances: 64, memories: 8, handles: 1024};

const CALLER = 'forgeone:kernel/caller';

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** The interfaces among `externs` that have functions, as contracts by their id. */
function contractsOf(externs: readonly Extern[], source: string): Contracts {
	const found: Record<string, Contract> = Object.create(null);
	for (const {name, kind, functions = []} of externs) {
		if (kind !== 'instance') throw errors.FORGE_PLUGIN_INVALID({source, reason: `"${name}" is outside of any interface`});
		if (functions.length > 0) found[name] = contract(name, functions);
	}
	return found;
}

/** The functions of a contract, as a component imports them: answered at once, and called in the component's own name. */
function answering(use: Use<Functions>, names: readonly string[]): Functions {
	return Object.fromEntries(names.map(name => [name, (...args: readonly unknown[]) => use.sync()[name]?.(...args)]));
}

/**
 * A component as a plugin. It needs no manifest: what it imports is what it uses, what it exports is what it provides, or taps where it is
 * one of `hooks`. Throws FORGE_PLUGIN_INVALID for functions outside of an interface.
 */
export function componentPlugin(source: string, component: Component, hooks: Hooks): AnyPlugin {
	const uses = contractsOf(
		component.imports.filter(({name}) => !name.startsWith(`${CALLER}@`)),
		source,
	);
	const exported = Object.values(contractsOf(component.exports, source));
	const taps = hooks.filter(hook => exported.some(({name}) => name === hook.name));
	const provides = Object.fromEntries(
		exported.filter(({name}) => !taps.some(hook => hook.name === name)).map(contract => [contract.id, contract]),
	);

	return {
		name: source,
		implementation: 'component',
		provides,
		uses,
		taps,
		async setup(context) {
			let caller: Identity | undefined;
			const imports: Record<string, Functions> = Object.create(null);
			imports[CALLER] = {current: () => caller};
			for (const [id, {functions}] of Object.entries<Contract>(uses)) {
				const use = context.uses[id] as Use<Functions> | undefined;
				if (use) imports[id] = answering(use, functions);
			}
			const instance = await component.instantiate(imports, limits);
			context.scope.defer(() => instance.dispose());

			const functionsOf = ({name}: Contract) => (instance.interface(name) ?? {}) as Functions;
			for (const hook of taps) context.hooks.tap(hook, functionsOf(hook));
			const provider = (contract: Contract) => (identity: Identity) => {
				const functions = functionsOf(contract);
				const inName =
					(name: string) =>
					(...args: readonly unknown[]) => {
						const before = caller;
						caller = identity;
						try {
							return functions[name]?.(...args);
						} finally {
							caller = before;
						}
					};
				return Object.fromEntries(contract.functions.map(name => [name, inName(name)]));
			};
			return Object.fromEntries(Object.entries(provides).map(([id, contract]) => [id, provider(contract)]));
		},
	};
}
