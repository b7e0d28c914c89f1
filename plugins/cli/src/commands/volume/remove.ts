import {ForgeCommand} from '../../command.ts';
import {each, nameArgs} from '../../each.ts';

export default class VolumeRemove extends ForgeCommand {
	static override summary = 'Remove volumes, and all that is in them';
	static override aliases = ['volume:rm'];
	static override examples = ['<%= config.bin %> volume remove data'];
	static override strict = false;
	static override args = nameArgs;

	override async run(): Promise<void> {
		const {argv} = await this.parse(VolumeRemove);
		await each(argv, ({volumes}, name) => volumes.remove(name));
	}
}
