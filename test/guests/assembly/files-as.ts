/** A command: `ls PATH`, `cat PATH`, `write PATH TEXT`, `rm PATH`; on failure prints the name of the error code and fails. */
import {args, printError} from '../../../templates/app-cli/src/wasi';
import {list, put, read, remove} from './files';

export {cabi_realloc} from '../../../templates/app-cli/src/wasi';

function act(verb: string, path: string, text: string): string {
	if (verb == 'ls') return list(path);
	if (verb == 'cat') return read(path);
	if (verb == 'write') return put(path, text);
	if (verb == 'rm') return remove(path);
	return 'usage';
}

export function run(): i32 {
	const words = args();
	const failure = act(words.length > 1 ? words[1] : '', words.length > 2 ? words[2] : '', words.length > 3 ? words[3] : '');
	if (!failure) return 0;
	printError(failure);
	return 1;
}
