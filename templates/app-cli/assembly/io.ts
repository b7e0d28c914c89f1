/** Standard streams and the environment, in the words of a program. */
import {getEnvironment} from './bindings/imports/environment';
import {getStderr} from './bindings/imports/stderr';
import {getStdin} from './bindings/imports/stdin';
import {getStdout} from './bindings/imports/stdout';
import {OutputStream, StreamError, StreamErrorTag} from './bindings/imports/streams';

/** The most bytes that a stream takes at a time. */
const CHUNK = 4096;

// Asked for once: each handle counts against the host's limit.
const input = getStdin();
const output = getStdout();
const errors = getStderr();

/** An environment variable, or `otherwise` if it is not set. */
export function env(name: string, otherwise: string = ''): string {
	const pairs = getEnvironment();
	for (let i = 0; i < pairs.length; i++) if (pairs[i].item0 == name) return pairs[i].item1;
	return otherwise;
}

/** Writes a line to standard output. */
export function print(line: string): void {
	write(utf8(line + '\n'));
}

/** Writes a line to standard error. */
export function printError(line: string): void {
	send(errors, utf8(line + '\n'));
}

/** Writes bytes to standard output. */
export function write(bytes: Uint8Array): void {
	send(output, bytes);
}

/** Waits for the next bytes of standard input; null at its end. */
export function readInput(): Uint8Array | null {
	const read = input.blockingRead(CHUNK);
	if (read.isOk) return read.value;
	close(read.error);
	return null;
}

/** Writes bytes to a stream; false when nobody listens to it any more. */
export function send(stream: OutputStream, bytes: Uint8Array): bool {
	for (let at = 0; at < bytes.length; at += CHUNK) {
		const written = stream.blockingWriteAndFlush(bytes.subarray(at, min(at + CHUNK, bytes.length)));
		if (!written.isOk) return close(written.error);
	}
	return true;
}

/** Gives the handle back that an error may carry. */
export function close(error: StreamError): bool {
	if (error.tag == StreamErrorTag.LastOperationFailed) error.lastOperationFailed.drop();
	return false;
}

function utf8(text: string): Uint8Array {
	return Uint8Array.wrap(String.UTF8.encode(text));
}
