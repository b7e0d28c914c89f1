import {execFile} from 'node:child_process';

/** What a program wrote, and whether it ended well. */
export interface Ran {
	readonly ok: boolean;
	readonly out: string;
	/** What it complained of: standard error, or why it could not be run. */
	readonly said: string;
}

/** Runs a program for Node in a folder, to its end or to that of `signal`. */
export function run(program: string, args: readonly string[], cwd: string, signal?: AbortSignal): Promise<Ran> {
	const {promise, resolve} = Promise.withResolvers<Ran>();
	execFile(process.execPath, [program, ...args], {cwd, signal, maxBuffer: 2 ** 26}, (error, out, said) => {
		resolve({ok: error === null, out, said: said || (error?.message ?? '')});
	});
	return promise;
}
