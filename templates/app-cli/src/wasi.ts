/**
 * WASI for this program: bindings by hand to the interfaces that `wit/world.wit` imports.
 *
 * Below each `declare` is a function as the canonical ABI flattens it. What does not fit into one number comes back in
 * memory: the caller passes the address of an area for it, here `area`, and the host asks `cabi_realloc` for whatever
 * strings and lists need beyond that. Those blocks are not the garbage collector's: each is copied, then freed.
 */

@external('wasi:cli/environment@0.2.0', 'get-arguments')
declare function getArguments(area: usize): void;
@external('wasi:cli/environment@0.2.0', 'get-environment')
declare function getEnvironment(area: usize): void;
@external('wasi:cli/stdin@0.2.0', 'get-stdin')
declare function getStdin(): i32;
@external('wasi:cli/stdout@0.2.0', 'get-stdout')
declare function getStdout(): i32;
@external('wasi:cli/stderr@0.2.0', 'get-stderr')
declare function getStderr(): i32;
@external('wasi:io/streams@0.2.0', '[method]input-stream.blocking-read')
declare function blockingRead(stream: i32, length: u64, area: usize): void;
@external('wasi:io/streams@0.2.0', '[method]output-stream.blocking-write-and-flush')
declare function blockingWriteAndFlush(stream: i32, data: usize, length: usize, area: usize): void;

const area = memory.data(16, 8);
const chunk: i32 = 4096;

/** The host's way to memory in here; part of the canonical ABI. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
	if (!size) return align;
	return oldSize ? heap.realloc(old, size) : heap.alloc(size);
}

/** The command line, beginning with the program's own name. */
export function args(): string[] {
	getArguments(area);
	const list = load<usize>(area);
	const length = load<i32>(area, 4);
	const found = new Array<string>(length);
	for (let i = 0; i < length; i++) found[i] = takeString(list + i * 8);
	free(list, length);
	return found;
}

/** The environment, as pairs of a name and a value. */
export function environment(): string[][] {
	getEnvironment(area);
	const list = load<usize>(area);
	const length = load<i32>(area, 4);
	const pairs = new Array<string[]>(length);
	for (let i = 0; i < length; i++) pairs[i] = [takeString(list + i * 16), takeString(list + i * 16 + 8)];
	free(list, length);
	return pairs;
}

/** An environment variable, or `otherwise` if it is not set. */
export function env(name: string, otherwise: string = ''): string {
	const pairs = environment();
	for (let i = 0; i < pairs.length; i++) if (pairs[i][0] == name) return pairs[i][1];
	return otherwise;
}

/** Writes a line to standard output. */
export function print(line: string): void {
	write(String.UTF8.encode(line + '\n'));
}

/** Writes a line to standard error. */
export function printError(line: string): void {
	send(stderr(), String.UTF8.encode(line + '\n'));
}

/** Writes bytes to standard output. */
export function write(bytes: ArrayBuffer): void {
	send(stdout(), bytes);
}

/** Waits for the next bytes of standard input; null at its end. */
export function readInput(): ArrayBuffer | null {
	blockingRead(stdin(), chunk, area);
	return load<u8>(area) ? null : takeBytes(area + 4);
}

/** What AssemblyScript calls when a check fails: says where, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
	printError(`${message ? message : 'abort'} at ${file ? file : '?'}:${line}:${column}`);
	unreachable();
}

/** The seed of `Math.random`: fixed, as this program imports no source of randomness. */
export function seed(): f64 {
	return 1;
}

// The standard streams are asked for once, when first used: each handle counts against the host's limit.
let in_: i32 = -1;
let out: i32 = -1;
let err: i32 = -1;

function stdin(): i32 {
	if (in_ < 0) in_ = getStdin();
	return in_;
}

function stdout(): i32 {
	if (out < 0) out = getStdout();
	return out;
}

function stderr(): i32 {
	if (err < 0) err = getStderr();
	return err;
}

/** Writes bytes to a stream; false when nobody listens to it any more. */
export function send(stream: i32, bytes: ArrayBuffer): bool {
	for (let at = 0; at < bytes.byteLength; at += chunk) {
		blockingWriteAndFlush(stream, changetype<usize>(bytes) + at, min(chunk, bytes.byteLength - at), area);
		if (load<u8>(area)) return false;
	}
	return true;
}

/** Copies and frees the string whose address and length, in UTF-16 units, are at `at`. */
export function takeString(at: usize): string {
	const data = load<usize>(at);
	const length = load<usize>(at, 4);
	const text = String.UTF16.decodeUnsafe(data, length << 1);
	free(data, length);
	return text;
}

/** Copies and frees the bytes whose address and length are at `at`. */
export function takeBytes(at: usize): ArrayBuffer {
	const data = load<usize>(at);
	const length = load<i32>(at, 4);
	const bytes = new ArrayBuffer(length);
	memory.copy(changetype<usize>(bytes), data, length);
	free(data, length);
	return bytes;
}

/** Gives a block back that the host had made; one of length 0 was never made. */
export function free(data: usize, length: usize): void {
	if (length) heap.free(data);
}
