/**
 * WASI for this program: bindings by hand to the interfaces that `wit/world.wit` imports.
 *
 * Below each `@external` is a function as the canonical ABI flattens it. What does not fit into one number comes back in
 * memory: the caller passes the address of an area for it, here `area`, and the host asks `cabi_realloc` for whatever
 * strings and lists need beyond that. Those blocks are not the garbage collector's: each is copied, then freed.
 * Handles are numbers; a stream's is dropped before its body's, and a body's before its request's.
 */

@external('wasi:cli/stderr@0.2.0', 'get-stderr')
declare function getStderr(): i32;
@external('wasi:io/error@0.2.0', '[resource-drop]error')
declare function dropError(error: i32): void;
@external('wasi:io/streams@0.2.0', '[method]input-stream.blocking-read')
declare function blockingRead(stream: i32, length: u64, area: usize): void;
@external('wasi:io/streams@0.2.0', '[resource-drop]input-stream')
declare function dropInputStream(stream: i32): void;
@external('wasi:io/streams@0.2.0', '[method]output-stream.blocking-write-and-flush')
declare function blockingWriteAndFlush(stream: i32, data: usize, length: usize, area: usize): void;
@external('wasi:io/streams@0.2.0', '[resource-drop]output-stream')
declare function dropOutputStream(stream: i32): void;
@external('wasi:http/types@0.2.0', '[method]incoming-request.method')
declare function requestMethod(request: i32, area: usize): void;
@external('wasi:http/types@0.2.0', '[method]incoming-request.path-with-query')
declare function requestPath(request: i32, area: usize): void;
@external('wasi:http/types@0.2.0', '[method]incoming-request.consume')
declare function consume(request: i32, area: usize): void;
@external('wasi:http/types@0.2.0', '[resource-drop]incoming-request')
declare function dropRequest(request: i32): void;
@external('wasi:http/types@0.2.0', '[method]incoming-body.stream')
declare function bodyStream(body: i32, area: usize): void;
@external('wasi:http/types@0.2.0', '[resource-drop]incoming-body')
declare function dropIncomingBody(body: i32): void;
@external('wasi:http/types@0.2.0', '[constructor]fields')
declare function newFields(): i32;
@external('wasi:http/types@0.2.0', '[method]fields.append')
declare function append(fields: i32, name: usize, nameLength: i32, value: usize, valueLength: i32, area: usize): void;
@external('wasi:http/types@0.2.0', '[constructor]outgoing-response')
declare function newResponse(headers: i32): i32;
@external('wasi:http/types@0.2.0', '[method]outgoing-response.set-status-code')
declare function setStatus(response: i32, status: i32): i32;
@external('wasi:http/types@0.2.0', '[method]outgoing-response.body')
declare function responseBody(response: i32, area: usize): void;
@external('wasi:http/types@0.2.0', '[method]outgoing-body.write')
declare function bodyWrite(body: i32, area: usize): void;
@external('wasi:http/types@0.2.0', '[static]outgoing-body.finish')
declare function finish(body: i32, hasTrailers: i32, trailers: i32, area: usize): void;
/** The second argument is 0 when a response follows; the rest is room for an `error-code`. */
@external('wasi:http/types@0.2.0', '[static]response-outparam.set')
declare function respond(out: i32, failed: i32, response: i32, e1: i32, e2: i64, e3: i32, e4: i32, e5: i32, e6: i32): void;

const area = memory.data(48, 8);
const chunk: i32 = 4096;
const methods: StaticArray<string> = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** The host's way to memory in here; part of the canonical ABI. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
	if (!size) return align;
	return oldSize ? heap.realloc(old, size) : heap.alloc(size);
}

/** What came in. `target` is the path and the query, `path` only what precedes the `?`. */
export class Request {
	readonly path: string;

	constructor(
		private readonly handle: i32,
		readonly method: string,
		readonly target: string,
	) {
		this.path = target.split('?')[0];
	}

