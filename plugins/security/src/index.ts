import {identities, link} from '@forgeone/core';
import {admission, appraisal, audit, definePlugin, principals} from '@forgeone/sdk';
import {admit} from './admission.ts';
import {appraise} from './appraisal.ts';
import {config, defaults} from './config.ts';
import {createDecisions} from './decisions.ts';
import {judge} from './links.ts';
import {principalsOf} from './principals.ts';
import {checkRules} from './rules.ts';

export {appraise, disqualified, tierOf} from './appraisal.ts';
export {defaults} from './config.ts';
export {ask, matches, type Rule} from './rules.ts';

/** Says who somebody is, what is known about an image, which plugin may use which, and what a container may have. What no rule allows is refused. */
export default definePlugin({
	name: 'security',
	provides: {principals, appraisal},
	uses: {identities, audit},
	taps: [link, admission],
	config,
	setup({name, config: {rules: own, defaults: usual}, uses, hooks}) {
		checkRules(own);
		const rules = usual ? [...own, ...defaults] : own;
		const decisions = createDecisions(uses.audit());
		let sink: string | undefined;

		hooks.tap(link, {
			decide(before, request) {
				const {consumer, provider, contract} = request;
				if (consumer === name && contract === audit.id) sink = provider;
				const about = {subject: `plugin:${consumer}`, action: 'link', object: contract};
				const verdict = judge(rules, before, request);
				return consumer === sink ? decisions.recordLater(about, verdict) : decisions.record(about, verdict);
			},
		});
		hooks.tap(admission, {
			admit(before, request) {
				const about = {subject: request.subject, action: 'admit', object: request.spec.image};
				return decisions.record(about, admit(rules, before, request));
			},
		});

		const who = principalsOf(uses.identities.sync());
		return {principals: () => who, appraisal: () => ({appraise})};
	},
});
