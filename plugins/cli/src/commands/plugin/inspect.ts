import {resolve} from 'node:path';
import * as Args from '@oclif/core/args';
import {ForgeCommand, json} from '../../command.ts';
import {withEngine} from '../../engine.ts';
import {errors} from '../../errors.ts';
import {printJson} from '../../text.ts';

export default class PluginInspect extends ForgeCommand {
	static override summary = 'Show all there is to know about a plugin';
	static override description =
		'Of one that runs, or of a file before it does: its world, size, digest, limits, trust and configuration. Nothing of a file is run.';
	static override examples = ['<%= config.bin %> plugin inspect audit', '<%= config.bin %> plugin inspect ./build/kv.wasm --json'];
	static override args = {
		plugin: Args.string({required: true, ignoreStdin: true, description: 'its name, as in plugin list, or a file'}),
	};
	static override flags = {json};

	override async run(): Promise<void> {
		const {args, flags} = await this.parse(PluginInspect);
		const {factsOfFile, factsOfPlugin, isFile} = await import('../../plugin-facts.ts');
		const facts = await withEngine(async engine => {
			if (isFile(args.plugin)) return factsOfFile(engine, resolve(args.plugin));
			const found = (await engine.plugins.list()).find(({name}) => name === args.plugin);
			if (!found) throw errors.FORGE_CLI_PLUGIN({plugin: args.plugin});
			return factsOfPlugin(engine, found);
		});
		if (flags.json) return printJson(facts);
		const {pluginPage} = await import('../../plugin-page.ts');
		this.log(pluginPage(facts));
	}
}
