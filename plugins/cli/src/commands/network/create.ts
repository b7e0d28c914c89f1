import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {printJson} from '../../text.ts';

export default class NetworkCreate extends ForgeCommand {
	static override summary = 'Make a network, on which containers reach each other as http://NAME.NETWORK.internal/';
	static override examples = [
		'<%= config.bin %> network create front',
		'<%= config.bin %> network create front --allow-net api.example.com:443',
	];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name'})};
	static override flags = {
		'allow-net': Flags.string({
			multiple: true,
			multipleNonGreedy: true,
			helpValue: 'HOST:PORT',
			description: 'What containers on it may reach besides, as far as policy lets them',
		}),
		json,
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(NetworkCreate);
		await withEngine(async ({networks}) => {
			const network = await networks.create(args.name, flags['allow-net'] ?? []);
			if (flags.json) printJson(network);
			else this.log(network.name);
		});
	}
}
