import {type Rule, rule} from './rules.ts';

/** How this plugin is configured. */
export const config = {
	type: 'object',
	properties: {
		rules: {type: 'array', items: rule, default: [], description: 'in front of the defaults'},
		defaults: {type: 'boolean', default: true, description: 'whether the defaults hold'},
	},
	required: ['rules', 'defaults'],
} as const;

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
