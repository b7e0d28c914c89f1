import {BuildCommand} from '../../build.ts';

export default class PluginBuild extends BuildCommand {
	static override summary = 'Build the plugin in a folder';
	static override examples = ['<%= config.bin %> plugin build', '<%= config.bin %> plugin build plugins/kv --json'];
}
