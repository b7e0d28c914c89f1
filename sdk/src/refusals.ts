import {type Log, reasonOf} from '@forgeone/core';
import type {Audit} from '@forgeone/wasm';

/** Puts on record what a container tried, such as `net`, what it was refused, and the flag that would have granted it, such as `--allow-net example.com:443`. */
export type Refused = (action: string, what: string, grant: string) => void;

/** For how long a refusal is not said again, in milliseconds, and how many others are said in that time: a guest may try in a loop. */
const PERIOD = 60_000;
const MOST = 100;

/** Makes what puts the refusals of one container into the audit, each once a minute. */
export function refusals(container: string, append: (entry: Audit.Entry) => Promise<void>, log: Log): Refused {
	const said = new Set<string>();
	let since = 0;
	return (action, what, grant) => {
		const now = Date.now();
		if (now - since >= PERIOD) {
			said.clear();
			since = now;
		}
		if (said.has(what) || said.size === MOST) return;
		said.add(what);
		const reason = `not granted: ${grant}`;
		append({time: BigInt(now), subject: `container:${container}`, action, object: what, allowed: false, reason}).catch(error =>
			log.warn({container, what, reason: reasonOf(error)}, 'a refusal is not on record'),
		);
	};
}
