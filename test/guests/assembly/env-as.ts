/** A command: prints every argument, then every environment variable, a line each. */
import {getArguments, getEnvironment} from '../../../templates/app-cli/assembly/bindings/imports/environment';
import {Result, Unit} from '../../../templates/app-cli/assembly/bindings/wit';
import {print} from '../../../templates/app-cli/assembly/io';

export function run(): Result<Unit, Unit> {
	const list = getArguments();
	for (let i = 0; i < list.length; i++) print(`arg ${list[i]}`);
	const pairs = getEnvironment();
	for (let i = 0; i < pairs.length; i++) print(`env ${pairs[i].item0}=${pairs[i].item1}`);
	return Result.ok<Unit, Unit>();
}
