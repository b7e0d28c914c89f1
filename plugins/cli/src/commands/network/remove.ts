import {ForgeCommand} from '../../command.ts';
import {each, nameArgs} from '../../each.ts';

export default class NetworkRemove extends ForgeCommand {
	static override summary = 'Remove networks that nobody is on';
	static override aliases = ['network:rm'];
	static override examples = ['<%= config.bin %> network remove front'];
	static override strict = false;
	static override args = nameArgs;

	override async run(): Promise<void> {
		const {argv} = await this.parse(NetworkRemove);
		await each(argv, ({networks}, name) => networks.remove(name));
	}
}
