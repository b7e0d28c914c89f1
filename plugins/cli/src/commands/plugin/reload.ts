import {resolve} from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../../command.ts';
import {daemon} from '../../engine.ts';
import {errors} from '../../errors.ts';

/** A path counts from here, not from where the daemon was started; a package is the daemon's to find. */
const sourceOf = (text: string) => (/^\.{1,2}(\/|$)/.test(text) ? resolve(text) : text);

export default class PluginReload extends ForgeCommand {
	static override summary = 'Replace a plugin of the daemon by another, or by itself loaded anew, while it runs';
	static override description =
		'The new one takes over once it has started, with the state of the old one where that hands it over. The old one stays where the new one does not start, can not take over, or fails the first call that it gets within a second; callers notice nothing.';
	static override examples = ['<%= config.bin %> plugin reload audit --to ./audit.wasm', '<%= config.bin %> plugin reload audit'];
	static override args = {name: Args.string({required: true, ignoreStdin: true, description: 'its name, as in plugin list'})};
	static override flags = {
		to: Flags.string({helpValue: 'SOURCE', description: 'A package, a path, or a .wasm file; the one it came from where left out'}),
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(PluginReload);
		const running = await daemon();
		if (!running) throw errors.FORGE_DAEMON_NONE();
		try {
			await running.engine.plugins.swap(args.name, flags.to === undefined ? undefined : sourceOf(flags.to));
			this.log(args.name);
		} finally {
			await running.engine.close();
		}
	}
}
