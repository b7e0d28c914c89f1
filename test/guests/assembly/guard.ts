// A middleware: the path says what it does to a request, headers say that it was there.
import {Field, Request, Response, Step} from './bindings/exports/middleware';

function without(headers: Array<Field>, name: string): Array<Field> {
	const kept = new Array<Field>();
	for (let i = 0; i < headers.length; i++) if (headers[i].name.toLowerCase() != name) kept.push(headers[i]);
	return kept;
}

/** Bodies are read as text. */
const bytesOf = (text: string): Uint8Array => Uint8Array.wrap(String.UTF8.encode(text));

export function onRequest(step: Step, request: Request): Step {
	const path = request.path;
	if (path == '/trap') unreachable();
	while (path == '/loop') {}
	if (path == '/hidden') return Step.refused('nobody sees this');
	if (path == '/health') return Step.answered(new Response(200, [new Field('x-by', 'guard')], bytesOf('well\n')));
	if (path == '/flood') {
		const many = new Array<Field>();
		const one = new Field('x', '');
		for (let i = 0; i < 1_500_000; i++) many.push(one);
		return Step.pass(many);
	}
	const headers = without(step.pass, 'x-secret');
	headers.push(new Field('x-from', request.origin.tag == 0 ? 'client' : 'container'));
	return Step.pass(headers);
}

export function onResponse(headers: Array<Field>, status: u16, request: Request): Array<Field> {
	if (request.path == '/trap-back') unreachable();
	const kept = without(headers, 'server');
	kept.push(new Field('x-guard', `${status} ${request.method}`));
	return kept;
}
