import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';

const {version} = createRequire(import.meta.url)('../package.json') as {version: string};

/** The version of this package. */
export {version};

/** What oclif is told of this program, so that it searches for nothing. */
export const program = {
	root: fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, ''),
	version,
	// Commands come from this package and from those that the configuration of a folder names, never from elsewhere.
	userPlugins: false,
	devPlugins: false,
	pjson: {
		name: 'forge',
		version,
		type: 'module',
		oclif: {
			bin: 'forge',
			dirname: 'forge',
			commands: {strategy: 'pattern', target: './commands', globPatterns: ['**/*.js']},
			topicSeparator: ' ',
			additionalHelpFlags: ['-h'],
			additionalVersionFlags: ['-v', 'version'],
			topics: {
				config: {description: 'The configuration, for editors'},
				plugin: {description: 'Look at the plugins, and replace one while it runs'},
				network: {description: 'Networks on which containers reach each other'},
				volume: {description: 'Folders that outlive the containers which write them'},
			},
			description: 'Runs WebAssembly components as containers',
			helpOptions: {hideCommandSummaryInDescription: true},
		},
	},
} as const;
