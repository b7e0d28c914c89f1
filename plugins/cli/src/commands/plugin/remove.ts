import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../../command.ts';
import {removePlugin} from '../../configure.ts';
import {plain, printJson} from '../../text.ts';

export default class PluginRemove extends ForgeCommand {
	static override summary = 'Take a plugin out of the configuration of this folder';
	static override aliases = ['plugin:rm'];
	static override description = 'Where it had the name of a usual one, that one is back.';
	static override examples = ['<%= config.bin %> plugin remove store'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name in the configuration'})};
	static override flags = {
		file: Flags.string({char: 'f', description: 'The configuration; forge.config.{ts,js,json,yaml} of this folder where it is not given'}),
		json,
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(PluginRemove);
		const done = await removePlugin(args.name, flags.file);
		if (flags.json) return printJson(done);
		this.log(plain(`${done.name} is no longer in ${done.file}; now run: ${done.next}`));
	}
}
