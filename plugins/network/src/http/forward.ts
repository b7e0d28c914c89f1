import type {IncomingMessage, ServerResponse} from 'node:http';
import type {KernelCall} from '@forgeone/sdk';
import {errors} from '../errors.ts';
import type {ResponseHead} from './heads.ts';
import {trailerText} from './heads.ts';
import {bodied} from './requests.ts';
import {end, STALL, writeHead} from './responses.ts';

/** Settles once there is room again; where there is none for too long, or nobody to read, the response is over. */
function drained(outgoing: ServerResponse): Promise<void> {
	const {promise, resolve} = Promise.withResolvers<void>();
	const done = () => {
		outgoing.off('drain', done).off('close', done).setTimeout(0);
		resolve();
	};
	outgoing.on('drain', done).on('close', done).setTimeout(STALL);
	return promise;
}

/** The body of a request goes into a call, as fast as it is read there. Throws FORGE_REQUEST_SIZE. */
async function send(incoming: IncomingMessage, call: KernelCall, limit: number): Promise<void> {
	let size = 0;
	for await (const chunk of incoming.iterator({destroyOnReturn: false})) {
		size += chunk.length;
		if (size > limit) throw errors.FORGE_REQUEST_SIZE({limit});
		await call.write(chunk);
	}
	await call.finish(trailerText(incoming.rawTrailers));
}

/** The body of a response comes out of a call, as fast as the client reads it. */
async function receive(outgoing: ServerResponse, call: KernelCall, bodied: boolean): Promise<void> {
	for (let bytes = await call.read(); bytes !== undefined && !outgoing.destroyed; bytes = await call.read()) {
		if (bodied && !outgoing.write(bytes)) await drained(outgoing);
	}
	end(outgoing, bodied ? await call.trailer() : undefined);
}

/**
 * Carries one exchange over a call into a container: both bodies stream, and neither side is ahead of the other by more than the call holds. A
 * client that leaves cancels the call. Throws what the call fails with.
 */
export async function forward(
	incoming: IncomingMessage,
	outgoing: ServerResponse,
	call: KernelCall,
	{container, limit}: {readonly container: string; readonly limit: number},
): Promise<void> {
	const over = Promise.withResolvers<never>();
	outgoing.once('close', () => call.cancel(outgoing.writableFinished ? 'the response is complete' : 'the client has left'));
	// A container need not read all of a request; only that too much comes is worse than what it answers.
	const sending = bodied(incoming) ? send(incoming, call, limit) : call.finish(undefined);
	if (sending instanceof Promise) sending.catch(error => (error?.code === 'FORGE_REQUEST_SIZE' ? over.reject(error) : undefined));
	try {
		const reply = await Promise.race([call.reply(), over.promise]);
		const head: ResponseHead = JSON.parse(reply) ?? {};
		await Promise.race([receive(outgoing, call, writeHead(outgoing, head, container).bodied), over.promise]);
	} catch (error) {
		call.cancel('the response failed');
		throw error;
	}
}
