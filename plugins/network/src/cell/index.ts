import type {CellHalf, OpenHalf} from '@forgeone/sdk/cell';
import {errors} from '../errors.ts';
import {type Answer, createHttpServer, type ServerLimits} from '../http/server.ts';
import {FutureTrailers, IncomingBody, OutgoingBody} from './bodies.ts';
import {httpErrorCode} from './codes.ts';
import {DirectCall} from './direct.ts';
import {Fields} from './fields.ts';
import {FutureIncomingResponse, handler} from './outgoing.ts';
import {IncomingRequest, OutgoingRequest, RequestOptions} from './requests.ts';
import {IncomingResponse, OutgoingResponse, ResponseOutparam} from './responses.ts';
import {serverOf} from './serve.ts';
import {sockets} from './sockets/index.ts';

/** What the kernel half attaches. */
interface Data {
	/** What holds for requests that come to a listener which the cell was handed. */
	readonly limits: ServerLimits;
}

/** Hosts `wasi:http` and `wasi:sockets` in a cell. */
const open: OpenHalf<Data> = (context): CellHalf => {
	const {
		container,
		data: {limits},
		usage,
		call,
	} = context;
	const types = {
		Fields,
		FutureIncomingResponse,
		FutureTrailers,
		IncomingBody,
		IncomingRequest,
		IncomingResponse,
		OutgoingBody,
		OutgoingRequest: class extends OutgoingRequest {
			constructor(headers: Fields) {
				super(headers, usage);
			}
		},
		OutgoingResponse: class extends OutgoingResponse {
			constructor(headers: Fields) {
				super(headers, usage);
			}
		},
		RequestOptions,
		ResponseOutparam,
		httpErrorCode,
	};
	const imports = {
		'wasi:http/types@0.2.12': types,
		'wasi:http/outgoing-handler@0.2.12': {handle: handler(call, usage)},
		...sockets(context),
	};
	const servers = {'wasi:http/incoming-handler': serverOf(usage)};
	return {
		host: () => ({imports, servers}),
		listen(listener, serve) {
			const bounds = {container, limit: limits.body};
			const answer: Answer = (incoming, outgoing, head) => {
				// Over a connection that was busy when the kernel took the port back: what it sees of requests must not pass it by.
				if (!server.listening) throw errors.FORGE_REQUEST_MOVED();
				return serve(new DirectCall(incoming, outgoing, head, bounds));
			};
			const server = createHttpServer(answer, limits).listen(listener);
			// Who has come before.
			listener.on('connection', connection => server.emit('connection', connection));
			return () => new Promise(closed => server.close(() => closed()));
		},
	};
};

export default open;
