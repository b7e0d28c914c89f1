import {relative} from 'node:path';
import {onOneLine} from '../bindgen/source.ts';
import {bundler} from '../bindgen/tools.ts';
import {errors} from '../errors.ts';
import type {Project} from './project.ts';

/** What the bundler says of a file that it can not read. */
interface Complaint {
	readonly message: string;
	readonly loc?: {readonly file?: string; readonly line: number; readonly column: number};
}

function refusal(folder: string, cause: unknown): Error {
	const [first] = (cause as {readonly errors?: readonly Complaint[]}).errors ?? [];
	const reason = onOneLine(first?.message ?? cause).replace(/^\[\w+\] |\s*╭.*$/g, '');
	if (first?.loc === undefined) return errors.FORGE_BUILD_FAILED({folder, reason}, {cause});
	const {file = '', line, column} = first.loc;
	return errors.FORGE_BUILD_COMPILE({file: relative(folder, file) || file, line, column: column + 1, reason}, {cause});
}

/**
 * A program of one module, in JavaScript: its own modules and packages with it, types left out. What it imports of its world, by the names of WIT,
 * stays an import. It names no folder of this machine.
 */
export async function bundle({folder, entry}: Project): Promise<string> {
	const {rolldown} = await bundler();
	const input = {input: entry, cwd: folder, platform: 'neutral', external: /^[\w-]+:/, onLog: () => undefined} as const;
	try {
		await using made = await rolldown({...input, resolve: {mainFields: ['module', 'main']}});
		const {output} = await made.generate({format: 'es', codeSplitting: false});
		return output[0].code;
	} catch (cause) {
		throw refusal(folder, cause);
	}
}
