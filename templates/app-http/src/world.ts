/** What the component exports. `build.ts` gives `handle` the name of `wasi:http/incoming-handler`. */
import {answer} from './app';
import {receive, send} from './wasi';

export {cabi_realloc} from './wasi';

export function handle(request: i32, out: i32): void {
	const received = receive(request);
	const response = answer(received);
	received.close();
	send(response, out);
}
