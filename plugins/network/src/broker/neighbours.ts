import type {KernelCall} from '@forgeone/sdk';
import {endToEnd, type RequestHead, type ResponseHead} from '../http/heads.ts';
import {Failure} from './failures.ts';

/** Calls into another container; rejects where it does not run. */
export type OpenCall = (container: string, head: string) => Promise<KernelCall>;

async function pass(from: KernelCall, to: KernelCall): Promise<void> {
	for (let bytes = await from.read(); bytes !== undefined; bytes = await from.read()) await to.write(bytes);
	await to.finish(await from.trailer());
}

/** Cells are not believed: what one says goes to the other only in the shape that it must have. */
function responseOf(text: string): ResponseHead {
	const {status, headers}: Partial<ResponseHead> = JSON.parse(text);
	const good = Number.isInteger(status) && Array.isArray(headers) && headers.every(each => typeof each === 'string');
	if (!good || status === undefined || headers === undefined || status < 200 || status > 599) throw new Failure('HTTP-protocol-error');
	return {status, headers: endToEnd(headers)};
}

async function opened(open: OpenCall, container: string, head: RequestHead): Promise<KernelCall> {
	try {
		return await open(container, JSON.stringify(head));
	} catch (error) {
		throw new Failure('destination-unavailable', undefined, {cause: error});
	}
}

/** Carries a request of one container to another one, without a socket; who cancels on one side cancels on the other. */
export async function carryTo(container: string, head: RequestHead, from: KernelCall, open: OpenCall): Promise<void> {
	const to = await opened(open, container, head);
	void Promise.resolve(from.cancelled()).then(reason => reason !== undefined && to.cancel('the client has left'));
	const sending = pass(from, to);
	// A container need not read all of a request.
	sending.catch(() => undefined);
	try {
		await from.answer(JSON.stringify(responseOf(await to.reply())));
		await pass(to, from);
	} catch (error) {
		await to.cancel('the client has left');
		throw error instanceof Failure ? error : new Failure('connection-terminated');
	}
}
