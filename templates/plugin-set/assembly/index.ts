/** An image, so that there is something to run: name yours in forge.config.yaml. */
import {getStdout} from './bindings/imports/stdout';
import {Result, Unit} from './bindings/wit';

export function run(): Result<Unit, Unit> {
	const text = Uint8Array.wrap(String.UTF8.encode('hello from plugin-set\n'));
	const written = getStdout().blockingWriteAndFlush(text);
	return written.isOk ? Result.ok<Unit, Unit>() : Result.err<Unit, Unit>();
}
