export {type ErrorKind, errorTable, ForgeError} from './error.ts';
