export type {CellContext, CellHalf, HostInterface, OpenHalf, Server} from './half.ts';
export {always, Pollable, poll, type Readiness} from './poll.ts';
export {InputStream, IoError, OutputStream, type Sink, type Source} from './streams.ts';
