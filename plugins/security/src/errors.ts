import {errorTable} from '@forgeone/wasm';

/** Every error of security: what kind it is, what it says, what to do. A refusal is a verdict, and not an error. */
export const errors = errorTable({
	FORGE_POLICY_INVALID: ['invalid', '{where} is wrong: {reason}', 'see the rules in the README of @forgeone/plugin-security'],
	FORGE_PRINCIPAL_INVALID: [
		'invalid',
		'"{name}" can not be the name of a {kind}',
		'use the number of the user, or the id of the container',
	],
});
