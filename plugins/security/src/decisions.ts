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
	let turn: {readonly entries: Audit.Entry[]; readonly written: Promise<void>} | undefined;

	/** What is decided in one turn is written together: each of these decisions waits for that. */
	function begin() {
		const entries: Audit.Entry[] = [];
		const written = new Promise<void>(resolve => process.nextTick(resolve)).then(async () => {
			turn = undefined;
			const before = late.splice(0);
			await sink.appendAll([...before, ...entries]).catch(error => {
				late.unshift(...before);
				throw error;
			});
		});
		return {entries, written};
	}

	return {
		async record(about, verdict) {
			try {
				turn ??= begin();
				turn.entries.push(entryOf(about, verdict));
				await turn.written;
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
