import {errorTable} from './error.ts';

/** Every error that this package throws by code: kind, message, remedy. */
export const errors = errorTable({
	FORGE_CONTRACT_INVALID: ['invalid', 'contract "{id}" has no {missing}', 'write it as package:name/interface@1.2.3, with its functions'],
	FORGE_CONTRACT_VERSION: [
		'conflict',
		'"{source}" was built for "{id}", but here it is "{known}"',
		'build it with the WIT of this version, which comes with the SDK',
	],
	FORGE_COMPONENT_INVALID: [
		'invalid',
		'invalid component at byte {offset}: expected {expected}, found {found}',
		'build the component again, or check that the file was not cut short',
	],
	FORGE_COMPONENT_MODULE: ['invalid', 'core module {module} does not compile: {reason}', 'rebuild the core module'],
	FORGE_COMPONENT_UNSUPPORTED: ['invalid', 'component needs "{feature}", which is not supported{where}', 'build it without "{feature}"'],
	FORGE_COMPONENT_LIMIT: ['limit', 'component has too many {what}: more than {limit}', 'split the component'],
	FORGE_COMPONENT_LINK: ['invalid', 'component does not link: {reason}', 'build the component again'],
	FORGE_PREVIEW1_EXPORT: [
		'invalid',
		'preview1 module does not export "{name}" as a {kind}',
		'build the module as a command, or make it a component',
	],
	FORGE_IMPORT_MISSING: ['missing', 'missing imports: {names}', 'provide them, or build the component without them'],
	FORGE_LIMIT_MEMORY: ['limit', 'memories need {needed} bytes at the start, the limit is {limit}', 'raise the memory limit'],
	FORGE_LIMIT_COUNT: ['limit', 'more than {limit} {what}', 'raise the limit on {what}'],
	FORGE_VALUE_INVALID: ['invalid', 'expected {expected}, got {found}', 'pass a value of the type that the WIT names'],
	FORGE_INSTANCE_DEAD: ['failed', 'instance is dead: {reason}', 'make a new instance'],
	FORGE_INSTANCE_BUSY: ['conflict', 'instance is already running a call', 'wait for the call to end'],
	FORGE_TRAP: ['failed', 'trap{where}: {reason}', 'look into the guest'],
	FORGE_FUEL_UNMETERED: ['invalid', 'component has no meter for a limit on fuel', 'load it with `metered: true`'],
	FORGE_FUEL_EXHAUSTED: ['limit', 'fuel exhausted', 'give the instance more fuel'],
});
