import {Request, Response} from './wasi';

/** The program. Answers one request; called once for each. */
export function answer(request: Request): Response {
	if (request.path == '/' && request.method == 'GET') {
		return Response.text(200, `Hello from ForgeOne! You asked for ${request.method} ${request.target}\n`);
	}
	if (request.path == '/echo' && request.method == 'POST') return new Response(200, request.body());
	return Response.text(404, `nothing at ${request.method} ${request.path}; try GET / or POST /echo\n`);
}
