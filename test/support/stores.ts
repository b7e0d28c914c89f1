import {randomUUID} from 'node:crypto';
import {cp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {type BuildProjectOptions, buildProject} from '@forgeone/sdk/build';

const root = join(import.meta.dirname, '../..');
const made = ['build', 'bindings', 'node_modules'];

/** The store of a template, `plugin-ts` or another, built from its sources: a file that a plugin is loaded from, and how to remove it. */
export async function storeOf(template: string, options: BuildProjectOptions = {}) {
	const folder = join(root, 'test/.cache', `${template}-${randomUUID()}`);
	await cp(join(root, 'templates', template), folder, {recursive: true, filter: path => !made.includes(path.split('/').at(-1) ?? '')});
	return {...(await buildProject(folder, options)), [Symbol.asyncDispose]: () => rm(folder, {recursive: true})};
}
