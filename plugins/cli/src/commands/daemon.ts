import {loadConfig} from '@forgeone/sdk/config';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../command.ts';
import {becomeDaemon, type Report} from '../daemon.ts';
import {asForgeError} from '../failure.ts';

export default class Daemon extends ForgeCommand {
	static override summary = 'Be the daemon, until a signal ends it';
	static override hidden = true;
	static override flags = {file: Flags.string({char: 'f'})};

	override async run(): Promise<void> {
		const {flags} = await this.parse(Daemon);
		const tell = (report: Report) => process.send?.(report);
		try {
			const kernel = await becomeDaemon(await loadConfig(process.cwd(), flags.file));
			tell({ready: true});
			await ended();
			await kernel.stop();
		} catch (thrown) {
			const {code, kind, message, remedy} = await asForgeError(thrown as Error, []);
			tell({error: {code, kind, message, remedy}});
			throw thrown;
		} finally {
			if (process.connected) process.disconnect?.();
		}
	}
}

function ended(): Promise<unknown> {
	return new Promise(resolve => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
	});
}
