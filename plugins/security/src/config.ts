import {errors} from './errors.ts';
import {checkKeys, checkRule, type Rule} from './rules.ts';

/** How this plugin is configured. */
export interface Config {
	/** In front of the defaults. */
	readonly rules: readonly Rule[];
	/** Whether the defaults hold; true where it says nothing. */
	readonly defaults: boolean;
}

const IDENTITIES = 'forgeone:kernel/identities';

/**
 * The rules of a machine with one owner: TypeScript plugins and the program itself may link to everything but the making of identities, the
 * audit sink may be a component, and a person may run what they like, with what they ask for. Containers may do nothing.
 */
export const defaults: readonly Rule[] = [
	{allow: 'link', made: 'typescript', except: IDENTITIES},
	{allow: 'link', who: 'plugin:security', what: IDENTITIES},
	{allow: 'link', who: 'plugin:audit', what: 'forgeone:storage/store'},
	...(['admit', 'isolation', 'volume', 'publish', 'net', 'route', 'network', 'keyvalue', 'blobstore'] as const).map(allow => ({
		allow,
		who: 'user:*',
	})),
];

/** Checks the configuration. Throws FORGE_POLICY_INVALID, which names the rule by its place, the first being 1. */
export function checkConfig(value: unknown = {}): Config {
	const where = 'the configuration of security';
	const {rules = [], defaults: kept = true} = checkKeys(value, where, ['rules', 'defaults']);
	if (!Array.isArray(rules)) throw errors.FORGE_POLICY_INVALID({where, reason: 'its "rules" are not a list'});
	if (typeof kept !== 'boolean') throw errors.FORGE_POLICY_INVALID({where, reason: 'its "defaults" are neither true nor false'});
	return {rules: rules.map((rule, index) => checkRule(rule, `rule ${index + 1} of security`)), defaults: kept};
}