	/** The whole body; to be called once. */
	body(): ArrayBuffer {
		consume(this.handle, area);
		if (load<u8>(area)) return new ArrayBuffer(0); // taken before
		const body = load<i32>(area, 4);
		bodyStream(body, area);
		const bytes = readAll(load<i32>(area, 4));
		dropIncomingBody(body);
		return bytes;
	}

	/** Gives the request back to the host; nothing can be read from it afterwards. */
	close(): void {
		dropRequest(this.handle);
	}
}

/** What goes out. */
export class Response {
	constructor(
		readonly status: i32,
		readonly body: ArrayBuffer,
		readonly type: string = 'application/octet-stream',
	) {}

	static text(status: i32, text: string): Response {
		return new Response(status, String.UTF8.encode(text), 'text/plain; charset=utf-8');
	}
}

/** Reads the head of a request. */
export function receive(handle: i32): Request {
	requestMethod(handle, area);
	const known: i32 = load<u8>(area);
	const method = known < methods.length ? methods[known] : takeString(area + 4);
	requestPath(handle, area);
	const target = load<u8>(area) ? takeString(area + 4) : '/';
	return new Request(handle, method, target);
}

/** Sends the response: its head first, so that the client need not wait for the body. */
export function send(response: Response, out: i32): void {
	const headers = newFields();
	header(headers, 'content-type', response.type);
	header(headers, 'content-length', response.body.byteLength.toString());
	const outgoing = newResponse(headers);
	setStatus(outgoing, response.status);
	responseBody(outgoing, area);
	const body = load<i32>(area, 4);
	respond(out, 0, outgoing, 0, 0, 0, 0, 0, 0);
	bodyWrite(body, area);
	const stream = load<i32>(area, 4);
	write(stream, response.body);
	dropOutputStream(stream);
	finish(body, 0, 0, area);
}

/** What AssemblyScript calls when a check fails: says where on standard error, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
	const text = `${message ? message : 'abort'} at ${file ? file : '?'}:${line}:${column}\n`;
	write(getStderr(), String.UTF8.encode(text));
	unreachable();
}

/** The seed of `Math.random`: fixed, as this program imports no source of randomness. */
export function seed(): f64 {
	return 1;
}

function header(fields: i32, name: string, value: string): void {
	const bytes = String.UTF8.encode(value);
	append(fields, changetype<usize>(name), name.length, changetype<usize>(bytes), bytes.byteLength, area);
}

function write(stream: i32, bytes: ArrayBuffer): void {
	for (let at = 0; at < bytes.byteLength; at += chunk) {
		blockingWriteAndFlush(stream, changetype<usize>(bytes) + at, min(chunk, bytes.byteLength - at), area);
		if (ended()) return; // the client is gone
	}
}

/** Reads a stream to its end and drops it. */
function readAll(stream: i32): ArrayBuffer {
	let bytes = new ArrayBuffer(chunk);
	let length = 0;
	for (;;) {
		blockingRead(stream, 65536, area);
		if (ended()) break;
		const data = load<usize>(area, 4);
		const more = load<i32>(area, 8);
		if (length + more > bytes.byteLength) {
			const wider = new ArrayBuffer(max(bytes.byteLength * 2, length + more));
			memory.copy(changetype<usize>(wider), changetype<usize>(bytes), length);
			bytes = wider;
		}
		memory.copy(changetype<usize>(bytes) + length, data, more);
		free(data, more);
		length += more;
	}
	dropInputStream(stream);
	return bytes.slice(0, length);
}

/** Whether the last operation on a stream met its end, or failed: the host then hands over an error, which is dropped. */
function ended(): bool {
	if (!load<u8>(area)) return false;
	if (!load<u8>(area, 4)) dropError(load<i32>(area, 8));
	return true;
}

/** Copies and frees the string whose address and length, in UTF-16 units, are at `at`. */
function takeString(at: usize): string {
	const data = load<usize>(at);
	const length = load<usize>(at, 4);
	const text = String.UTF16.decodeUnsafe(data, length << 1);
	free(data, length);
	return text;
}

function free(data: usize, length: usize): void {
	if (length) heap.free(data);
}
