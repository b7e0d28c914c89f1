import {editorSchema, loadConfig} from '@forgeone/sdk/config';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../../command.ts';
import {configSchemas} from '../../kernel.ts';
import {printJson} from '../../text.ts';

export default class ConfigSchema extends ForgeCommand {
	static override summary = 'Print the JSON Schema of the configuration of this folder, by which an editor checks it';
	static override description = 'The configuration of each plugin is described in it as that plugin describes it.';
	static override examples = ['<%= config.bin %> config schema > forge.schema.json'];
	static override flags = {
		file: Flags.string({char: 'f', description: 'The configuration; forge.config.{ts,js,json,yaml} of this folder where it is not given'}),
	};

	override async run(): Promise<void> {
		const {flags} = await this.parse(ConfigSchema);
		printJson(await editorSchema(await configSchemas(await loadConfig(process.cwd(), flags.file))));
	}
}
