import {relative} from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../command.ts';
import {plain, printJson} from '../text.ts';

export default class Bindgen extends ForgeCommand {
	static override summary = 'Write bindings for a world of WIT';
	static override description = 'Where the module that they are for is not there, one is written to begin with.';
	static override examples = [
		'<%= config.bin %> bindgen --lang assemblyscript wit --world app',
		'<%= config.bin %> bindgen --lang assemblyscript wit/world.wit --world app --source src/app.ts --out src/bindings',
	];
	static override args = {
		wit: Args.string({required: true, ignoreStdin: true, description: 'a .wit file, or a folder of them with its deps'}),
	};
	static override flags = {
		lang: Flags.option({options: ['assemblyscript'] as const, description: 'The language'})({default: 'assemblyscript'}),
		world: Flags.string({description: 'The world; by default the only one of the package'}),
		source: Flags.string({default: 'src/app.ts', helpValue: 'FILE', description: 'The module that the bindings are for'}),
		out: Flags.string({helpValue: 'FOLDER', description: 'Where the bindings go; by default the folder bindings beside the module'}),
		deps: Flags.string({
			multiple: true,
			helpValue: 'PATH',
			description: 'More packages: a .wit file each, or a folder of them',
		}),
		json,
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(Bindgen);
		const {bind, readWit} = await import('@forgeone/sdk/bindgen');
		const {world, source, out: bindings} = flags;
		const wit = await readWit(args.wit, ...(flags.deps ?? []));
		const bound = await bind({source, wit, ...(world === undefined ? {} : {world}), ...(bindings === undefined ? {} : {bindings})});
		if (flags.json) return printJson(bound);
		this.log(plain(`${bound.world}: ${bound.files.length} files in ${relative('', bound.bindings)}`));
		if (bound.begun !== undefined) this.log(plain(`${source} is there to begin with`));
	}
}
