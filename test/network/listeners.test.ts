import {once} from 'node:events';
import {readdir} from 'node:fs/promises';
import {request as ask} from 'node:http';
import {connect, createServer} from 'node:net';
import {text} from 'node:stream/consumers';
import network from '@forgeone/plugin-network';
import {attachment, definePlugin, handlers, listeners, type Provider} from '@forgeone/sdk';
import {type Attachment, ForgeError, type Handlers, type RuntimeTypes} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {kernelOf, openPolicy} from '../support/plugins.ts';

type Handle = (request: Handlers.Request) => Handlers.Response | Promise<Handlers.Response>;

const echo: Handle = ({method, path, authority, headers, body}) => ({
	status: 200,
	headers: [
		...headers,
		['x-asked', Buffer.from(`${method} ${path} ${authority}`)],
		['connection', Buffer.from('x-gone')],
		['x-gone', Buffer.from('1')],
	],
	body,
});

const local: RuntimeTypes.Port = {address: '127.0.0.1', port: 0};
const exports = ['wasi:http/incoming-handler@0.2.3'];

/** A kernel with the network and, for a runtime, `handle`. */
async function networkOf(t: ExecutionContext, handle: Handle = echo) {
	let hook: Provider<typeof Attachment> | undefined;
	const runtime = definePlugin({
		name: 'runtime',
		provides: {handlers},
		opens: [attachment],
		setup({hooks}) {
			hook = hooks.call(attachment);
			return {handlers: () => ({handle: (_container, request) => handle(request)})};
		},
	});
	const kernel = await kernelOf(t, {policy: openPolicy(), runtime, network});
	const {list} = (await kernel.link(listeners))();
	const {attach, detach} = hook as NonNullable<typeof hook>;
	const request = (more: Partial<RuntimeTypes.Grants>, rest: Partial<Attachment.Request> = {}): Attachment.Request => ({
		container: 'c',
		grants: {mounts: [], publish: [], egress: [], isolation: 'thread', ...more},
		imports: [],
		exports,
		...rest,
	});
	const publish = async (publish = [local]) => {
		await attach([], request({publish}));
		return (await list())[0]?.port ?? 0;
	};
	return {attach, detach, list, request, publish};
}

/** One raw exchange: all that the server sends until it closes. */
async function raw(port: number, message: string): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	socket.write(message);
	return text(socket);
}

test('a request goes to the container, and its answer comes back without what is the connection’s', async t => {
	const {publish} = await networkOf(t);
	const port = await publish();
	const response = await fetch(`http://127.0.0.1:${port}/a?b=c`, {method: 'POST', body: 'hello', headers: {'x-own': 'é'}});
	t.is(await response.text(), 'hello');
	const {headers} = response;
	t.is(headers.get('x-asked'), `POST /a?b=c 127.0.0.1:${port}`);
	t.is(headers.get('x-own'), 'é');
	t.is(headers.get('content-length'), '5');
	t.false(headers.has('x-gone'));
});

