import type {Link} from '@forgeone/wasm';
import {ask, type Rule} from './rules.ts';

/** Decides whether a plugin may use a contract of another. What another tap has allowed stands unless a rule denies it. */
export function judge(rules: readonly Rule[], before: Link.Verdict, request: Link.Request): Link.Verdict {
	if (before.tag === 'refused') return before;
	const {consumer, implementation: made, contract} = request;
	const {says, reason} = ask(rules, {action: 'link', who: `plugin:${consumer}`, what: contract.replace(/@.*$/, ''), made});
	if (says === 'allow') return {tag: 'allowed'};
	return says === 'silent' && before.tag === 'allowed' ? before : {tag: 'refused', val: reason};
}
