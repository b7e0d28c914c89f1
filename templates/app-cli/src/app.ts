import {env, print, printError, readInput, write} from './wasi';

/**
 * The program. Greets the first argument, or copies standard input to standard output when that argument is `-`.
 * `args` starts with the program's own name; returns whether it went well (exit code 0) or not (1).
 */
export function main(args: string[]): bool {
	const name = args.length > 1 ? args[1] : 'ForgeOne';
	if (name == '-') return copy();
	if (name.startsWith('-')) {
		printError(`unknown option ${name}; usage: app [- | name [arguments...]]`);
		return false;
	}
	print(`${env('GREETING', 'Hello')} from ${name}!`);
	if (args.length > 2) print(`arguments: ${args.slice(2).join(' ')}`);
	return true;
}

function copy(): bool {
	for (let chunk = readInput(); chunk; chunk = readInput()) write(chunk);
	return true;
}
