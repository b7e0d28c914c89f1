import type {Agent, IncomingMessage} from 'node:http';
import {ForgeError} from '@forgeone/wasm';
import type {Static, TSchema} from 'typebox';
import {errors} from '../errors.ts';
import type {Engine} from './engine.ts';
import type {Route} from './routes.ts';
import type {Info} from './schemas.ts';

/** What the daemon says of itself. */
export type Information = Static<typeof Info>;

interface Answer {
	readonly status: number;
	readonly text: string;
	/** After how many seconds to ask again; NaN where the daemon says nothing of it. */
	readonly retry: number;
}

interface Question {
	readonly method: string;
	readonly path: string;
	readonly body?: string | Uint8Array;
}

/** How often a question is asked again that came too fast. */
const RETRIES = 10;

/** Loaded when it is asked for, and by this way: imported, it would load Node's whole fetch. */
const http = (): typeof import('node:http') => process.getBuiltinModule('node:http');

/** A socket has no name for TLS; without this word Node compiles a pattern for addresses to find one, which takes 4 ms. */
const nameless: object = {servername: ''};

async function read(message: IncomingMessage): Promise<Answer> {
	const parts: Buffer[] = [];
	for await (const part of message) parts.push(part as Buffer);
	const {statusCode: status = 0, headers} = message;
	return {status, text: Buffer.concat(parts).toString(), retry: Number(headers['retry-after'])};
}

async function ask(agent: Agent, socketPath: string, {method, path, body}: Question): Promise<Answer> {
	const {request} = http();
	const {promise, resolve, reject} = Promise.withResolvers<Answer>();
	const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream';
	const headers = {host: 'localhost', ...(body === undefined ? {} : {'content-type': type, 'content-length': Buffer.byteLength(body)})};
	const call = request({agent, socketPath, method, path, headers}, message => void read(message).then(resolve, reject));
	call.on('error', reject);
	call.end(body);
	return promise;
}

/** Asks, and asks again after as long as the daemon says. What is answered so was not begun, so it is safe for every method. */
async function patiently(agent: Agent, socketPath: string, question: Question): Promise<Answer> {
	let answer = await ask(agent, socketPath, question);
	for (let retries = 0; answer.status === 429 && answer.retry > 0 && retries < RETRIES; retries++) {
		const {retry} = answer;
		await new Promise(resolve => setTimeout(resolve, retry * 1000));
		answer = await ask(agent, socketPath, question);
	}
	return answer;
}

/** Whether an error says that nobody listens there. */
function nobody(error: unknown): boolean {
	return ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

const kinds: Readonly<Record<number, ForgeError['kind']>> = {
	400: 'invalid',
	403: 'refused',
	404: 'missing',
	409: 'conflict',
	413: 'limit',
	429: 'limit',
};

/** Speaks to the daemon that listens on a unix socket; undefined where none does. Throws FORGE_API_UNREACHABLE. */
export async function connect(socketPath: string): Promise<{readonly engine: Engine; readonly info: Information} | undefined> {
	// What is loaded here and below is loaded late: most commands find no daemon.
	const agent = new (http().Agent)({keepAlive: true, ...nameless});
	const unreachable = (error: unknown) =>
		errors.FORGE_API_UNREACHABLE({socket: socketPath, reason: (error as Error).message}, {cause: error});
	const send = (question: Question) => patiently(agent, socketPath, question);
	const first = await send({method: 'GET', path: '/v1/info'}).catch(error => {
		agent.destroy();
		if (nobody(error)) return undefined;
		throw unreachable(error);
	});
	if (!first) return undefined;

	const {decode, parse, stringify} = await import('./codec.ts');
	const {routes, Info, Failure} = await import('./routes.ts');
	const typed = <T extends TSchema>(schema: T, text: string): Static<T> => {
		const unreadable = (reason: string) => errors.FORGE_API_ANSWER({reason});
		try {
			return decode(schema, parse(text), ({where, reason}) => {
				throw unreadable(`${where}: ${reason}`);
			});
		} catch (error) {
			throw error instanceof SyntaxError ? unreadable(error.message) : error;
		}
	};
	const received = ({status, text}: Answer, schema: TSchema | undefined): unknown => {
		if (status < 400) return schema ? typed(schema, text) : undefined;
		const {code, message, remedy} = typed(Failure, text);
		throw new ForgeError(code, kinds[status] ?? 'failed', message, remedy);
	};
	const question = (route: Route, args: readonly unknown[]): Question => {
		const given = route.arguments.map((argument, index) => ({...argument, value: args[index]}));
		const of = (where: string) => given.filter(one => one.in === where && one.value !== undefined);
		const path = of('path').reduce((path, {name, value}) => path.replace(`:${name}`, encodeURIComponent(String(value))), route.path);
		const query = new URLSearchParams(of('query').map(({name, value}) => [name, String(value)])).toString();
		const fields = of('field');
		const whole =
			of('body')[0]?.value ?? (fields.length > 0 ? Object.fromEntries(fields.map(({name, value}) => [name, value])) : undefined);
		const bytes = of('bytes')[0]?.value as Uint8Array | undefined;
		const body = bytes ?? (whole === undefined ? undefined : stringify(whole));
		return {method: route.method, path: query ? `${path}?${query}` : path, ...(body === undefined ? {} : {body})};
	};

	const engine: Record<string, unknown> = {close: async () => agent.destroy()};
	for (const route of routes) {
		const functions = (engine[route.contract] ?? {}) as Record<string, unknown>;
		engine[route.contract] = functions;
		functions[route.function] = async (...args: readonly unknown[]) => {
			const answer = await send(question(route, args)).catch(error => {
				throw unreachable(error);
			});
			return received(answer, route.result);
		};
	}
	// The table has every function of an engine, which a test holds.
	return {engine: engine as unknown as Engine, info: received(first, Info) as Information};
}
