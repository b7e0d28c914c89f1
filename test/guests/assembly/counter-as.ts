/** An HTTP handler that answers with a status of 200 more than the requests before it, of the last three hundred; `/?BYTES` has it keep so many for each, or trap when it has answered where they are fewer than none. */
import {ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam} from './bindings/imports/types';
import {Result} from './bindings/wit';

let count: u16 = 0;

export function handle(request: IncomingRequest, out: ResponseOutparam): void {
	const words = request.pathWithQuery()!.split('?');
	request.drop();
	const kept = words.length > 1 ? i32.parse(words[1]) : 0;
	if (kept > 0) heap.alloc(kept);
	const response = new OutgoingResponse(new Fields());
	response.setStatusCode(200 + (count++ % 300));
	const body = response.body().value;
	ResponseOutparam.set(out, Result.ok<OutgoingResponse, ErrorCode>(response));
	OutgoingBody.finish(body, null);
	if (kept < 0) unreachable();
}
