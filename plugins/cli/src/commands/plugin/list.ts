import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {printJson, table} from '../../text.ts';

const short = (ids: readonly string[]) => ids.map(id => id.replace(/^forgeone:/, '').replace(/@.*$/, '')).join(' ');

export default class PluginList extends ForgeCommand {
	static override summary = 'List the plugins, in the order in which they started';
	static override examples = ['<%= config.bin %> plugin list', '<%= config.bin %> plugin list --json'];
	static override flags = {json};

	override async run(): Promise<void> {
		const {flags} = await this.parse(PluginList);
		await withEngine(async ({plugins}) => {
			const all = await plugins.list();
			if (flags.json) return printJson(all);
			const rows = all.map(one => [one.name, one.implementation, one.state, short(one.provides), short(one.uses), short(one.taps)]);
			this.log(table(['NAME', 'MADE OF', 'STATE', 'PROVIDES', 'USES', 'TAPS'], rows));
		});
	}
}
