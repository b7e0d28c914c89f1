import type {Extern} from '@forgeone/wasm';

type Exports = Readonly<Record<string, unknown>>;
type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** What the component of 5 kB imports. */
export const smallHost = {'bench:small/clock': {now: () => 5n}, 'bench:small/log': {write: () => {}}};

/** The first call of the component of 5 kB: two strings in, one of them out again to the host. */
export function save(exports: Exports): void {
	if ((exports['bench:small/store@1.0.0'] as Functions).save?.('title', 'text') !== 1) throw new Error('the note was not saved');
}

let written = '';

class IncomingRequest {
	method = (): unknown => ({tag: 'get'});
	pathWithQuery = (): string => '/';
}

class OutputStream {
	blockingWriteAndFlush(bytes: Uint8Array): void {
		written += Buffer.from(bytes).toString();
	}
}

class OutgoingBody {
	write = (): OutputStream => new OutputStream();
	static finish = (): void => {};
}

class OutgoingResponse {
	setStatusCode(): void {}
	body = (): OutgoingBody => new OutgoingBody();
}

const ResponseOutparam = Object.assign(class {}, {set: () => {}});

const answers: Readonly<Record<string, object>> = {
	'wasi:http/types': {IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam},
	'wasi:io/streams': {OutputStream},
	'wasi:clocks/monotonic-clock': {now: () => 1n},
	'wasi:clocks/wall-clock': {now: () => ({seconds: 1n, nanoseconds: 0})},
	'wasi:random/random': {getRandomU64: () => 1n, getRandomBytes: (count: bigint) => new Uint8Array(Number(count))},
};

/** Whatever the JavaScript engine imports: what answers one request, and stubs for all else. */
export const engineHost = (imports: readonly Extern[]): Record<string, unknown> =>
	Object.fromEntries(imports.map(({name, functions = []}) => [name, completed(answers[name.split('@')[0] ?? ''] ?? {}, functions)]));

/** The same with all that it lacks: functions that give 0, and classes of them. */
function completed(given: object, functions: readonly string[]): Record<string, unknown> {
	const made: Record<string, unknown> = {...given};
	for (const path of functions) {
		const [first = '', method] = path.split('.');
		made[first] ??= /^[A-Z]/.test(first) ? class {} : () => 0;
		const type = made[first] as {prototype: Record<string, unknown>} & Record<string, unknown>;
		if (method === undefined) continue;
		type.prototype[method] ??= () => 0;
		type[method] ??= () => 0;
	}
	return made;
}

/** The first call of the JavaScript engine: it answers a request. */
export function handle(exports: Exports): void {
	const name = Object.keys(exports).find(key => key.startsWith('wasi:http/incoming-handler@')) ?? '';
	(exports[name] as Functions).handle?.(new IncomingRequest(), new ResponseOutparam());
	if (written !== 'Hello from /\n') throw new Error(`the engine answered "${written}"`);
}
