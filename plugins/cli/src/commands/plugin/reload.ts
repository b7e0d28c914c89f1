import {resolve} from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../../command.ts';
import {daemon} from '../../engine.ts';
import {errors} from '../../errors.ts';

/** A path counts from here, not from where the daemon was started; a package is the daemon's to find. */
const sourceOf = (text: string) => (/^\.{1,2}(\/|$)/.test(text) ? resolve(text) : text);

export default class PluginReload extends ForgeCommand {
	static override summary = 'Replace a plugin of the daemon by another, while it runs';
	static override description =
		'The new one takes over once it has started; where it fails to start, or fails its first call, the old one stays.';
	static override examples = ['<%= config.bin %> plugin reload audit --to ./audit.wasm'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name, as in plugin list'})};
	static override flags = {to: Flags.string({required: true, helpValue: 'SOURCE', description: 'a package, a path, or a .wasm file'})};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(PluginReload);
		const running = await daemon();
		if (!running) throw errors.FORGE_DAEMON_NONE();
		try {
			await running.engine.plugins.swap(args.name, sourceOf(flags.to));
			this.log(args.name);
		} finally {
			await running.engine.close();
		}
	}
}
