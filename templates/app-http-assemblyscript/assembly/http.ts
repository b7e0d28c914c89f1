/** Requests and responses in the words of a program. A stream is dropped before its body, and a body before its request. */
import {InputStream, OutputStream, StreamError, StreamErrorTag} from './bindings/imports/streams';
import {ErrorCode, Fields, IncomingRequest, MethodTag, OutgoingBody, OutgoingResponse, ResponseOutparam} from './bindings/imports/types';
import {Result} from './bindings/wit';

/** The most bytes that a stream takes at a time. */
const CHUNK = 4096;
const methods: StaticArray<string> = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** What came in. `target` is the path and the query, `path` only what precedes the `?`. */
export class Request {
	readonly method: string;
	readonly target: string;
	readonly path: string;

	constructor(private readonly request: IncomingRequest) {
		const method = request.method();
		const path = request.pathWithQuery();
		const target = path ? path : '/';
		this.method = method.tag == MethodTag.Other ? method.other : methods[method.tag];
		this.target = target;
		this.path = target.split('?')[0];
	}

	/** The whole body; to be called once. */
	body(): Uint8Array {
		const consumed = this.request.consume();
		if (!consumed.isOk) return new Uint8Array(0); // taken before
		const body = consumed.value;
		const bytes = readAll(body.stream().value);
		body.drop();
		return bytes;
	}

	/** Gives the request back to the host; nothing can be read from it afterwards. */
	close(): void {
		this.request.drop();
	}
}

/** What goes out. */
export class Response {
	constructor(
		readonly status: u16,
		readonly body: Uint8Array,
		readonly type: string = 'application/octet-stream',
	) {}

	static text(status: u16, text: string): Response {
		return new Response(status, utf8(text), 'text/plain; charset=utf-8');
	}

	/** Sends it: its head first, so that the client need not wait for the body. */
	send(out: ResponseOutparam): void {
		const headers = new Fields();
		headers.append('content-type', utf8(this.type));
		headers.append('content-length', utf8(this.body.length.toString()));
		const response = new OutgoingResponse(headers);
		response.setStatusCode(this.status);
		const body = response.body().value;
		ResponseOutparam.set(out, Result.ok<OutgoingResponse, ErrorCode>(response));
		const stream = body.write().value;
		write(stream, this.body);
		stream.drop();
		OutgoingBody.finish(body, null);
	}
}

function utf8(text: string): Uint8Array {
	return Uint8Array.wrap(String.UTF8.encode(text));
}

function write(stream: OutputStream, bytes: Uint8Array): void {
	for (let at = 0; at < bytes.length; at += CHUNK) {
		const written = stream.blockingWriteAndFlush(bytes.subarray(at, min(at + CHUNK, bytes.length)));
		if (!written.isOk) return close(written.error); // the client is gone
	}
}

/** Reads a stream to its end and drops it. */
function readAll(stream: InputStream): Uint8Array {
	let bytes = new Uint8Array(CHUNK);
	let length = 0;
	for (let read = stream.blockingRead(65536); ; read = stream.blockingRead(65536)) {
		if (!read.isOk) {
			close(read.error);
			break;
		}
		const more = read.value;
		if (length + more.length > bytes.length) {
			const wider = new Uint8Array(max(bytes.length * 2, length + more.length));
			wider.set(bytes);
			bytes = wider;
		}
		bytes.set(more, length);
		length += more.length;
	}
	stream.drop();
	return bytes.subarray(0, length);
}

/** Gives the handle back that an error may carry. */
function close(error: StreamError): void {
	if (error.tag == StreamErrorTag.LastOperationFailed) error.lastOperationFailed.drop();
}
