import {spawn} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {findPackageJSON} from 'node:module';
import {constants} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {errors} from './errors.ts';

/** What a run of tests is given. */
export interface AvaOptions {
	readonly args: readonly string[];
	/** The artefact that is tested. */
	readonly artefact: string;
	/** Whether golden files are written anew. */
	readonly update: boolean;
	/** Ends it. */
	readonly signal: AbortSignal;
}

/** Where the ava lies that a project depends on. */
function manifestOf(folder: string): string {
	try {
		return findPackageJSON('ava', pathToFileURL(join(folder, 'package.json'))) as string;
	} catch (cause) {
		throw errors.FORGE_TEST_RUNNER({folder}, {cause});
	}
}

/** The program of an ava. */
async function programOf(manifest: string): Promise<string> {
	const {bin} = JSON.parse(await readFile(manifest, 'utf8'));
	return join(dirname(manifest), typeof bin === 'string' ? bin : bin.ava);
}

/** Runs the tests of a project by its own ava, which writes to where this process does. Gives the exit code. Throws FORGE_TEST_RUNNER. */
export async function runAva(path: string, {args, artefact, update, signal}: AvaOptions): Promise<number> {
	const folder = resolve(path);
	const env = {...process.env, FORGE_PLUGIN: artefact, ...(update ? {FORGE_GOLDEN: 'update'} : {})};
	const child = spawn(process.execPath, [await programOf(manifestOf(folder)), ...args], {cwd: folder, env, stdio: 'inherit'});
	const end = () => child.kill();
	signal.addEventListener('abort', end);
	return new Promise((done, fail) => {
		child.once('error', fail).once('exit', (code, ended) => {
			signal.removeEventListener('abort', end);
			done(code ?? 128 + constants.signals[ended as NodeJS.Signals]);
		});
	});
}
