import {basename, resolve} from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ask} from '../ask.ts';
import {ForgeCommand} from '../command.ts';
import {createProject, listTemplates, told} from '../create.ts';

export default class Init extends ForgeCommand {
	static override summary = 'Make an app, or a set of plugins and containers, to begin with';
	static override description = 'It has a test that passes, and says in its README what to type next.';
	static override examples = ['<%= config.bin %> init hello --template app-cli', '<%= config.bin %> init house --template plugin-set'];
	static override args = {
		folder: Args.string({
			default: '.',
			ignoreStdin: true,
			description: 'where it goes, and what it is called; a new folder or an empty one',
		}),
	};
	static override flags = {template: Flags.string({char: 't', description: 'What it is made of; asked for on a terminal'})};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(Init);
		const others = (await listTemplates()).filter(({name}) => name.startsWith('app-') || name === 'plugin-set');
		const template = flags.template ?? (await ask('template', others, 'init'));
		const folder = resolve(args.folder);
		this.log(told(await createProject({template, name: basename(folder), folder})));
	}
}
