/** A command: prints every argument, then every environment variable, a line each. */
import {args, environment, print} from '../../../templates/app-cli/src/wasi';

export {cabi_realloc} from '../../../templates/app-cli/src/wasi';

export function run(): i32 {
	const list = args();
	for (let i = 0; i < list.length; i++) print(`arg ${list[i]}`);
	const pairs = environment();
	for (let i = 0; i < pairs.length; i++) print(`env ${pairs[i][0]}=${pairs[i][1]}`);
	return 0;
}
