import * as Args from '@oclif/core/args';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {printJson} from '../../text.ts';

export default class NetworkInspect extends ForgeCommand {
	static override summary = 'Show a network';
	static override examples = ['<%= config.bin %> network inspect front'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name'})};
	static override flags = {json};

	override async run(): Promise<void> {
		const {args} = await this.parse(NetworkInspect);
		await withEngine(async ({networks}) => printJson(await networks.inspect(args.name)));
	}
}
