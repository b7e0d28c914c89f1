import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../command.ts';
import {containerArgs, each} from '../each.ts';

export default class Rm extends ForgeCommand {
	static override summary = 'Forget containers that have ended';
	static override examples = ['<%= config.bin %> rm web', '<%= config.bin %> rm --force web'];
	static override strict = false;
	static override args = containerArgs;
	static override flags = {force: Flags.boolean({char: 'f', default: false, description: 'End those that run'})};

	override async run(): Promise<void> {
		const {flags, argv} = await this.parse(Rm);
		await each(argv, ({containers}, id) => containers.remove(id, flags.force));
	}
}
