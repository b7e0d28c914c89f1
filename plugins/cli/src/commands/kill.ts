import {ForgeCommand} from '../command.ts';
import {containerArgs, each} from '../each.ts';

export default class Kill extends ForgeCommand {
	static override summary = 'End containers at once';
	static override examples = ['<%= config.bin %> kill web'];
	static override strict = false;
	static override args = containerArgs;

	override async run(): Promise<void> {
		const {argv} = await this.parse(Kill);
		await each(argv, ({containers}, id) => containers.kill(id));
	}
}
