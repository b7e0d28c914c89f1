import type {Identities, Link, Plugins} from '@forgeone/wasm';
import {contract} from './contract.ts';
import {hook} from './hook.ts';

/** Makes identities. */
export const identities = contract<typeof Identities>('forgeone:kernel/identities@0.1.0');

/** The plugins that run, and how to swap one. */
export const plugins = contract<typeof Plugins>('forgeone:kernel/plugins@0.1.0');

/** May this consumer call this provider? Whoever taps this is the root of trust, and starts first. */
export const link = hook<typeof Link>('forgeone:kernel/link@0.1.0', {decide: 'waterfall'});
