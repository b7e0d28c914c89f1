import {errorTable} from '@forgeone/wasm';

/** Every error of this plugin: what kind it is, what it says, what to do. */
export const errors = errorTable({
	FORGE_ADMISSION_REFUSED: ['refused', 'policy refuses "{image}": {reason}', 'ask for less, or allow it in the policy'],
	FORGE_CONTAINER_BUSY: ['conflict', 'container "{container}" is {state}', 'stop it first, or use force'],
	FORGE_CONTAINER_DEADLINE: ['failed', 'container "{container}" did not answer within {milliseconds} ms', 'give it a longer timeout'],
	FORGE_CONTAINER_ELSEWHERE: ['conflict', 'container "{container}" runs in the process {pid}', 'end it there'],
	FORGE_CONTAINER_EXITED: ['conflict', 'container "{container}" is not running', 'start it first'],
	FORGE_CONTAINER_MEMORY: [
		'limit',
		'out of memory: its cell has {bytes} bytes',
		'raise the memory limit, or have it keep less with its host',
	],
	FORGE_CONTAINER_NAME: ['conflict', 'there is a container with the name "{name}" already', 'remove it, or choose another name'],
	FORGE_CONTAINER_UNKNOWN: ['missing', 'there is no container "{container}"', 'see forge ps -a'],
	FORGE_CONTAINER_VAGUE: ['invalid', '"{container}" is the beginning of more than one id', 'write more of it'],
	FORGE_IMAGE_DECODE: ['limit', 'image "{image}" can not be decoded: {reason}', 'make it smaller, or of fewer parts'],
	FORGE_IMAGE_EXPORT: ['invalid', 'image "{image}" is a component that exports neither {known}', 'build it for one of these worlds'],
	FORGE_IMAGE_MISSING: ['missing', 'image "{image}" can not be read: {reason}', 'check the path'],
	FORGE_IMAGE_SIZE: ['limit', 'image "{image}" has {size} bytes, more than {limit}', 'make it smaller'],
	FORGE_ISOLATION_MISSING: [
		'refused',
		'isolation "{isolation}" can not be had here: {reason}',
		'mend that, or ask for another isolation; forge doctor tells what this machine has',
	],
	FORGE_SPEC_INVALID: ['invalid', 'container spec: {field} {reason}', 'correct it'],
	FORGE_STATE_UNWRITABLE: ['failed', 'state folder "{folder}" can not be written: {reason}', 'choose another with FORGE_HOME'],
});
