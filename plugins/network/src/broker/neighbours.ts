import type {KernelCall} from '@forgeone/sdk';
import {endToEnd, fit, formed, type ResponseHead} from '../http/heads.ts';
import {Failure, reasonFor} from './failures.ts';

async function pass(from: KernelCall, to: KernelCall): Promise<void> {
	for (let bytes = await from.read(); bytes !== undefined; bytes = await from.read()) await to.write(bytes);
	await to.finish(await from.trailer());
}

/** Cells are not believed: what one says goes to the other only in the shape that it must have. */
function answerOf(text: string): string {
	const head: ResponseHead = JSON.parse(text);
	if (!formed(head) || !fit(head.headers)) throw new Failure('HTTP-protocol-error');
	const headers = endToEnd(head.headers);
	const whole = headers.length === head.headers.length && Object.keys(head).length === 2;
	return whole ? text : JSON.stringify({status: head.status, headers});
}

/** Of who asks: why there is no answer. */
const failed = (error: unknown): string => reasonFor(error instanceof Failure ? error : new Failure('connection-terminated'));

function unavailable(cause: unknown): never {
	throw new Failure('destination-unavailable', undefined, {cause});
}

/** Carries a request of one container to another one, whose call `open` opens, without a socket; who cancels on one side cancels on the other. */
export async function carryTo(from: KernelCall, open: () => Promise<KernelCall>): Promise<void> {
	const to = await open().catch(unavailable);
	if (await from.join?.(to, {answer: answerOf, failed})) return;
	void Promise.resolve(from.cancelled()).then(reason => reason !== undefined && to.cancel('the client has left'));
	const sending = pass(from, to);
	// A container need not read all of a request.
	sending.catch(() => undefined);
	try {
		await from.answer(answerOf(await to.reply()));
		await pass(to, from);
	} catch (error) {
		await to.cancel('the client has left');
		await from.cancel(failed(error));
	}
}
