import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ask} from '../../ask.ts';
import {ForgeCommand} from '../../command.ts';
import {createProject, listTemplates, told} from '../../create.ts';

export default class PluginCreate extends ForgeCommand {
	static override summary = 'Make a plugin to begin with';
	static override description =
		'It keeps keys and values for other plugins, has a test that passes, and says in its README what to type next.';
	static override examples = ['<%= config.bin %> plugin create kv --template plugin-assemblyscript'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'the name of its package'})};
	static override flags = {
		template: Flags.string({char: 't', description: 'What it is made of; asked for on a terminal'}),
		folder: Flags.string({helpValue: 'FOLDER', description: 'Where it goes; a new folder of its name'}),
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(PluginCreate);
		const plugins = (await listTemplates()).filter(({name}) => name.startsWith('plugin-') && name !== 'plugin-set');
		const template = flags.template ?? (await ask('template', plugins, 'plugin create'));
		this.log(told(await createProject({template, name: args.name, folder: flags.folder})));
	}
}
