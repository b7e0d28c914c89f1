import {getArguments} from './bindings/imports/environment';
import {Result, Unit} from './bindings/wit';
import {env, print, printError, readInput, write} from './io';

/** The program, as `wasi:cli/run` has it: a result that is no error is exit code 0, an error 1. */
export function run(): Result<Unit, Unit> {
	return main(getArguments()) ? Result.ok<Unit, Unit>() : Result.err<Unit, Unit>();
}

/** Greets the first argument, or copies standard input to standard output when that argument is `-`. `args` starts with the program's own name. */
function main(args: string[]): bool {
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
