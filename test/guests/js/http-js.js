/** An HTTP handler: `GET /` greets, `POST /echo` answers with the body, `GET /env` lists the environment. */
import {getEnvironment} from 'wasi:cli/environment@0.2.10';
import {Fields, OutgoingBody, OutgoingResponse, ResponseOutparam} from 'wasi:http/types@0.2.10';

const chunk = 4096;
const encoder = new TextEncoder();

const bodyOf = request => {
	const body = request.consume();
	const stream = body.stream();
	const bytes = [];
	try {
		for (;;) bytes.push(...stream.blockingRead(BigInt(chunk)));
	} catch {
		// The end of a stream is reported as an error.
	}
	stream[Symbol.dispose]();
	body[Symbol.dispose]();
	return new Uint8Array(bytes);
};

const routes = {
	'GET /': () => encoder.encode('Hello from /\n'),
	'POST /echo': bodyOf,
	'GET /env': () => encoder.encode(JSON.stringify(Object.fromEntries(getEnvironment()))),
};

const send = (out, status, bytes) => {
	const response = new OutgoingResponse(new Fields());
	response.setStatusCode(status);
	const body = response.body();
	ResponseOutparam.set(out, {tag: 'ok', val: response});
	const stream = body.write();
	for (let at = 0; at < bytes.length; at += chunk) stream.blockingWriteAndFlush(bytes.subarray(at, at + chunk));
	stream[Symbol.dispose]();
	OutgoingBody.finish(body, undefined);
};

// The `fetch` event would be shorter, but its engine answers one request per instance and no more.
export const incomingHandler = {
	handle(request, out) {
		const [path] = (request.pathWithQuery() ?? '/').split('?');
		const route = routes[`${request.method().tag.toUpperCase()} ${path}`];
		if (route) send(out, 200, route(request));
		else send(out, 404, encoder.encode('not found\n'));
	},
};
