import * as Args from '@oclif/core/args';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {errors} from '../../errors.ts';
import {printJson} from '../../text.ts';

export default class PluginInspect extends ForgeCommand {
	static override summary = 'Show all there is to know about a plugin';
	static override examples = ['<%= config.bin %> plugin inspect audit'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name, as in plugin list'})};
	static override flags = {json};

	override async run(): Promise<void> {
		const {args} = await this.parse(PluginInspect);
		await withEngine(async ({plugins}) => {
			const found = (await plugins.list()).find(({name}) => name === args.name);
			if (!found) throw errors.FORGE_CLI_PLUGIN({plugin: args.name});
			printJson(found);
		});
	}
}
