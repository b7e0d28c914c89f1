import {Command} from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';

/** What every command of ours has: `--verbose`, and errors that are told in one place. */
export abstract class ForgeCommand extends Command {
	static override baseFlags = {
		verbose: Flags.boolean({description: 'Say more, and show the causes of an error', helpGroup: 'GLOBAL'}),
	};

	override async catch(error: Error): Promise<never> {
		throw error;
	}
}

/** `--json` for what lists or shows. */
export const json = Flags.boolean({description: 'Print JSON'});

/** Is aborted by Ctrl-C, where this process is told to end or its terminal closes, and where nobody reads it any more: that is how one leaves what watches. */
export function interruptible(): AbortController {
	const ended = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.abort());
	for (const stream of [process.stdout, process.stderr]) stream.on('error', () => ended.abort());
	return ended;
}
