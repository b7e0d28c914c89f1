import type {AnyPlugin} from '@forgeone/core';
import type {Admission, Attachment} from '@forgeone/wasm';
import {admission, attachment} from '../../contracts.ts';
import {definePlugin} from '../../define.ts';

const trust = {integrity: 2, authenticity: 2, provenance: 2, freshness: 2, configuration: 2, executables: 2, isolation: 2, behaviour: 2};

/** What the subsystems of a test were told. */
export interface Told {
	readonly asked: Admission.Request[];
	readonly attached: Attachment.Request[];
	readonly detached: string[];
}

/** Admits what is not called `refused`, and grants nothing of the network; attaches to what is not called `unattached`. */
export const subsystems = ({asked, attached, detached}: Told): AnyPlugin =>
	definePlugin({
		name: 'subsystems',
		taps: [admission, attachment],
		setup({hooks}) {
			hooks.tap(admission, {
				admit(_, request): Admission.Verdict {
					asked.push(request);
					if (request.spec.name === 'refused') return {tag: 'refused', val: 'it is the test that says so'};
					const {isolation} = request;
					const grants = {mounts: [], publish: [], egress: [], routes: [], networks: [], stores: [], isolation};
					return {tag: 'allowed', val: {grants, trust}};
				},
			});
			hooks.tap(attachment, {
				attach(parts, request) {
					attached.push(request);
					if (request.name === 'unattached') throw new Error('out of stock');
					return parts;
				},
				detach: container => void detached.push(container),
			});
			return {};
		},
	});
