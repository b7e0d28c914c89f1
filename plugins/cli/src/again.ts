import type {Engine} from '@forgeone/sdk/client';
import {errors} from './errors.ts';

/** Starts a container again that has ended, and leaves one that runs. Throws FORGE_USAGE for one that had a terminal: it would wait for that one to read. */
export async function startAgain({containers}: Engine, id: string, command: string): Promise<void> {
	const {spec, state} = await containers.inspect(id);
	if (spec.attached) throw errors.FORGE_USAGE({reason: `container "${id}" had a terminal, run its image again with forge run`, command});
	if (state !== 'running') await containers.start(id);
}
