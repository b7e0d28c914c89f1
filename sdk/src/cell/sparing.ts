/** For how long a refusal is not said again, in milliseconds, and how many others are said in that time: a guest may try in a loop. */
const PERIOD = 60_000;
const MOST = 100;

/** Makes what tells of each refusal whether it is to be said now: each once a minute, and a hundred of them. */
export function sparing(): (what: string) => boolean {
	const said = new Set<string>();
	let since = 0;
	return what => {
		const now = Date.now();
		if (now - since >= PERIOD) {
			said.clear();
			since = now;
		}
		if (said.has(what) || said.size === MOST) return false;
		said.add(what);
		return true;
	};
}
