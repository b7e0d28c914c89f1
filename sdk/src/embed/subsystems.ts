import {type AnyPlugin, type Contract, createKernel, type Identity, identities, type Kernel, link} from '@forgeone/core';
import type {Offer} from './offer.ts';
import type {EmbedOptions, Offered} from './options.ts';

/** Subsystems are the program's own choice: all that they ask of each other is allowed. */
const open: AnyPlugin = {
	name: 'application',
	taps: [link],
	setup({hooks}) {
		hooks.tap(link, {decide: () => ({tag: 'allowed'}) as const});
		return {};
	},
};

/** The plugins behind offers that only name a contract. */
export interface Subsystems {
	/** The offer itself, or that of a contract which a subsystem provides. Throws FORGE_GRAPH_MISSING. */
	offerOf(offered: Offered): Promise<Offer>;
	stop(): Promise<void>;
}

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** Starts the subsystems; where there are none, nothing. */
export async function startSubsystems({subsystems = {}, state, log}: EmbedOptions): Promise<Subsystems> {
	const kernel: Kernel = createKernel({...(log && {log}), ...(state !== undefined && {state})});
	await kernel.boot({plugins: {...subsystems, [open.name]: open}});
	const mint = (await kernel.link(identities)).sync();
	const known = new Map<string, Identity>();

	/** Always the same object, since providers are made for each. */
	function identityOf(plugin: string): Identity {
		const identity = known.get(plugin) ?? (mint.mint('plugin', plugin) as Identity);
		known.set(plugin, identity);
		return identity;
	}

	async function bridge(contract: Contract): Promise<Offer> {
		const use = await kernel.link(contract);
		const provide: Offer['provide'] = (plugin, component) => {
			const identity = identityOf(plugin);
			const [now, later] = [use.sync(identity), use(identity)] as unknown as readonly [Functions, Functions];
			return Object.fromEntries(
				contract.functions.map(fn => [fn, (...args: readonly unknown[]) => (component() ? now : later)[fn]?.(...args)]),
			);
		};
		return {contract, provide};
	}

	return {
		offerOf: async offered => ('provide' in offered ? offered : bridge(offered)),
		stop: () => kernel.stop(),
	};
}
