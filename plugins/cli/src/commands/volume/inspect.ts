import * as Args from '@oclif/core/args';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {printJson} from '../../text.ts';

export default class VolumeInspect extends ForgeCommand {
	static override summary = 'Show a volume';
	static override examples = ['<%= config.bin %> volume inspect data'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name'})};
	static override flags = {json};

	override async run(): Promise<void> {
		const {args} = await this.parse(VolumeInspect);
		await withEngine(async ({volumes}) => printJson(await volumes.inspect(args.name)));
	}
}
