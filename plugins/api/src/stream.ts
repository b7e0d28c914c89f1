import {once} from 'node:events';
import {type Engine, follow, stringify} from '@forgeone/sdk/client';
import type {FastifyReply} from 'fastify';
import {errors} from './errors.ts';

/** How many may follow logs at once. */
const WATCHERS = 64;

/** How long a watcher may leave what it was sent unread, in milliseconds. */
const PATIENCE = 60_000;

let watchers = 0;

/** Sends the output of a container, a line of JSON for each piece, until it has exited or the watcher is gone. Never holds more than one piece. */
export async function stream({containers}: Engine, [id, cursor]: readonly unknown[], reply: FastifyReply): Promise<FastifyReply> {
	await containers.inspect(String(id));
	if (watchers >= WATCHERS) throw errors.FORGE_API_WATCHERS({limit: WATCHERS});
	reply.hijack();
	const {raw} = reply;
	const gone = new AbortController();
	raw.once('close', () => gone.abort());
	raw.writeHead(200, {'content-type': 'application/x-ndjson'});
	raw.flushHeaders();
	watchers++;
	try {
		for await (const piece of follow(containers, String(id), cursor as bigint, gone.signal)) {
			if (raw.write(`${stringify(piece)}\n`)) continue;
			await once(raw, 'drain', {signal: AbortSignal.any([gone.signal, AbortSignal.timeout(PATIENCE)])});
		}
		raw.end();
	} catch {
		raw.destroy();
	} finally {
		watchers--;
	}
	return reply;
}
