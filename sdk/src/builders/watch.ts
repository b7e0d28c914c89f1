import {existsSync, watch} from 'node:fs';
import {resolve} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {errors} from '../errors.ts';
import {type BuildProjectOptions, type Built, buildProject} from './build.ts';

/** What comes of a build, or is no part of a project. */
const apart = /(^|[/\\])(build|bindings|node_modules|\.[^/\\]+)([/\\]|$)/;

/** After a change one waits this long for another, in milliseconds: editors and tools write several files at once. */
const QUIET = 80;

/** Resolves when something in a folder has changed since it last did, and then nothing for a moment. */
function changesIn(folder: string, signal: AbortSignal): () => Promise<void> {
	let changed = false;
	let wake = () => {};
	watch(folder, {recursive: true, ignore: apart, signal}, () => {
		changed = true;
		wake();
	});
	signal.addEventListener('abort', () => wake());
	return async () => {
		while (!changed && !signal.aborted) {
			const {promise, resolve} = Promise.withResolvers<void>();
			wake = resolve;
			await promise;
		}
		while (changed && !signal.aborted) {
			changed = false;
			await pause(QUIET);
		}
	};
}

/**
 * Builds a project, and again whenever something in its folder has changed, until `signal`: one build at a time, and one for changes that come
 * together. Gives what came of each, or why nothing did.
 */
export async function* watchProject(
	path: string,
	signal: AbortSignal,
	options: Omit<BuildProjectOptions, 'signal'> = {},
): AsyncGenerator<Built | Error, void> {
	const folder = resolve(path);
	if (!existsSync(folder)) throw errors.FORGE_BUILD_FOLDER({folder});
	for (const change = changesIn(folder, signal); !signal.aborted; await change()) {
		const outcome = await buildProject(folder, {...options, signal}).catch((error: Error) => error);
		if (!signal.aborted) yield outcome;
	}
}
