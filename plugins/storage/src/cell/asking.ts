import {type Call, CallCancelled, type CellContext, until} from '@forgeone/sdk/cell';

/** What the kernel half said, and the bytes after it. */
export interface Reply {
	// What came over the cell's own channel from this plugin's other half.
	// biome-ignore lint/suspicious/noExplicitAny: each operation has its own answer.
	readonly head: any;
	readonly bytes: Uint8Array;
}

/** Asks the kernel half: a head, with bytes. Rejects with `CallCancelled` where that fails. */
export type Ask = (head: Readonly<Record<string, unknown>>, body?: Uint8Array) => Promise<Reply>;

/** Writes all of it, as there is room. */
async function send({outgoing}: Call, bytes: Uint8Array): Promise<void> {
	for (let at = 0; at < bytes.length; ) {
		await until(outgoing);
		const room = outgoing.room();
		// Whoever waits for the reply hears why.
		if (room === undefined) return;
		outgoing.write(bytes.subarray(at, at + room));
		at += room;
	}
}

/** All bytes that come in, to their end. */
export async function receive({incoming}: Call): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	for (;;) {
		await until(incoming);
		const bytes = incoming.read(1024 * 1024);
		if (bytes === undefined) return Buffer.concat(pieces);
		pieces.push(bytes);
	}
}

/** The most text of a question, in characters: what has more is not even written down. */
const LONGEST = 256 * 1024;

/** How much text there is in what JSON can say. */
function textIn(value: unknown): number {
	if (typeof value === 'string') return value.length;
	return Object.values(Object(value)).reduce((sum: number, each) => sum + textIn(each), 0);
}

/** Asks by calls of this cell. */
export const asking =
	(open: CellContext['call']): Ask =>
	async (head, body = new Uint8Array()) => {
		if (textIn(head) > LONGEST) throw new CallCancelled(`its names have more than ${LONGEST} characters`);
		const call = open(JSON.stringify(head));
		await send(call, body);
		call.outgoing.end();
		const reply = JSON.parse(await call.reply());
		return {head: reply, bytes: await receive(call)};
	};
