import {run} from '@oclif/core/run';
import {asForgeError, describe, exitCodeOf} from './failure.ts';
import {program} from './program.ts';

/** The whole program: runs a command line, says in one line what went wrong, and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
	const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
	try {
		// oclif reads from it what it would else search for.
		await run([...argv], program as unknown as string);
	} catch (thrown) {
		const {oclif, code} = thrown as {oclif?: {exit?: number}; code?: string};
		if (code === 'EEXIT') {
			process.exitCode = oclif?.exit ?? 0;
			return;
		}
		const error = await asForgeError(thrown as Error, own);
		console.error(describe(error, {json: own.includes('--json'), verbose: own.includes('--verbose')}));
		process.exitCode = exitCodeOf(
			error,
			own.find(word => !word.startsWith('-')),
		);
	}
}
