import type {OpenHalf} from '@forgeone/sdk/cell';
import {allows} from '../egress.ts';
import {FutureTrailers, httpErrorCode, IncomingBody, OutgoingBody} from './bodies.ts';
import {Fields} from './fields.ts';
import {
	FutureIncomingResponse,
	IncomingRequest,
	IncomingResponse,
	OutgoingRequest,
	OutgoingResponse,
	RequestOptions,
	ResponseOutparam,
} from './messages.ts';
import {serve} from './serve.ts';
import {sockets} from './sockets/index.ts';

/** What the kernel half attaches: the egress rules, in canonical form. */
interface Data {
	readonly egress: readonly string[];
}

const types = {
	Fields,
	FutureIncomingResponse,
	FutureTrailers,
	IncomingBody,
	IncomingRequest,
	IncomingResponse,
	OutgoingBody,
	OutgoingRequest,
	OutgoingResponse,
	RequestOptions,
	ResponseOutparam,
	httpErrorCode,
};

/** `wasi:http/outgoing-handler` `handle`: says what the rules say, and serves nothing yet. */
function refuse(rules: readonly string[], request: OutgoingRequest): never {
	const secure = request.scheme()?.tag !== 'HTTP';
	const url = URL.parse(`${secure ? 'https' : 'http'}://${request.authority() ?? ''}/`);
	if (!url) throw {tag: 'HTTP-request-URI-invalid'};
	const port = Number(url.port) || (secure ? 443 : 80);
	if (!allows(rules, url.hostname, port)) throw {tag: 'HTTP-request-denied'};
	throw {tag: 'internal-error', val: 'outgoing requests are not served yet'};
}

/** Hosts `wasi:http` and `wasi:sockets` in a cell. */
const open: OpenHalf<Data> = context => {
	const {egress} = context.data;
	const imports = {
		'wasi:http/types@0.2.12': types,
		'wasi:http/outgoing-handler@0.2.12': {handle: (request: OutgoingRequest) => refuse(egress, request)},
		...sockets(context),
	};
	return {host: () => ({imports, servers: {'wasi:http/incoming-handler': serve}})};
};

export default open;
