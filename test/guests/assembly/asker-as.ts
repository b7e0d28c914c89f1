/** An HTTP handler that asks another one, `/?COUNT&AUTHORITY`, one request after the other, and answers with the last status. */
import {handle as ask} from './bindings/imports/outgoing-handler';
import {
	ErrorCode,
	Fields,
	IncomingBody,
	IncomingRequest,
	OutgoingBody,
	OutgoingRequest,
	OutgoingResponse,
	ResponseOutparam,
	Scheme,
} from './bindings/imports/types';
import {Result} from './bindings/wit';

export function handle(request: IncomingRequest, out: ResponseOutparam): void {
	const words = request.pathWithQuery()!.split('?')[1].split('&');
	request.drop();
	let status: u16 = 204;
	for (let i = i32.parse(words[0]); i > 0; i--) status = asked(words[1]);
	const response = new OutgoingResponse(new Fields());
	response.setStatusCode(status);
	const body = response.body().value;
	ResponseOutparam.set(out, Result.ok<OutgoingResponse, ErrorCode>(response));
	OutgoingBody.finish(body, null);
}

/** The status of an answer that was read to its end; 502 where there is none. */
function asked(authority: string): u16 {
	const request = new OutgoingRequest(new Fields());
	request.setScheme(Scheme.http());
	request.setAuthority(authority);
	request.setPathWithQuery('/');
	const future = ask(request, null).value;
	const ready = future.subscribe();
	ready.block();
	ready.drop();
	const answer = future.get()!.value;
	future.drop();
	if (!answer.isOk) return 502;
	const response = answer.value;
	const status = response.status();
	const body = response.consume().value;
	const stream = body.stream().value;
	while (stream.blockingRead(65536).isOk) {}
	stream.drop();
	IncomingBody.finish(body).drop();
	response.drop();
	return status;
}
