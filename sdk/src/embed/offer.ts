import {type AnyPlugin, type Contract, link, type Provider} from '@forgeone/core';

/** A contract that plugins may use, and what answers it. */
export interface Offer {
	readonly contract: Contract;
	/** The functions for the plugin of that name, which is a component now or not: one needs answers at once. */
	readonly provide: (plugin: string, component: () => boolean) => object;
}

/** Offers a contract of the program's own: by one object for all, or by a function that makes one for each plugin, by its name. */
export function offer<T>(contract: Contract<T>, provider: Provider<T> | ((plugin: string) => Provider<T>)): Offer {
	return {contract, provide: typeof provider === 'function' ? provider : () => provider};
}

/** The program in a plugin's kernel: as the one who calls, and as a plugin that provides. */
const HOST = 'host';
export const GATE = 'application';

/** Names that mean something else in the kernel of a plugin. */
export const reserved: readonly string[] = [HOST, GATE, 'kernel'];

/** Stands between a plugin and the program in the plugin's kernel: it provides what is offered, and allows nothing else. */
export function gateOf(plugin: string, component: () => boolean, offers: readonly Offer[]): AnyPlugin {
	return {
		name: GATE,
		provides: Object.fromEntries(offers.map(({contract}) => [contract.id, contract])),
		taps: [link],
		setup({hooks}) {
			hooks.tap(link, {
				decide(_, {consumer, provider}) {
					const allowed = consumer === HOST ? provider === plugin : provider === GATE;
					return allowed ? ({tag: 'allowed'} as const) : ({tag: 'refused', val: 'it was not offered'} as const);
				},
			});
			return Object.fromEntries(offers.map(({contract, provide}) => [contract.id, () => provide(plugin, component)]));
		},
	};
}
