import {startAgain} from '../again.ts';
import {ForgeCommand} from '../command.ts';
import {withDaemon} from '../daemon.ts';
import {containerArgs, each} from '../each.ts';

export default class Start extends ForgeCommand {
	static override summary = 'Start containers again that have ended';
	static override description = 'They are left to the daemon, which is started where none runs.';
	static override examples = ['<%= config.bin %> start web'];
	static override strict = false;
	static override args = containerArgs;

	override async run(): Promise<void> {
		const {argv} = await this.parse(Start);
		await each(argv, (engine, id) => startAgain(engine, id, 'start'), withDaemon);
	}
}
