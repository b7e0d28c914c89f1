import type {Func, Scope} from '../model.ts';
import {File} from './file.ts';
import type {Files} from './module.ts';

/** An imported interface of WASI 0.2 by its name without the version, with the names of its functions. */
function wasi({world}: Files, name: string, func: string): Scope | undefined {
	const named = ({name: of}: Func): boolean => of === func;
	return world.imports.find(({id, functions}) => id.startsWith(`${name}@0.2.`) && functions.some(named));
}

function abort(files: Files, file: File): string {
	const stderr = wasi(files, 'wasi:cli/stderr', 'get-stderr');
	const streams = wasi(files, 'wasi:io/streams', '[method]output-stream.blocking-write-and-flush');
	if (stderr === undefined || streams === undefined) {
		return `/** Fails. There is nowhere to write the message; as this is no function by name, the compiler keeps none for its own checks. */
export const abort = (_message: string | null = null, _file: string | null = null, _line: u32 = 0, _column: u32 = 0): void => unreachable();`;
	}
	return `/** What the compiler calls when a check fails: says where on standard error, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
	const what = message === null ? 'abort' : message;
	const where = file === null ? '?' : file;
	const text = String.UTF8.encode(\`\${what} at \${where}:\${line}:\${column}\\n\`);
	${file.from(files.of(stderr).path)}.getStderr().blockingWriteAndFlush(Uint8Array.wrap(text));
	unreachable();
}`;
}

function seed(files: Files, file: File): string {
	const random = wasi(files, 'wasi:random/random', 'get-random-u64');
	const value = random === undefined ? '1' : `reinterpret<f64>(${file.from(files.of(random).path)}.getRandomU64())`;
	return `/** The seed of \`Math.random\`${random === undefined ? ': fixed, as this world imports no randomness' : ''}. */
export function seed(): f64 {
	return ${value};
}`;
}

/** What the compiler itself asks of its surroundings, by what the world imports of WASI: its options name these functions. */
export function system(files: Files): {file: File; options: readonly string[]} {
	const file = new File('system');
	file.body.push(abort(files, file), seed(files, file));
	return {file, options: ['abort=system/abort', 'seed=system/seed']};
}
