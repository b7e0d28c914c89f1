import {type Contract, checkVersions, contract, digest, type Extern, type Limits, load} from '@forgeone/wasm';
import {errors} from './errors.ts';
import type {Functions} from './generation.ts';
import type {Hook} from './hook.ts';
import type {Identity} from './identity.ts';
import type {AnyPlugin, Contracts, Hooks, Refuse, Use} from './plugin.ts';

/** What a component that runs in the kernel's own thread may have where nobody says; the fuel is for each call, about a second's worth. */
const usual = {memoryBytes: 2 ** 26, hostCallBytes: 2 ** 24, instances: 64, memories: 8, handles: 1024, fuel: 1_000_000_000};

/** What the kernel itself answers: on whose behalf a component is called, and its configuration. */
const CALLER = 'forgeone:kernel/caller';
const CONFIG = 'wasi:config/store';

/** The interfaces among `externs` that have functions, as contracts by their id. */
function contractsOf(externs: readonly Extern[], source: string): Contracts {
	const outside = externs.find(({kind}) => kind !== 'instance');
	if (outside) throw errors.FORGE_PLUGIN_INVALID({source, reason: `"${outside.name}" is outside of any interface`});
	return Object.fromEntries(externs.flatMap(({name, functions = []}) => (functions.length > 0 ? [[name, contract(name, functions)]] : [])));
}

/** The configuration of a component, as what it imports to read it: strings, by their keys; none at all where it imports nothing of the kind. */
function settings(reads: boolean, refuse: Refuse, value: unknown = {}): Functions {
	if (Object(value) !== value || Array.isArray(value)) refuse('', 'it is not of type object');
	const given = new Map(Object.entries(value as object));
	const [wrong] = [...given].find(([, text]) => !reads || typeof text !== 'string') ?? [];
	if (wrong !== undefined) refuse(wrong, reads ? 'it is not of type string' : `the component does not import ${CONFIG}`);
	return {get: key => given.get(String(key)), getAll: () => [...given]};
}

/**
 * A component as a plugin. It needs no manifest: what it imports is what it uses, what it exports is what it provides, or taps where it is
 * one of `hooks`. What it uses it uses in its own name. What `given` names takes the place of its usual limits. Throws
 * FORGE_PLUGIN_INVALID where it has functions outside of any interface only, FORGE_CONTRACT_VERSION, FORGE_COMPONENT_*.
 */
export async function componentPlugin(source: string, bytes: Uint8Array, hooks: Hooks, given: Limits): Promise<AnyPlugin> {
	const component = await load(bytes, {metered: true});
	const names = [...component.imports, ...component.exports].map(({name}) => name);
	checkVersions(source, names);
	const limits = {...usual, ...given};
	const {[`${CALLER}@0.1.0`]: _, [`${CONFIG}@0.2.0-rc.1`]: reads, ...uses} = contractsOf(component.imports, source);
	const schema = {type: 'object', additionalProperties: reads ? {type: 'string'} : false};
	const interfaces = component.exports.filter(({kind}) => kind === 'instance');
	// A function beside its interfaces is nobody's to call: an engine may leave one there.
	const exported = Object.values(contractsOf(interfaces.length > 0 ? interfaces : component.exports, source));
	const taps = hooks.filter(hook => exported.some(({key}) => key === hook.key));
	const provided = exported.filter(({key}) => !taps.some(hook => hook.key === key));
	return {
		name: source,
		implementation: 'component',
		artefact: {digest: `sha256:${digest(bytes)}`, memory: BigInt(limits.memoryBytes), fuel: BigInt(limits.fuel)},
		provides: Object.fromEntries(provided.map(contract => [contract.id, contract])),
		uses,
		taps,
		config: Object.assign((value: unknown, refuse: Refuse) => settings(reads !== undefined, refuse, value), {schema}),
		async setup({uses: links, hooks, scope, config}) {
			let acting: {readonly identity?: Identity | undefined; readonly number: number} | undefined;
			let callers = 0;
			const caller = {current: () => acting?.identity, number: () => acting?.number};
			const imports: Record<string, Functions> = {[CALLER]: caller, [CONFIG]: config};
			for (const [id, use] of Object.entries<Use<unknown>>(links)) imports[id] = use.sync() as Functions;
			const instance = await component.instantiate(imports, limits);
			scope.defer(() => instance.dispose());
			const provider = (contract: Contract & Partial<Hook>) => (identity?: Identity) => {
				const functions = instance.interface(contract.id) as Functions;
				const fuel = given.fuel ?? contract.fuel ?? usual.fuel;
				const who = {identity, number: callers++};
				const guarded = (call: Functions[string] | undefined): Functions[string] => {
					return (...args) => {
						// Where it is inside already it refuses, at the cost and in the name of who called first.
						if (acting) return call?.(...args);
						instance.fuel = fuel;
						acting = who;
						try {
							return call?.(...args);
						} finally {
							acting = undefined;
						}
					};
				};
				return Object.fromEntries(contract.functions.map(fn => [fn, guarded(functions[fn])]));
			};
			for (const hook of taps) hooks.tap(hook, provider(hook)());
			return Object.fromEntries(provided.map(contract => [contract.id, provider(contract)]));
		},
	};
}
