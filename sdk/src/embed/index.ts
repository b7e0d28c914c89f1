export {type Client, type Contract, contract, ForgeError, type Hook, hook} from '@forgeone/core';
export {type Embedded, embed, type PluginState} from './embed.ts';
export {type Offer, offer} from './offer.ts';
export type {EmbedOptions, Offered, PluginOptions} from './options.ts';
export type {PluginLimits} from './running.ts';
