export * from '@forgeone/core';
export * from './contracts.ts';
export {definePlugin} from './define.ts';
export {type Refused, refusals} from './refusals.ts';
