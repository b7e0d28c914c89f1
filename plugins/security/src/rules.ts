import {errors} from './errors.ts';

const actions = ['link', 'admit', 'isolation', 'volume', 'publish', 'net', 'route', 'network', 'keyvalue', 'blobstore'] as const;
const keys = ['allow', 'deny', 'who', 'what', 'except', 'made'] as const;
const implementations = ['typescript', 'component'] as const;

/** What a rule is about. */
export type Action = (typeof actions)[number];

/** One line of policy. A rule that names neither whom nor what is about everybody and everything; `*` in a name stands for anything. */
export interface Rule {
	/** Either this or `deny`. */
	readonly allow?: Action;
	/** Wins over every rule that allows. */
	readonly deny?: Action;
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

/** How many letters must be changed, added or left out to make one of the other. */
function distance(one: string, two: string): number {
	let row = Array.from({length: two.length + 1}, (_, index) => index);
	for (const [i, letter] of [...one].entries()) {
		const next = [i + 1];
		for (let j = 0; j < two.length; j++) {
			const change = (row[j] ?? 0) + (letter === two[j] ? 0 : 1);
			next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
		}
		row = next;
	}
	return row[two.length] ?? 0;
}

const nearest = (name: string, known: readonly string[]): string | undefined =>
	[...known].sort((one, two) => distance(name.slice(0, 32), one) - distance(name.slice(0, 32), two))[0];

/** The value as an object that has no other keys than these. Throws FORGE_POLICY_INVALID, which names the nearest one. */
export function checkKeys(value: unknown, where: string, known: readonly string[]): Readonly<Record<string, unknown>> {
	const wrong = (reason: string) => errors.FORGE_POLICY_INVALID({where, reason});
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('it is not an object');
	const unknown = Object.keys(value).find(key => !known.includes(key));
	if (unknown !== undefined) throw wrong(`it has no key "${unknown}"; the nearest is "${nearest(unknown, known)}"`);
	return value as Readonly<Record<string, unknown>>;
}

/** A rule, checked. Throws FORGE_POLICY_INVALID. */
export function checkRule(value: unknown, where: string): Rule {
	const rule = checkKeys(value, where, keys);
	const wrong = (reason: string) => errors.FORGE_POLICY_INVALID({where, reason});
	if ((rule.allow === undefined) === (rule.deny === undefined)) throw wrong('it needs either "allow" or "deny"');
	const oneOf = (key: string, known: readonly unknown[]) => {
		const given = rule[key];
		if (given === undefined || known.includes(given)) return;
		throw wrong(`its "${key}" is none of ${known.join(', ')}`);
	};
	oneOf('allow', actions);
	oneOf('deny', actions);
	oneOf('made', implementations);
	if (rule.made !== undefined && (rule.allow ?? rule.deny) !== 'link') throw wrong('only a rule about "link" has "made"');
	for (const key of ['who', 'what', 'except']) {
		if (rule[key] !== undefined && (typeof rule[key] !== 'string' || rule[key] === '')) throw wrong(`its "${key}" is not a name`);
	}
	return Object.freeze({...rule});
}
