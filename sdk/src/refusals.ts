import {type Log, reasonOf} from '@forgeone/core';
import type {Audit} from '@forgeone/wasm';
import {sparing} from './cell/sparing.ts';

/** Puts on record what a container tried, such as `net`, what it was refused, and the flag that would have granted it, such as `--allow-net example.com:443`. */
export type Refused = (action: string, what: string, grant: string) => void;

/** Makes what puts the refusals of one container into the audit, each once a minute. */
export function refusals(container: string, append: (entry: Audit.Entry) => Promise<void>, log: Log): Refused {
	const fresh = sparing();
	return (action, what, grant) => {
		if (!fresh(what)) return;
		const reason = `not granted: ${grant}`;
		append({time: BigInt(Date.now()), subject: `container:${container}`, action, object: what, allowed: false, reason}).catch(error =>
			log.warn({container, what, reason: reasonOf(error)}, 'a refusal is not on record'),
		);
	};
}
