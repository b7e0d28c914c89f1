import {contract, type Handover, type Link, type Plugins, type Provider} from '@forgeone/wasm';
import {hook} from './hook.ts';
import type {Mint} from './identity.ts';
import type {AnyPlugin} from './plugin.ts';

/** Makes identities. */
export const identities = contract<Pick<Mint, 'mint'>>('forgeone:kernel/identities@0.1.0');

/** The plugins that run, and how to swap one. */
export const plugins = contract<typeof Plugins>('forgeone:kernel/plugins@0.1.0');

/** How the state of a plugin goes to the version that takes its place. The kernel alone calls it. */
export const handover = contract<typeof Handover>('forgeone:kernel/handover@0.1.0');

/** May this consumer call this provider? Whoever taps this is the root of trust, and starts first. */
export const link = hook<typeof Link>('forgeone:kernel/link@0.1.0', {decide: 'waterfall'});

/** The kernel's own contracts, provided the way every plugin provides. */
export function ownPlugin(name: string, view: Provider<typeof Plugins>, mint: Mint['mint']): AnyPlugin {
	return {name, provides: {identities, plugins}, opens: [link], setup: () => ({identities: () => ({mint}), plugins: () => view})};
}
