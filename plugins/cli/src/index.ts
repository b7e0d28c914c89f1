import {readRun} from './given.ts';

async function execute(argv: readonly string[], own: readonly string[]): Promise<void> {
	const given = argv[0] === 'run' ? readRun(argv.slice(1)) : undefined;
	if (given) {
		const {run} = await import('./run.ts');
		return run(given);
	}
	const {dispatch} = await import('./dispatch.ts');
	await dispatch(argv, own);
}

/** The whole program: runs a command line, says in one line what went wrong, and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
	const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
	try {
		await execute(argv, own);
	} catch (thrown) {
		const {asForgeError, describe, exitCodeOf, isExit} = await import('./failure.ts');
		if (isExit(thrown)) {
			process.exitCode = (thrown as {oclif?: {exit?: number}}).oclif?.exit ?? 0;
			return;
		}
		for (const one of thrown instanceof AggregateError ? thrown.errors : [thrown]) {
			const error = await asForgeError(one, own);
			console.error(describe(error, {json: own.includes('--json'), verbose: own.includes('--verbose')}));
			process.exitCode = exitCodeOf(
				error,
				own.find(word => !word.startsWith('-')),
			);
		}
	}
}
