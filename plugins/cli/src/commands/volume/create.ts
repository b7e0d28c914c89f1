import {quotaOf} from '@forgeone/sdk/config';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {printJson} from '../../text.ts';

export default class VolumeCreate extends ForgeCommand {
	static override summary = 'Make a volume, or give one that is there another quota';
	static override examples = ['<%= config.bin %> volume create data', '<%= config.bin %> volume create --quota 64MiB --inodes 10000 data'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name'})};
	static override flags = {
		json,
		quota: Flags.string({description: 'Bytes that it holds at most, such as 64MiB', helpValue: 'SIZE'}),
		inodes: Flags.integer({description: 'Files, folders and links that it holds at most', min: 0}),
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(VolumeCreate);
		const bounded = flags.quota !== undefined || flags.inodes !== undefined;
		const quota = bounded ? quotaOf(flags.quota, flags.inodes) : undefined;
		await withEngine(async ({volumes}) => {
			const volume = await volumes.create(args.name, quota);
			if (flags.json) printJson(volume);
			else this.log(volume.name);
		});
	}
}
