import {ForgeError} from '@forgeone/wasm';
import type {ErrorCode} from '../generated/error-codes.ts';

/** Whether an error is ForgeOne's and has this code, be it the daemon's or of this process. */
export function hasCode<C extends ErrorCode>(error: unknown, code: C): error is ForgeError & {readonly code: C} {
	return error instanceof ForgeError && error.code === code;
}
