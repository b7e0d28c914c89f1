/** What the component exports. `build.ts` gives `run` the name of `wasi:cli/run`. */
import {main} from './app';
import {args} from './wasi';

export {cabi_realloc} from './wasi';

export function run(): i32 {
	return main(args()) ? 0 : 1;
}
