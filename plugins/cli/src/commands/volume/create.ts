import * as Args from '@oclif/core/args';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {printJson} from '../../text.ts';

export default class VolumeCreate extends ForgeCommand {
	static override summary = 'Make a volume';
	static override examples = ['<%= config.bin %> volume create data'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name'})};
	static override flags = {json};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(VolumeCreate);
		await withEngine(async ({volumes}) => {
			const volume = await volumes.create(args.name);
			if (flags.json) printJson(volume);
			else this.log(volume.name);
		});
	}
}
