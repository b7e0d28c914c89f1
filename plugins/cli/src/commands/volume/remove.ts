import * as Args from '@oclif/core/args';
import {ForgeCommand} from '../../command.ts';
import {withEngine} from '../../engine.ts';

export default class VolumeRemove extends ForgeCommand {
	static override summary = 'Remove a volume, and all that is in it';
	static override examples = ['<%= config.bin %> volume remove data'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name'})};

	override async run(): Promise<void> {
		const {args} = await this.parse(VolumeRemove);
		await withEngine(({volumes}) => volumes.remove(args.name));
		this.log(args.name);
	}
}
