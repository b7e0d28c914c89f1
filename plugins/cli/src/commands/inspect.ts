import {ForgeCommand, json} from '../command.ts';
import {containerArg} from '../each.ts';
import {withEngine} from '../engine.ts';
import {printJson} from '../text.ts';

export default class Inspect extends ForgeCommand {
	static override summary = 'Show all there is to know about a container';
	static override examples = ['<%= config.bin %> inspect web'];
	static override args = containerArg;
	static override flags = {json};

	override async run(): Promise<void> {
		const {args} = await this.parse(Inspect);
		await withEngine(async ({containers}) => printJson(await containers.inspect(args.container)));
	}
}
