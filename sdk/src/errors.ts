import {errorTable} from '@forgeone/wasm';

/** Every error of the configuration and of the client. */
export const errors = errorTable({
	FORGE_API_ANSWER: [
		'failed',
		'the daemon gave an answer that can not be read: {reason}',
		'bring forge and its daemon to the same version',
	],
	FORGE_API_UNREACHABLE: ['failed', 'the daemon at "{socket}" can not be reached: {reason}', 'see forge doctor'],
	FORGE_BINDGEN_COMPILE: ['invalid', '"{file}" line {line} column {column}: {reason}', 'repair the program'],
	FORGE_BINDGEN_FAILED: ['failed', 'no component came of "{file}": {reason}', 'see --verbose for the cause'],
	FORGE_BINDGEN_MISSING: ['missing', 'there is no WIT at "{path}"', 'name a .wit file, or a folder of them'],
	FORGE_BINDGEN_SYNTAX: ['invalid', '"{file}" line {line} column {column}: {reason}, in "{text}"', 'repair the WIT'],
	FORGE_BINDGEN_TOOL: ['missing', 'the tool "{tool}" is not installed', 'npm install --save-dev {tool}'],
	FORGE_BINDGEN_UNSUPPORTED: ['invalid', 'AssemblyScript has no bindings for {feature}', 'leave it out of the world'],
	FORGE_BINDGEN_VERSION: [
		'conflict',
		'"{file}" line {line} column {column}: there is no "{asked}", but {provided}',
		'ask for a version that is there, or put the WIT of this one into the folder deps',
	],
	FORGE_BINDGEN_WIT: ['invalid', 'the WIT "{where}" is refused: {reason}', 'repair the WIT'],
	FORGE_BINDGEN_WORLD: ['missing', 'there is no world "{world}", but {worlds}', 'did you mean "{nearest}"?'],
	FORGE_BINDGEN_WORLDS: ['missing', 'package "{package}" has {count} worlds: {worlds}', 'say which is meant'],
	FORGE_BUILD_EMPTY: [
		'missing',
		'there is nothing to build in "{folder}"',
		'write assembly/index.ts, src/index.ts, src/index.js or src/index.wat; see forge plugin create',
	],
	FORGE_BUILD_ENTRIES: [
		'conflict',
		'"{folder}" begins at several places: {entries}',
		'keep one, or name it as "entry" of "forgeone" in package.json',
	],
	FORGE_BUILD_ENTRY: ['missing', 'the entry "{entry}" of "{folder}" is not there', 'see "forgeone" in package.json'],
	FORGE_BUILD_FAILED: ['failed', 'nothing came of "{folder}": {reason}', 'see --verbose for the cause'],
	FORGE_BUILD_FOLDER: ['missing', 'there is no folder "{folder}"', 'check the path'],
	FORGE_BUILD_MANIFEST: ['invalid', '{where} in "{file}": {reason}', 'repair the file'],
	FORGE_BUILD_OUTSIDE: ['refused', 'the entry "{entry}" is outside of "{folder}"', 'move it into the folder'],
	FORGE_BUILD_COMPILE: ['invalid', '{file}:{line}:{column}: {reason}', 'repair the program'],
	FORGE_BUILD_WIT: [
		'missing',
		'"{entry}" is a component and needs a folder "wit" in "{folder}"',
		'say in wit/world.wit what it imports and exports',
	],
	FORGE_CONFIG_INVALID: ['invalid', '{where} in "{file}": {reason}', 'see the example in the README'],
	FORGE_CONFIG_MISSING: ['missing', 'there is no configuration "{file}"', 'check the path, or leave it out'],
	FORGE_CONFIG_UNKNOWN: ['invalid', 'unknown key "{key}" {where} "{file}"', 'did you mean "{nearest}"?'],
	FORGE_CONFIG_UNREADABLE: ['invalid', 'configuration "{file}" can not be read: {reason}', 'repair the file'],
	FORGE_CONFIG_VALUE: ['invalid', '"{value}" is no {what}', 'write it like {example}'],
	FORGE_PLUGIN_SCHEMA: [
		'invalid',
		'the schema of the configuration of plugin "{plugin}" can not be used: "{where}" {reason}',
		'write it in another way',
	],
	FORGE_STATE_LOCKED: [
		'conflict',
		'another daemon (pid {pid}) holds the state folder "{folder}"',
		'stop it with forge down, or set FORGE_HOME',
	],
	FORGE_HOME_UNWRITABLE: ['failed', 'the state folder "{folder}" can not be written: {reason}', 'make it writable, or set FORGE_HOME'],
	FORGE_TEST_ARTEFACT: ['missing', 'there is nothing to test, since FORGE_PLUGIN is not set', 'run forge plugin test'],
	FORGE_TEST_CLOCK: ['conflict', 'two tests of one file have a clock at the same time', 'make them serial: test.serial'],
	FORGE_TEST_UNFAKED: [
		'missing',
		'"{plugin}" called "{fn}" of "{contract}", which the test does not fake',
		'fake "{fn}" of that contract, or give a plugin that provides it',
	],
});
