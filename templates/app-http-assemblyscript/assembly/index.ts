import {IncomingRequest, ResponseOutparam} from './bindings/imports/types';
import {Request, Response} from './http';

/** Answers one request, as `wasi:http/incoming-handler` has it. */
export function handle(request: IncomingRequest, out: ResponseOutparam): void {
	const received = new Request(request);
	const response = answer(received);
	received.close();
	response.send(out);
}

/** The program. Called once for each request. */
function answer(request: Request): Response {
	if (request.path == '/' && request.method == 'GET') {
		return Response.text(200, `Hello from ForgeOne! You asked for ${request.method} ${request.target}\n`);
	}
	if (request.path == '/echo' && request.method == 'POST') return new Response(200, request.body());
	return Response.text(404, `nothing at ${request.method} ${request.path}; try GET / or POST /echo\n`);
}
