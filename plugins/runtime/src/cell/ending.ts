import {ForgeError, GuestExit} from '@forgeone/wasm';
import type {Ending} from '../isolation.ts';

/** What a process exits with, for a failure that is not the guest's own word. */
const codes: Readonly<Record<string, number>> = {
	FORGE_TRAP: 134,
	FORGE_FUEL_EXHAUSTED: 134,
	FORGE_LIMIT_COUNT: 134,
	FORGE_LIMIT_MEMORY: 137,
	FORGE_CONTAINER_MEMORY: 137,
	FORGE_COMPONENT_INVALID: 127,
	FORGE_COMPONENT_MODULE: 127,
	FORGE_COMPONENT_UNSUPPORTED: 127,
	FORGE_COMPONENT_LIMIT: 127,
	FORGE_COMPONENT_LINK: 127,
	FORGE_PREVIEW1_EXPORT: 127,
};

/** How a guest has ended that threw. */
export function endingOf(error: unknown): Ending {
	if (error instanceof GuestExit) return {code: error.code};
	if (error instanceof ForgeError) return {code: codes[error.code] ?? 125, reason: `${error.message} (${error.code})`};
	return {code: 125, reason: error instanceof Error ? error.message : String(error)};
}
