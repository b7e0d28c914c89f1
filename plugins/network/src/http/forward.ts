import type {IncomingMessage, ServerResponse} from 'node:http';
import type {KernelCall} from '@forgeone/sdk';
import {errors} from '../errors.ts';
import type {ResponseHead} from './heads.ts';
import {trailerText} from './heads.ts';
import {bodied} from './requests.ts';
import {end, SMALL, STALL, writeHead} from './responses.ts';

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

/** What comes out of a call, from this piece on, goes to the client as fast as it reads. */
async function relay(outgoing: ServerResponse, call: KernelCall, first: Uint8Array | undefined, bodied: boolean): Promise<void> {
	for (let bytes = first; bytes !== undefined && !outgoing.destroyed; bytes = await call.read()) {
		if (bodied && !outgoing.write(bytes)) await drained(outgoing);
	}
	end(outgoing, bodied ? await call.trailer() : undefined);
}

/** The response comes out of a call. */
async function receive(outgoing: ServerResponse, call: KernelCall, container: string): Promise<void> {
	const head: ResponseHead = JSON.parse(await call.reply());
	const {bodied} = writeHead(outgoing, head, container);
	const first = await call.read();
	if (!bodied || first === undefined || first.length > SMALL) return relay(outgoing, call, first, bodied);
	// It may be all.
	const second = call.read();
	if (second === undefined) return end(outgoing, await call.trailer(), first);
	outgoing.write(first);
	return relay(outgoing, call, await second, bodied);
}

/** Rejects where more was to be sent than may be. A container need not read all of a request: that is no failure. */
function exceeding(sending: Promise<unknown>): Promise<never> {
	return new Promise((_, reject) => {
		sending.catch(error => (error?.code === 'FORGE_REQUEST_SIZE' ? reject(error) : undefined));
	});
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
	outgoing.once('close', () => call.cancel(outgoing.writableFinished ? 'the response is complete' : 'the client has left'));
	const sending = bodied(incoming) ? send(incoming, call, limit) : call.finish(undefined);
	const receiving = receive(outgoing, call, container);
	try {
		await (sending instanceof Promise ? Promise.race([receiving, exceeding(sending)]) : receiving);
	} catch (error) {
		call.cancel('the response failed');
		throw error;
	}
}
