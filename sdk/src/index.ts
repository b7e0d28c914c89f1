export * from '@forgeone/core';
export * from './contracts.ts';
export {type ConfigSchema, definePlugin} from './define.ts';
export {type Refused, refusals} from './refusals.ts';
