import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../../command.ts';
import {addPlugin} from '../../configure.ts';
import {plain, printJson} from '../../text.ts';

export default class PluginAdd extends ForgeCommand {
	static override summary = 'Put a plugin into the configuration of this folder';
	static override description =
		'It is written once the plugin was found, took its settings, and fits the others. Comments and layout of the file stay; where there is none, forge.config.yaml is made.';
	static override examples = [
		'<%= config.bin %> plugin add store ./build/kv.wasm',
		'<%= config.bin %> plugin add network @forgeone/plugin-network --config gateway=8080',
	];
	static override args = {
		name: Args.string({required: true, ignoreStdin: true, description: 'what it is called here; the name of a usual one takes its place'}),
		source: Args.string({required: true, ignoreStdin: true, description: 'a package, a path, or a .wasm file'}),
	};
	static override flags = {
		config: Flags.string({
			multiple: true,
			multipleNonGreedy: true,
			helpValue: 'KEY=VALUE',
			description: 'A setting of its configuration, as text or as JSON; may be given several times',
		}),
		file: Flags.string({char: 'f', description: 'The configuration; forge.config.{ts,js,json,yaml} of this folder where it is not given'}),
		json,
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(PluginAdd);
		const done = await addPlugin(args.name, args.source, flags.config ?? [], flags.file);
		if (flags.json) return printJson(done);
		this.log(plain(`${done.name} is in ${done.file}; now run: ${done.next}`));
	}
}
