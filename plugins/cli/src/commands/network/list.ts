import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {ago, printJson, table} from '../../text.ts';

export default class NetworkList extends ForgeCommand {
	static override summary = 'List networks';
	static override aliases = ['network:ls'];
	static override examples = ['<%= config.bin %> network list'];
	static override flags = {json};

	override async run(): Promise<void> {
		const {flags} = await this.parse(NetworkList);
		await withEngine(async ({networks}) => {
			const all = await networks.list();
			if (flags.json) return printJson(all);
			this.log(
				table(
					['NAME', 'CREATED', 'CONTAINERS', 'EGRESS'],
					all.map(({name, created, containers, egress}) => [name, ago(created), containers.join(' '), egress.join(' ')]),
				),
			);
		});
	}
}
