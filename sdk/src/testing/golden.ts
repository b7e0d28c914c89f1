import {AssertionError} from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {env} from 'node:process';
import {fileURLToPath} from 'node:url';
import {signature} from '@forgeone/wasm';
import {encodeWorld} from '../bindgen/encode.ts';
import {readWit, worldName} from '../bindgen/source.ts';
import {errors} from '../errors.ts';
import type {TestContext} from './context.ts';
import {compareWorlds} from './wit/compare.ts';
import {declareWorld, type Sides} from './wit/declare.ts';
import {printWorld} from './wit/print.ts';

const pathOf = (file: string | URL): string => (file instanceof URL ? fileURLToPath(file) : file);

async function bytesOf(path: string, world: string | undefined): Promise<Uint8Array> {
	if (path.endsWith('.wasm')) return readFile(path);
	const wit = await readWit(path);
	return encodeWorld(wit, worldName(wit, world));
}

const sidesOf = async (path: string, world?: string): Promise<Sides> => declareWorld(await signature(await bytesOf(path, world)));

const head = `/// What the component asks for and gives, with the types of all that. A test compares it with what was built; where a change is
/// meant, FORGE_GOLDEN=update writes it anew.
`;

/**
 * Compares the world of a component, or of WIT, with the one that a file beside the tests keeps, and fails where they differ: a line for each
 * change says whether it breaks those who got on with what was. FORGE_GOLDEN=update writes the file anew. Paths count from the working
 * directory. Throws FORGE_TEST_GOLDEN where the file is not there.
 */
export async function witGolden(
	t: TestContext,
	artefact: string | URL,
	golden: string | URL,
	options: {readonly world?: string} = {},
): Promise<void> {
	const [made, kept] = [pathOf(artefact), pathOf(golden)];
	const after = await sidesOf(made, options.world);
	const text = head + printWorld(after, 'golden');
	const there = await readFile(kept, 'utf8').catch(() => undefined);
	if (env.FORGE_GOLDEN === 'update' && there !== text) await writeFile(kept, text);
	else if (there === undefined) throw errors.FORGE_TEST_GOLDEN({golden: kept});
	else if (there !== text) {
		const changes = compareWorlds(await sidesOf(kept), after).map(
			change => `${change.breaking ? 'breaking' : 'compatible'}: ${change.text}`,
		);
		const lines = [`"${made}" is not what "${kept}" says`, ...changes, 'where this is meant, run with FORGE_GOLDEN=update'];
		if (changes.length > 0) throw new AssertionError({message: lines.join('\n')});
	}
	t.pass();
}
