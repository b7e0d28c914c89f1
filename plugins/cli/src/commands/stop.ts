import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../command.ts';
import {containerArgs, each} from '../each.ts';
import {durationOf} from '../text.ts';

export default class Stop extends ForgeCommand {
	static override summary = 'Ask containers to end, and end them after a while';
	static override examples = ['<%= config.bin %> stop web', '<%= config.bin %> stop --time 1s web worker'];
	static override strict = false;
	static override args = containerArgs;
	static override flags = {time: Flags.string({char: 't', default: '10s', helpValue: '10s', description: 'How long they may take'})};

	override async run(): Promise<void> {
		const {flags, argv} = await this.parse(Stop);
		const grace = Number(durationOf(flags.time));
		await each(argv, ({containers}, id) => containers.stop(id, grace));
	}
}
