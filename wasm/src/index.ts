export {type ErrorKind, errorTable, ForgeError} from './error.ts';
export type * from './generated/contracts.ts';
export {functions} from './generated/functions.ts';
export * from './surface.ts';
