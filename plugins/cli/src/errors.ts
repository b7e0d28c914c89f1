import {errorTable} from '@forgeone/core';

/** Every error of the command line itself. */
export const errors = errorTable({
	FORGE_CLI_FAILED: ['failed', '{reason}', 'see --verbose for the cause'],
	FORGE_CLI_FILE: ['missing', '"{file}" can not be read: {reason}', 'check the path'],
	FORGE_CLI_COMMANDS: [
		'invalid',
		'the commands of "{package}" are left out: {reason}',
		'repair the package, or take it out of the configuration',
	],
	FORGE_CLI_PLUGIN: ['missing', 'there is no plugin "{plugin}"', 'see forge plugin list'],
	FORGE_CLI_SOURCE: ['missing', 'there is no file "{source}"', '{remedy}'],
	FORGE_DAEMON_FAILED: ['failed', 'the daemon did not start: {reason}', 'see "{log}"'],
	FORGE_DAEMON_NONE: ['missing', 'no daemon runs', 'start one with forge up -d'],
	FORGE_DAEMON_STUCK: ['failed', 'the daemon (pid {pid}) did not stop within {seconds} s', 'see "{log}"'],
	FORGE_PROJECT_EXISTS: ['conflict', '"{folder}" is there and not empty', 'name a folder that is new or empty'],
	FORGE_PROJECT_NAME: ['invalid', '"{name}" is no name for a project', 'use small letters, digits and dashes, such as my-plugin'],
	FORGE_PROJECT_UNWRITABLE: ['failed', '"{folder}" can not be written: {reason}', 'name a folder that can be'],
	FORGE_TEMPLATE_UNKNOWN: ['missing', 'there is no template "{template}"', 'did you mean "{nearest}"? there are {names}'],
	FORGE_TEST_RUNNER: ['missing', 'the project in "{folder}" has no ava to run its tests', 'npm install --save-dev ava'],
	FORGE_USAGE: ['invalid', '{reason}', 'see forge {command} --help'],
	FORGE_USAGE_COMMAND: ['invalid', 'there is no command "{command}"', '{remedy}'],
	FORGE_USAGE_FLAG: ['invalid', 'unknown flag "{flag}"', '{remedy}'],
	FORGE_WATCH_NOTHING: [
		'missing',
		'nothing that the configuration of "{folder}" names is built in a folder below it',
		'name what a build writes, such as ./plugins/kv/build/kv.wasm',
	],
});
