import {normalize} from 'node:path';
import type {Admission, RuntimeTypes} from '@forgeone/wasm';
import {appraise, disqualified} from './appraisal.ts';
import {type Action, ask, type Rule} from './rules.ts';

type Power = readonly [action: Action, what: string];

/** A path is judged as what it leads to: `/usr/../etc` is `/etc`. */
const asGranted = (mount: RuntimeTypes.Mount): RuntimeTypes.Mount =>
	mount.source.startsWith('/') ? {...mount, source: normalize(mount.source).replace(/(?<=.)\/$/, '')} : mount;

const addressed = ({address, port, protocol}: RuntimeTypes.Port): string =>
	`${address.includes(':') ? `[${address}]` : address}:${port}${protocol === 'udp' ? '/udp' : ''}`;

function powersOf({mounts, publish, egress, routes, networks, stores = []}: RuntimeTypes.Grants): Power[] {
	return [
		...mounts.map(({source, target, readOnly}): Power => ['volume', `${source}:${target}:${readOnly ? 'ro' : 'rw'}`]),
		...publish.map((port): Power => ['publish', addressed(port)]),
		...egress.map((rule): Power => ['net', rule]),
		...routes.map((route): Power => ['route', route]),
		...networks.map((network): Power => ['network', network]),
		...stores.map(({kind, name}): Power => [kind, name]),
	];
}

/** A verdict that refuses. */
const refuse = (val: string): Admission.Verdict => ({tag: 'refused', val});

/**
 * Decides whether a container may be, and gives it what it asked for or nothing. What another tap has allowed stands unless a rule denies it, with
 * what that one granted.
 */
export function admit(rules: readonly Rule[], before: Admission.Verdict, request: Admission.Request): Admission.Verdict {
	if (before.tag === 'refused') return before;
	const {subject, spec, digest, imports, isolation} = request;
	const {publish, egress, routes, networks, stores = []} = spec;
	const asked = {mounts: spec.mounts.map(asGranted), publish, egress, routes, networks, stores, isolation};
	const grants = before.tag === 'allowed' ? before.val.grants : asked;
	const powers = powersOf(grants);
	const needs: readonly Power[] = [['admit', spec.image], ['isolation', isolation], ...powers];
	for (const [action, what] of needs) {
		const {says, reason} = ask(rules, {action, who: subject, what, ...(action === 'admit' ? {alias: digest} : {})});
		if (says === 'deny' || (says === 'silent' && before.tag === 'undecided')) return refuse(`${action} "${what}": ${reason}`);
	}
	const evidence = {digest, imports, powers: powers.map(power => power.join(':')), isolation};
	const trust = appraise(spec.digest === undefined ? evidence : {...evidence, pinned: spec.digest});
	const bad = disqualified(trust);
	return bad === undefined ? {tag: 'allowed', val: {grants, trust}} : refuse(`the image can not be trusted: ${bad}`);
}
