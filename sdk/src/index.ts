export * from '@forgeone/core';
export * from './contracts.ts';
export {definePlugin} from './define.ts';
