import * as Args from '@oclif/core/args';
import {ForgeCommand} from '../../command.ts';
import {withEngine} from '../../engine.ts';

export default class NetworkRemove extends ForgeCommand {
	static override summary = 'Remove a network that nobody is on';
	static override examples = ['<%= config.bin %> network remove front'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name'})};

	override async run(): Promise<void> {
		const {args} = await this.parse(NetworkRemove);
		await withEngine(({networks}) => networks.remove(args.name));
		this.log(args.name);
	}
}
