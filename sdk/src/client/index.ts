export type {ErrorCode} from '../generated/error-codes.ts';
export {decode, type Mismatch, nearest, parse, similar, stringify} from './codec.ts';
export {connect, type Information} from './connect.ts';
export {type Engine, follow} from './engine.ts';
export {hasCode} from './failures.ts';
