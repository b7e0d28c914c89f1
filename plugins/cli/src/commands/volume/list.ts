import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {ago, amounts, printJson, table} from '../../text.ts';

export default class VolumeList extends ForgeCommand {
	static override summary = 'List volumes';
	static override aliases = ['volume:ls'];
	static override examples = ['<%= config.bin %> volume list'];
	static override flags = {json};

	override async run(): Promise<void> {
		const {flags} = await this.parse(VolumeList);
		await withEngine(async ({volumes}) => {
			const all = await volumes.list();
			if (flags.json) return printJson(all);
			this.log(
				table(
					['NAME', 'CREATED', 'USED', 'QUOTA', 'FOLDER'],
					all.map(({name, created, used, quota, path}) => [name, ago(created), amounts(used), amounts(quota), path]),
				),
			);
		});
	}
}
