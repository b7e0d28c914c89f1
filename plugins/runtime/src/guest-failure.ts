import type {Ending} from './isolation.ts';

/** A guest that broke while it was to answer. */
export class GuestFailure extends Error {
	readonly ending: Ending;

	constructor(ending: Ending) {
		super(ending.reason ?? `the guest exited with ${ending.code}`);
		this.ending = ending;
	}
}
