import {type Client, reasonOf} from '@forgeone/core';
import type {Audit} from '@forgeone/wasm';

/** A verdict of a hook. */
type Verdict = {readonly tag: 'undecided'} | {readonly tag: 'allowed'} | {readonly tag: 'refused'; readonly val: string};

type About = Pick<Audit.Entry, 'subject' | 'action' | 'object'>;

/** The decisions, on their way to the audit sink. */
export interface Decisions {
	/** The verdict, once it is on record; a refusal where it can not be recorded. */
	record<V extends Verdict>(about: About, verdict: V): Promise<V | {tag: 'refused'; val: string}>;
	/** For what the sink needs to run, which may be waiting for this verdict: recorded with the next decision. */
	recordLater<V extends Verdict>(about: About, verdict: V): V;
}

function entryOf(about: About, verdict: Verdict): Audit.Entry {
	const reason = verdict.tag === 'refused' ? verdict.val : '';
	return {time: BigInt(Date.now()), ...about, allowed: verdict.tag === 'allowed', reason};
}

/** Records in `sink`. */
export function createDecisions(sink: Client<typeof Audit>): Decisions {
	const late: Audit.Entry[] = [];
	const appendLate = (entry: Audit.Entry) =>
		sink.append(entry).catch(error => {
			late.unshift(entry);
			throw error;
		});
	return {
		async record(about, verdict) {
			try {
				for (let entry = late.shift(); entry; entry = late.shift()) await appendLate(entry);
				await sink.append(entryOf(about, verdict));
				return verdict;
			} catch (error) {
				return {tag: 'refused', val: `the decision could not be recorded: ${reasonOf(error)}`};
			}
		},
		recordLater(about, verdict) {
			late.push(entryOf(about, verdict));
			return verdict;
		},
	};
}
