import type {Appraisal} from '@forgeone/wasm';

/** What stands between the container and the kernel, as a claim. */
const isolations = {sandbox: 2, process: 3, thread: 32, inline: 33};

/** Powers that name no one thing: any host, or the whole disk. */
const broad = /^(net:\*:|volume:\/+:)/;

function integrity({digest, pinned}: Appraisal.Evidence): number {
	if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return -1;
	if (pinned === undefined) return 32;
	return pinned === digest ? 2 : 99;
}

function configuration({powers}: Appraisal.Evidence): number {
	if (powers.length === 0) return 3;
	return powers.some(power => broad.test(power)) ? 33 : 2;
}

/** Says what is known about an artifact, all eight claims, from nothing but the evidence. */
export function appraise(evidence: Appraisal.Evidence): Appraisal.Vector {
	return {
		integrity: integrity(evidence),
		// Nobody signs, and nobody states where an image comes from.
		authenticity: 33,
		provenance: 33,
		// There is no feed of versions, so nothing can be asserted.
		freshness: 0,
		configuration: configuration(evidence),
		executables: evidence.imports.length === 0 ? 3 : 2,
		isolation: isolations[evidence.isolation],
		// No record of earlier runs is kept.
		behaviour: 33,
	};
}

/** The tier of a claim, as AR4SI has it; a value of no standard counts as the one its sign mirrors, and what is no signed byte as failed. */
export function tierOf(claim: number): 'none' | 'affirming' | 'warning' | 'contraindicated' | 'failed' {
	if (!Number.isInteger(claim) || claim < -128 || claim > 127 || claim === -1) return 'failed';
	const distance = claim < 0 ? -claim - 1 : claim;
	if (distance < 2 && claim >= 0) return 'none';
	if (distance < 32) return 'affirming';
	return distance < 96 ? 'warning' : 'contraindicated';
}

/** The first claim that forbids to run the artifact, whatever the rules say. */
export function disqualified(vector: Appraisal.Vector): string | undefined {
	const bad = Object.entries(vector).find(([, claim]) => ['contraindicated', 'failed'].includes(tierOf(claim)));
	return bad && `its ${bad[0]} is ${tierOf(bad[1])} (${bad[1]})`;
}
