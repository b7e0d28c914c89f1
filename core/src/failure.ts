import {ComponentError, ForgeError, GuestExit, reasonOf} from '@forgeone/wasm';
import {errors} from './errors.ts';

const broken = new Set(['FORGE_TRAP', 'FORGE_FUEL_EXHAUSTED', 'FORGE_LIMIT_COUNT', 'FORGE_INSTANCE_DEAD']);

/** Whether the error means that the plugin itself is broken, not that a call was refused: a trap, an exit, a limit, a programming error. */
export function fatal(error: unknown): boolean {
	if (error instanceof ForgeError) return broken.has(error.code);
	return error instanceof GuestExit || !(error instanceof ComponentError);
}

/**
 * What a caller gets for whatever a plugin threw: an error that the contract foresees as it is (a component's `failure` record as the
 * same error a TypeScript plugin throws), anything else as FORGE_PLUGIN_FAILED, which names the plugin.
 */
export function contained(error: unknown, plugin: string, where: string): ForgeError {
	if (error instanceof ForgeError && !fatal(error)) return error;
	const {code, message, remedy} = Object(error instanceof ComponentError ? error.payload : undefined);
	if (typeof code === 'string') return new ForgeError(code, 'failed', String(message), String(remedy), {cause: error});
	return errors.FORGE_PLUGIN_FAILED({plugin, where, reason: reasonOf(error)}, {cause: error});
}

/** Waits for `work`, `milliseconds` at most; then throws FORGE_TIMEOUT. The work itself goes on. */
export async function deadline<T>(work: T | Promise<T>, milliseconds: number, what: string): Promise<T> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(() => late.reject(errors.FORGE_TIMEOUT({what, milliseconds})), milliseconds);
	return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
