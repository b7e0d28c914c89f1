import {errorTable} from '@forgeone/wasm';

/** Every error of the kernel: what kind it is, what it says, what to do. */
export const errors = errorTable({
	FORGE_CONTRACT_ASYNC: ['failed', '"{contract}#{fn}" answered later, and its caller can not wait', 'use a provider that answers at once'],
	FORGE_GRAPH_CYCLE: ['invalid', 'plugins need each other in a circle: {path}', 'break the circle at one of its contracts'],
	FORGE_GRAPH_MISSING: ['missing', 'plugin "{plugin}" uses contract "{contract}", which no plugin provides', 'add one that does'],
	FORGE_GRAPH_TWICE: ['conflict', 'contract "{contract}" is provided by both "{first}" and "{second}"', 'remove one of the two plugins'],
	FORGE_GRAPH_VERSION: ['conflict', 'plugin "{plugin}" uses "{contract}", but "{provider}" provides "{provided}"', 'bring them together'],
	FORGE_IDENTITY_FORGED: ['refused', 'the identity "{subject}" was not made by this kernel', 'use the identity that the call came with'],
	FORGE_LINK_REFUSED: ['refused', 'plugin "{consumer}" may not use "{contract}" of "{provider}": {reason}', 'allow the link in the policy'],
	FORGE_PLUGIN_CONFIG: ['invalid', 'plugin "{plugin}" can not take "{where}": {reason}', '{remedy}'],
	FORGE_PLUGIN_DOWN: ['failed', 'plugin "{plugin}" is not running: {reason}', 'see its log, and reload it'],
	FORGE_PLUGIN_FAILED: ['failed', 'plugin "{plugin}" failed in "{where}": {reason}', 'report this to the author of the plugin'],
	FORGE_PLUGIN_INCOMPLETE: ['invalid', 'plugin "{plugin}" declares "{contract}" but does not provide "{missing}"', 'provide it'],
	FORGE_PLUGIN_INVALID: ['invalid', '"{source}" is not a plugin: {reason}', 'export a plugin by default'],
	FORGE_PLUGIN_SETUP: ['failed', 'plugin "{plugin}" failed to start: {reason}', 'see --verbose for the cause'],
	FORGE_PLUGIN_TWICE: ['conflict', 'there are two plugins with the name "{plugin}"', 'give one of them another name'],
	FORGE_PLUGIN_UNDECLARED: ['invalid', 'plugin "{plugin}" taps or opens hook "{hook}" without declaring it', 'declare the hook'],
	FORGE_PLUGIN_UNKNOWN: ['missing', 'there is no plugin "{plugin}"', 'see forge plugin list'],
	FORGE_PLUGIN_UNREADABLE: ['missing', 'plugin "{source}" can not be loaded: {reason}', 'check the path or install the package'],
	FORGE_STOP_FAILED: ['failed', '{count} steps failed while "{scope}" stopped: {reason}', 'see --verbose for the causes'],
	FORGE_SWAP_CONTRACT: [
		'conflict',
		'plugin "{plugin}" provides "{contract}", and "{source}" {instead}',
		'swap it for one that provides the same',
	],
	FORGE_SWAP_HANDOVER: [
		'failed',
		'plugin "{plugin}" stays as it is, as its state was not handed over: {reason}',
		'see --verbose for the cause',
	],
	FORGE_SWAP_UNDONE: [
		'failed',
		'plugin "{plugin}" is what it was before, as the new version failed its first call: {reason}',
		'mend it and try again',
	],
	FORGE_TIMEOUT: ['failed', '"{what}" did not answer within {milliseconds} ms', 'see the log of the plugin'],
});
