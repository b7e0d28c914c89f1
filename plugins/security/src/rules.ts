import {errors} from './errors.ts';

const actions = ['link', 'admit', 'isolation', 'volume', 'publish', 'net', 'route', 'network', 'keyvalue', 'blobstore'] as const;
const implementations = ['typescript', 'component'] as const;

/** What a rule is about. */
export type Action = (typeof actions)[number];

/** One line of policy. A rule that names neither whom nor what is about everybody and everything; `*` in a name stands for anything. */
export interface Rule {
	/** Either this or `deny`. */
	readonly allow?: Action | undefined;
	/** Wins over every rule that allows. */
	readonly deny?: Action | undefined;
	/** `user:1000`, `plugin:audit`, `container:*`. */
	readonly who?: string;
	/**
	 * `link`: a contract without its version. `admit`: the path of an image, or its digest. `isolation`: its name. `volume`: `source:target:rw`, or
	 * `ro`. `publish`: `address:port`. `net`: `host:port`.
	 * `route`: `host/path`. `network`: its name. `keyvalue` and `blobstore`: the name of a store.
	 */
	readonly what?: string;
	/** What the rule is not about, though `what` matches. */
	readonly except?: string;
	/** `link` only: what the plugin is made of. */
	readonly made?: (typeof implementations)[number];
}

/** What is asked of the rules. */
export interface Question {
	readonly action: Action;
	readonly who: string;
	readonly what: string;
	/** Another name of the same thing. */
	readonly alias?: string;
	readonly made?: Rule['made'];
}

/** How the rules answer: `silent` where none matches. The reason names the rule, or the one that is missing. */
export interface Answer {
	readonly says: 'allow' | 'deny' | 'silent';
	readonly reason: string;
}

/** Whether the name is one that the pattern stands for. In linear time, as names come from strangers. */
export function matches(pattern: string, name: string): boolean {
	const [head = '', ...pieces] = pattern.split('*');
	const tail = pieces.pop();
	if (tail === undefined) return name === pattern;
	if (!name.startsWith(head)) return false;
	let at = head.length;
	for (const piece of pieces) {
		const found = name.indexOf(piece, at);
		if (found < 0) return false;
		at = found + piece.length;
	}
	return name.length - tail.length >= at && name.endsWith(tail);
}

function applies(rule: Rule, {who, what, alias = what, made}: Question): boolean {
	if (rule.made !== undefined && rule.made !== made) return false;
	if (rule.who !== undefined && !matches(rule.who, who)) return false;
	const named = (pattern: string) => matches(pattern, what) || matches(pattern, alias);
	return (rule.what === undefined || named(rule.what)) && !(rule.except !== undefined && named(rule.except));
}

/** Asks the rules: one that denies wins, and where no rule matches they are silent, which is a no. */
export function ask(rules: readonly Rule[], question: Question): Answer {
	const {action, who, what} = question;
	const denying = rules.find(rule => rule.deny === action && applies(rule, question));
	if (denying) return {says: 'deny', reason: `denied by the rule ${JSON.stringify(denying)}`};
	const allowing = rules.find(rule => rule.allow === action && applies(rule, question));
	if (allowing) return {says: 'allow', reason: `allowed by the rule ${JSON.stringify(allowing)}`};
	return {says: 'silent', reason: `no rule allows it; this one would: ${JSON.stringify({allow: action, who, what})}`};
}

const action = {enum: actions} as const;
const name = {type: 'string', minLength: 1} as const;

/** The schema of a rule. */
export const rule = {
	type: 'object',
	properties: {
		allow: action,
		deny: {...action, description: 'wins over every rule that allows'},
		who: {...name, description: 'user:1000, plugin:audit, container:*'},
		what: {...name, description: 'what it is about; * stands for anything'},
		except: {...name, description: 'what it is not about, though "what" matches'},
		made: {enum: implementations, description: 'link only: what the plugin is made of'},
	},
	oneOf: [{required: ['allow']}, {required: ['deny']}],
} as const;

/** Checks what the schema of a rule can not say. Throws FORGE_POLICY_INVALID. */
export function checkRules(rules: readonly Rule[]): void {
	const index = rules.findIndex(({made, allow, deny}) => made !== undefined && (allow ?? deny) !== 'link');
	if (index < 0) return;
	throw errors.FORGE_POLICY_INVALID({where: `plugins.security.config.rules.${index}`, reason: 'only a rule about "link" has "made"'});
}
