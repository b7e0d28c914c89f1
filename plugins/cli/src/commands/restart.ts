import * as Flags from '@oclif/core/flags';
import {startAgain} from '../again.ts';
import {ForgeCommand} from '../command.ts';
import {withDaemon} from '../daemon.ts';
import {containerArgs, each} from '../each.ts';
import {durationOf} from '../text.ts';

export default class Restart extends ForgeCommand {
	static override summary = 'Stop containers, and start them again';
	static override examples = ['<%= config.bin %> restart web'];
	static override strict = false;
	static override args = containerArgs;
	static override flags = {time: Flags.string({char: 't', default: '10s', helpValue: '10s', description: 'How long they may take to end'})};

	override async run(): Promise<void> {
		const {flags, argv} = await this.parse(Restart);
		const grace = Number(durationOf(flags.time));
		const again = async (engine: Parameters<typeof startAgain>[0], id: string) => {
			await engine.containers.stop(id, grace);
			await startAgain(engine, id, 'restart');
		};
		await each(argv, again, withDaemon);
	}
}
