/** A command: `ls PATH`, `cat PATH`, `write PATH TEXT`, `rm PATH`; on failure prints the name of the error code and fails. */
import {getArguments} from '../../../templates/app-cli/assembly/bindings/imports/environment';
import {Result, Unit} from '../../../templates/app-cli/assembly/bindings/wit';
import {printError} from '../../../templates/app-cli/assembly/io';
import {list, put, read, remove} from './files';

function act(verb: string, path: string, text: string): string {
	if (verb == 'ls') return list(path);
	if (verb == 'cat') return read(path);
	if (verb == 'write') return put(path, text);
	if (verb == 'rm') return remove(path);
	return 'usage';
}

export function run(): Result<Unit, Unit> {
	const words = getArguments();
	const failure = act(words.length > 1 ? words[1] : '', words.length > 2 ? words[2] : '', words.length > 3 ? words[3] : '');
	if (!failure) return Result.ok<Unit, Unit>();
	printError(failure);
	return Result.err<Unit, Unit>();
}
