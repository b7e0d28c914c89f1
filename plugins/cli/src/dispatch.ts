import {run} from '@oclif/core/run';
import {asForgeError, isExit, unknownCommand} from './failure.ts';
import {program} from './program.ts';

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

/** Runs a command of ours with nothing loaded but itself. What is none may be one of a package; help lists these too. `own` ends where `argv` has `--`. */
export async function dispatch(argv: readonly string[], own: readonly string[]): Promise<void> {
	if (own[0] === 'help') return dispatch([...own.slice(1), '--help'], [...own.slice(1), '--help']);
	if (own.length === 0 || ['--help', '-h'].includes(own[0] ?? '')) return runPackaged(argv, own);
	try {
		// oclif reads from it what it would else search for.
		await run([...argv], program as unknown as string);
	} catch (error) {
		if (!unknownCommand.test((error as Error).message)) throw error;
		await runPackaged(argv, own);
	}
}
