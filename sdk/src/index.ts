export * from '@forgeone/core';
export * from './contracts.ts';
export {type ConfigSchema, definePlugin} from './define.ts';
export {packEntries, type StoreEntry, unpackEntries} from './entries.ts';
export {type Refused, refusals} from './refusals.ts';
