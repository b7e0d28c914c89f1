export * from '@forgeone/core';
export type {CellContext, CellHalf, HostInterface, OpenHalf, Server} from './cell/half.ts';
export {always, Pollable, poll, type Readiness} from './cell/poll.ts';
export {InputStream, IoError, OutputStream, type Sink, type Source} from './cell/streams.ts';
export * from './contracts.ts';
export {definePlugin} from './define.ts';