test('HEAD is answered without a body', async t => {
	const {publish} = await networkOf(t, () => ({status: 200, headers: [], body: Buffer.from('hello')}));
	const answer = await raw(await publish(), 'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
	t.regex(answer, /^HTTP\/1.1 200 OK\r\n[\s\S]*content-length: 5\r\n[\s\S]*\r\n\r\n$/);
});

test('a body of more than 10 MiB is 413, whether it says so or not', async t => {
	const {publish} = await networkOf(t);
	const port = await publish();
	const body = new Uint8Array(10 * 1024 * 1024 + 1);
	t.is((await fetch(`http://127.0.0.1:${port}/`, {method: 'POST', body})).status, 413);
	const chunked = ask({port, method: 'POST'});
	chunked.end(body);
	const [response] = await once(chunked, 'response');
	t.is(response.statusCode, 413);
	t.regex(await text(response), /FORGE_REQUEST_SIZE/);
});

test('bad heads are refused before anybody is called', async t => {
	const {publish} = await networkOf(t, () => t.fail('called') as never);
	const port = await publish();
	const cases = [
		['GET / HTTP/1.1\r\n\r\n', 400],
		['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n', 400],
		['GET nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
		['GET / HTTP/1.1\r\nHost: a\r\nX y: 1\r\n\r\n', 400],
		['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
		[`GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(17_000)}\r\n\r\n`, 431],
		['GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n', 501],
	] as const;
	for (const [message, status] of cases) t.is((await raw(port, message)).split(' ')[1], String(status), message.slice(0, 60));
});

for (const [code, kind, status] of [
	['FORGE_CONTAINER_DEADLINE', 'failed', 504],
	['FORGE_CONTAINER_FAILED', 'failed', 502],
	['FORGE_CONTAINER_EXITED', 'conflict', 503],
] as const) {
	test(`${code} is ${status}, in one line`, async t => {
		const {publish} = await networkOf(t, () => {
			throw new ForgeError(code, kind, 'it is so', 'do something');
		});
		const response = await fetch(`http://127.0.0.1:${await publish()}/`);
		t.is(response.status, status);
		t.is(await response.text(), `it is so (${code})\n`);
	});
}

test('a response that is none is 502', async t => {
	const responses: Handlers.Response[] = [
		{status: 101, headers: [], body: new Uint8Array()},
		{status: 200, headers: [['a', Buffer.from('b\r\nc: d')]], body: new Uint8Array()},
		{status: 200, headers: [['a b', Buffer.from('c')]], body: new Uint8Array()},
	];
	const {publish} = await networkOf(t, () => responses.pop() as Handlers.Response);
	const port = await publish();
	while (responses.length > 0) {
		const response = await fetch(`http://127.0.0.1:${port}/`);
		t.is(response.status, 502);
		t.regex(await response.text(), /FORGE_RESPONSE_INVALID/);
	}
});

test('a client that leaves is nobody’s failure', async t => {
	const entered = Promise.withResolvers<void>();
	const left = Promise.withResolvers<void>();
	const {publish} = await networkOf(t, async request => {
		entered.resolve();
		await left.promise;
		return echo(request);
	});
	const port = await publish();
	const socket = connect(port, '127.0.0.1');
	socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	await entered.promise;
	socket.destroy();
	await once(socket, 'close');
	left.resolve();
	t.is((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
});

test('a port in use is named, and the others are not left open', async t => {
	const {attach, request, list} = await networkOf(t);
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	t.teardown(() => other.close());
	const taken = other.address();
	const port = taken && typeof taken === 'object' ? taken.port : 0;
	const error = await t.throwsAsync(async () => attach([], request({publish: [local, {...local, port}]})), {code: 'FORGE_PORT_IN_USE'});
	t.true(error?.message.includes(`127.0.0.1:${port}`));
	t.deepEqual(await list(), []);
});

test('an address that is not here is named', async t => {
	const {attach, request} = await networkOf(t);
	const publish = [{address: '192.0.2.1', port: 0}];
	const error = await t.throwsAsync(async () => attach([], request({publish})), {code: 'FORGE_LISTEN_FAILED'});
	t.true(error?.message.includes('192.0.2.1:0'));
});

test('what does not handle HTTP is not published', async t => {
	const {attach, request, list} = await networkOf(t);
	await t.throwsAsync(async () => attach([], request({publish: [local]}, {exports: ['wasi:cli/run@0.2.0']})), {
		code: 'FORGE_PUBLISH_NOTHING',
	});
	t.deepEqual(await list(), []);
});

test('a container gets a part where it has to do with the network, with the rules in canonical form', async t => {
	const {attach, request} = await networkOf(t);
	const other = {plugin: 'other', module: 'file:///x', data: ''};
	t.deepEqual(await attach([other], request({}, {exports: ['wasi:cli/run@0.2.0']})), [other]);
	const [, part] = await attach([other], request({egress: ['EXAMPLE.com:443']}));
	t.is(part?.plugin, 'network');
	t.deepEqual(JSON.parse(part?.data ?? ''), {egress: ['example.com:443']});
	t.is(typeof (await import(part?.module ?? '')).default, 'function');
	t.is((await attach([], request({}, {imports: ['wasi:sockets/tcp@0.2.0'], exports: []}))).length, 1);
	await t.throwsAsync(async () => attach([], request({egress: ['nonsense']})), {code: 'FORGE_EGRESS_INVALID'});
});

test('a detached container frees its port, and what hangs is destroyed', async t => {
	const entered = Promise.withResolvers<void>();
	const {publish, detach, list} = await networkOf(t, () => {
		entered.resolve();
		return new Promise<never>(() => undefined);
	});
	const port = await publish();
	const hanging = raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n').catch(() => '');
	await entered.promise;
	await detach('c');
	t.is(await hanging, '');
	t.deepEqual(await list(), []);
	t.is(await publish([{...local, port}]), port);
	await detach('never attached');
});

test.serial('200 starts and stops leave no descriptor and no handle', async t => {
	const {publish, detach} = await networkOf(t);
	const cycle = async () => {
		const port = await publish();
		const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
		t.regex(answer, /^HTTP\/1.1 200/);
		await detach('c');
	};
	const open = async () => ({
		descriptors: (await readdir('/proc/self/fd')).length,
		handles: process.getActiveResourcesInfo().filter(kind => /TCP/.test(kind)).length,
	});
	for (let i = 0; i < 3; i++) await cycle();
	const before = await open();
	for (let i = 0; i < 200; i++) await cycle();
	const after = await open();
	t.true(after.descriptors <= before.descriptors, `${after.descriptors} of ${before.descriptors}`);
	t.is(after.handles, before.handles);
});
