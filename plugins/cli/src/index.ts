import {run} from '@oclif/core/run';
import {asForgeError, describe, exitCodeOf, unknownCommand} from './failure.ts';
import {program} from './program.ts';

const isExit = (error: unknown): boolean => (error as {code?: string}).code === 'EEXIT';

/** The same with the commands of the packages that the folder's configuration names. */
async function runPackaged(argv: readonly string[], own: readonly string[]): Promise<void> {
	const {packagedProgram} = await import('./packages.ts');
	const {options, ids} = (await packagedProgram()) ?? {options: program, ids: []};
	try {
		await run([...argv], options as unknown as string);
	} catch (error) {
		throw isExit(error) ? error : await asForgeError(error as Error, own, ids);
	}
}

/** Runs a command of ours with nothing loaded but itself. What is none may be one of a package; help lists these too. */
async function runCommand(argv: readonly string[], own: readonly string[]): Promise<void> {
	if (own.length === 0 || ['--help', '-h'].includes(own[0] ?? '')) return runPackaged(argv, own);
	try {
		// oclif reads from it what it would else search for.
		await run([...argv], program as unknown as string);
	} catch (error) {
		if (!unknownCommand.test((error as Error).message)) throw error;
		await runPackaged(argv, own);
	}
}

/** The whole program: runs a command line, says in one line what went wrong, and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
	const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
	try {
		await runCommand(argv, own);
	} catch (thrown) {
		if (isExit(thrown)) {
			process.exitCode = (thrown as {oclif?: {exit?: number}}).oclif?.exit ?? 0;
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
