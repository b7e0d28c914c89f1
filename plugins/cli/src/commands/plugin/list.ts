import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {graphText} from '../../graph.ts';
import {printJson, shortContract, table} from '../../text.ts';

const short = (ids: readonly string[]) => ids.map(shortContract).join(' ');

export default class PluginList extends ForgeCommand {
	static override summary = 'List the plugins, in the order in which they started';
	static override aliases = ['plugin:ls'];
	static override examples = [
		'<%= config.bin %> plugin list',
		'<%= config.bin %> plugin list --json',
		'<%= config.bin %> plugin list --graph',
	];
	static override flags = {
		json,
		graph: Flags.boolean({exclusive: ['json'], description: 'Draw who provides what to whom, and who taps which hook'}),
	};

	override async run(): Promise<void> {
		const {flags} = await this.parse(PluginList);
		await withEngine(async ({plugins}) => {
			const all = await plugins.list();
			if (flags.json) return printJson(all);
			if (flags.graph) return this.log(graphText(all, process.stdout.columns));
			const rows = all.map(({name, implementation, state, provides, uses, taps, reason = ''}) => [
				name,
				implementation,
				state,
				...[provides, uses, taps].map(short),
				reason,
			]);
			this.log(table(['NAME', 'MADE OF', 'STATE', 'PROVIDES', 'USES', 'TAPS', 'REASON'], rows));
		});
	}
}
