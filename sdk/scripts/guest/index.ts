import {getArguments} from './bindings/imports/environment';
import {getStderr} from './bindings/imports/stderr';
import {getStdin} from './bindings/imports/stdin';
import {getStdout} from './bindings/imports/stdout';
import {OutputStream} from './bindings/imports/streams';
import {Result, Unit} from './bindings/wit';

const failed = Result.err<Unit, Unit>();

/** Does what its last argument says; without one it writes a line to each output, and fails. */
export function run(): Result<Unit, Unit> {
	const args = getArguments();
	const said = args.length > 0 ? args[args.length - 1] : '';
	if (said == 'loop') while (true) {}
	if (said == 'trap') unreachable();
	if (said == 'echo') return echo();
	write(getStdout(), String.UTF8.encode('out\n'));
	write(getStderr(), String.UTF8.encode('err\n'));
	return failed;
}

function write(to: OutputStream, bytes: ArrayBuffer): void {
	to.blockingWriteAndFlush(Uint8Array.wrap(bytes));
}

function echo(): Result<Unit, Unit> {
	const input = getStdin();
	const output = getStdout();
	for (let read = input.blockingRead(4096); read.isOk; read = input.blockingRead(4096)) output.blockingWriteAndFlush(read.value);
	return Result.ok<Unit, Unit>();
}
