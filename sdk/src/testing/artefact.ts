import {env} from 'node:process';
import {errors} from '../errors.ts';

/** The path of what `forge plugin test` has built. Throws FORGE_TEST_ARTEFACT where it is not that which runs the test. */
export function artefact(): string {
	if (!env.FORGE_PLUGIN) throw errors.FORGE_TEST_ARTEFACT();
	return env.FORGE_PLUGIN;
}
