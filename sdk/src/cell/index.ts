export {type Call, CallCancelled, type Incoming, type Outgoing} from './call.ts';
export type {CellContext, CellHalf, Hosted, HostInterface, OpenHalf, Server, Usage} from './half.ts';
export {always, Bell, Pollable, poll, type Readiness, until} from './poll.ts';
export {sparing} from './sparing.ts';
export {InputStream, IoError, OutputStream, type Sink, type Source} from './streams.ts';
