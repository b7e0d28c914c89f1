import {once} from 'node:events';
import {request as ask} from 'node:http';
import {connect, createServer} from 'node:net';
import {text} from 'node:stream/consumers';
import network from '@forgeone/plugin-network';
import {attachment, audit, calls, definePlugin, handlers, type KernelCall, listeners, networks, type Provider, store} from '@forgeone/sdk';
import {type Call, CallCancelled} from '@forgeone/sdk/cell';
import {type Attachment, type Audit, ForgeError, type RuntimeTypes} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {callPair, kernelCall} from '../support/calls.ts';
import {kernelOf, openPolicy} from '../support/plugins.ts';

type Head = {container: string; method: string; path: string; authority: string; headers: string[]};

/** Answers a call; the container's side of it is `call`. */
type Handle = (head: Head, call: KernelCall, opener: Call) => unknown;

const answer = async (call: KernelCall, status = 200, headers: string[] = [], body = '') => {
	await call.answer(JSON.stringify({status, headers}));
	if (body) await call.write(Buffer.from(body));
	await call.finish(undefined);
};

const echo: Handle = async ({method, path, authority, headers}, call) => {
	const asked = ['x-asked', `${method} ${path} ${authority}`];
	await call.answer(JSON.stringify({status: 200, headers: [...headers, ...asked, 'connection', 'x-gone', 'x-gone', '1']}));
	for (let bytes = await call.read(); bytes; bytes = await call.read()) await call.write(bytes);
	await call.finish(await call.trailer());
};

const local: RuntimeTypes.Port = {address: '127.0.0.1', port: 0};
const exports = ['wasi:http/incoming-handler@0.2.3'];

/** A kernel with the network and, for a runtime, `handle`. */
async function networkOf(t: ExecutionContext, handle: Handle = echo, config: unknown = {}) {
	let hook: Provider<typeof Attachment> | undefined;
	let taken: {take(container: string, plugin: string, call: KernelCall): unknown} | undefined;
	const entries: Audit.Entry[] = [];
	const runtime = definePlugin({
		name: 'runtime',
		provides: {handlers},
		opens: [attachment, calls],
		setup({hooks}) {
			hook = hooks.call(attachment);
			taken = hooks.call(calls);
			return {
				handlers: () => ({
					async open(container, head) {
						const {opener, other} = callPair(head);
						const call = kernelCall(other);
						const answered = handle({...JSON.parse(head), container}, call, other);
						if (answered instanceof Promise) answered.catch(error => call.cancel(`${error.message} (${error.code})`));
						return kernelCall(opener);
					},
				}),
			};
		},
	});
	const kept = new Map<string, Uint8Array>();
	const others = definePlugin({
		name: 'others',
		provides: {audit, store},
		setup: () => ({
			audit: () => ({append: (entry: Audit.Entry) => void entries.push(entry), recent: () => entries}),
			store: () => ({
				get: key => kept.get(key),
				set: (key, value) => void kept.set(key, value),
				remove: key => kept.delete(key),
				keys: prefix => [...kept.keys()].filter(key => key.startsWith(prefix)).sort(),
			}),
		}),
	});
	const kernel = await kernelOf(t, {policy: openPolicy(), others, runtime, network: {use: network, config}});
	const {list, gateway} = (await kernel.link(listeners))();
	const networking = (await kernel.link(networks))();
	const {attach, detach} = hook as NonNullable<typeof hook>;
	const {take} = taken as NonNullable<typeof taken>;
	const request = (more: Partial<RuntimeTypes.Grants>, rest: Partial<Attachment.Request> = {}): Attachment.Request => ({
		container: 'c',
		name: 'web',
		grants: {mounts: [], publish: [], egress: [], routes: [], networks: [], isolation: 'thread', ...more},
		imports: [],
		exports,
		...rest,
	});
	const publish = async (publish = [local]) => {
		await attach([], request({publish}));
		return (await list())[0]?.port ?? 0;
	};
	return {attach, detach, list, gateway, networking, entries, take, request, publish};
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
	t.false(headers.has('x-gone'));
});

test('HEAD, 204 and 304 are answered without a body', async t => {
	const {publish} = await networkOf(t, ({path}, call) => answer(call, Number(path.slice(1)), ['content-length', '5'], 'hello'));
	const port = await publish();
	const ask = (method: string, status: number) => raw(port, `${method} /${status} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
	t.regex(await ask('HEAD', 200), /^HTTP\/1.1 200 OK\r\n[\s\S]*content-length: 5\r\n[\s\S]*\r\n\r\n$/);
	t.regex(await ask('GET', 204), /^HTTP\/1.1 204 (?![\s\S]*content-length)[\s\S]*\r\n\r\n$/);
	t.regex(await ask('GET', 304), /^HTTP\/1.1 304 [\s\S]*\r\n\r\n$/);
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
	['FORGE_CONTAINER_EXITED', 'conflict', 502],
] as const) {
	test(`a call that is cancelled for ${code} is ${status}, in one line`, async t => {
		const {publish} = await networkOf(t, async () => {
			throw new ForgeError(code, kind, 'it is so', 'do something');
		});
		const response = await fetch(`http://127.0.0.1:${await publish()}/`);
		t.is(response.status, status);
		t.regex(await response.text(), new RegExp(`it is so \\(${code}\\)\n$`));
	});
}

test('a response that is none is 502', async t => {
	const heads: [number, string[]][] = [
		[101, []],
		[200, ['a', 'b\r\nc: d']],
		[200, ['a b', 'c']],
	];
	const {publish} = await networkOf(t, (_, call) => answer(call, ...(heads.pop() as [number, string[]])));
	const port = await publish();
	while (heads.length > 0) {
		const response = await fetch(`http://127.0.0.1:${port}/`);
		t.is(response.status, 502);
		t.regex(await response.text(), /FORGE_RESPONSE_INVALID/);
	}
});

test('a response begins before the request has ended, and each side waits for the other', async t => {
	const {publish} = await networkOf(t);
	const asking = ask({port: await publish(), method: 'POST', headers: {'transfer-encoding': 'chunked'}});
	asking.write('one');
	const [response] = await once(asking, 'response');
	t.is(String((await once(response, 'data'))[0]), 'one');
	asking.write('two');
	t.is(String((await once(response, 'data'))[0]), 'two');
	asking.addTrailers({'x-sum': '6'});
	asking.end();
	await once(response, 'end');
	t.deepEqual(response.trailers, {'x-sum': '6'});
});

test('a guest can not be ahead of a client that does not read by more than the connection holds', async t => {
	let written = 0;
	const stuck = Promise.withResolvers<void>();
	const {publish} = await networkOf(t, async (_, call) => {
		await call.answer(JSON.stringify({status: 200, headers: []}));
		const timer = setTimeout(stuck.resolve, 500);
		for (; written < 256 * 1024 * 1024; written += 65_536) {
			await call.write(new Uint8Array(65_536));
			timer.refresh();
		}
	});
	const socket = connect(await publish(), '127.0.0.1');
	socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	await stuck.promise;
	socket.destroy();
	t.true(written < 32 * 1024 * 1024, `${written}`);
});

test('a response that fails after it has begun is cut off, not ended', async t => {
	const {publish} = await networkOf(t, async (_, call) => {
		await call.answer(JSON.stringify({status: 200, headers: []}));
		await call.write(Buffer.from('half'));
		await call.cancel('the guest trapped');
	});
	const port = await publish();
	await t.throwsAsync(async () => (await fetch(`http://127.0.0.1:${port}/`)).text());
});

test('a client that leaves cancels the call', async t => {
	const entered = Promise.withResolvers<void>();
	const left = Promise.withResolvers<string | undefined>();
	const {publish} = await networkOf(t, async (head, call) => {
		if (head.path === '/well') return answer(call);
		entered.resolve();
		left.resolve(call.cancelled());
	});
	const port = await publish();
	const socket = connect(port, '127.0.0.1');
	socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	await entered.promise;
	socket.destroy();
	t.is(await left.promise, 'the client has left');
	t.is((await fetch(`http://127.0.0.1:${port}/well`)).status, 200);
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

test('what neither handles HTTP nor listens by itself is not published', async t => {
	const {attach, request, list} = await networkOf(t);
	await t.throwsAsync(async () => attach([], request({publish: [local]}, {exports: ['wasi:cli/run@0.2.0']})), {
		code: 'FORGE_PUBLISH_NOTHING',
	});
	t.deepEqual(await list(), []);
});

test('a port is left to a component that listens by itself', async t => {
	const {attach, request, list} = await networkOf(t);
	const rest = {imports: ['wasi:sockets/tcp@0.2.0'], exports: ['wasi:cli/run@0.2.0']};
	t.like((await attach([], request({publish: [local]}, rest)))[0], {plugin: 'network', listeners: []});
	t.deepEqual(await list(), []);
});

test('a container gets a part where it has to do with the network, and with listeners where it is published', async t => {
	const {attach, request} = await networkOf(t);
	const other = {plugin: 'other', module: 'file:///x', data: '', folders: [], listeners: []};
	t.deepEqual(await attach([other], request({}, {exports: ['wasi:cli/run@0.2.0']})), [other]);
	const [, part] = await attach([other], request({egress: ['EXAMPLE.com:443']}));
	t.is(part?.plugin, 'network');
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

/** Who answers, at what. */
const say: Handle = ({container, path}, call) => answer(call, 200, [], `${container} ${path}`);

test('the gateway sends a request to the container whose host fits best, and among those the longest path', async t => {
	const {attach, detach, request, gateway} = await networkOf(t, say, {gateway: [0]});
	const routes = {a: ['a.example/api', '*.example'], b: ['a.example'], c: ['/', '/api/deep'], d: ['/api']};
	for (const [container, mine] of Object.entries(routes)) await attach([], request({routes: mine}, {container}));
	const {addresses} = await gateway();
	const port = Number(addresses[0]?.split(':').at(-1));
	const ask = async (host: string, path: string) =>
		(await raw(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
			.split('\r\n')
			.find(line => / \//.test(line) && !/HTTP/.test(line));
	t.is(await ask('a.example', '/api/x?y'), 'a /api/x?y');
	t.is(await ask('A.Example:80', '/apix'), 'b /apix');
	t.is(await ask('b.a.example', '/'), 'a /');
	t.is(await ask('other', '/api'), 'd /api');
	t.is(await ask('other', '/api/deep/er'), 'c /api/deep/er');
	t.is(await ask('127.0.0.1', '/x'), 'c /x');
	await detach('c');
	t.regex(await raw(port, 'GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 404 [\s\S]*FORGE_ROUTE_MISSING/);
});

test('a route that is taken, that is none, or that has no gateway is refused', async t => {
	const {attach, request} = await networkOf(t, say, {gateway: [0]});
	await attach([], request({routes: ['a.example/x']}, {container: 'a'}));
	await t.throwsAsync(async () => attach([], request({routes: ['/y', 'A.example/x/']}, {container: 'b'})), {code: 'FORGE_ROUTE_TAKEN'});
	for (const route of ['', 'a b', 'a.example/a b', '/a?b', '/a/../b', 'http://a.example/'])
		await t.throwsAsync(async () => attach([], request({routes: [route]}, {container: 'b'})), {code: 'FORGE_ROUTE_INVALID'}, route);
	const bare = await networkOf(t);
	await t.throwsAsync(async () => bare.attach([], bare.request({routes: ['/']})), {code: 'FORGE_GATEWAY_MISSING'});
	for (const config of [{gatway: 1}, {gateway: 'x'}, {gateway: 70_000}, {body: -1}, []])
		await t.throwsAsync(
			() => networkOf(t, say, config),
			{message: /FORGE_NETWORK_CONFIG|configuration of network/},
			JSON.stringify(config),
		);
});

test('a body above the configured limit is 413, whether it says so or not', async t => {
	const {publish} = await networkOf(t, echo, {body: 100_000});
	const port = await publish();
	const body = new Uint8Array(100_001);
	t.is((await fetch(`http://127.0.0.1:${port}/`, {method: 'POST', body})).status, 413);
	const chunked = ask({port, method: 'POST'});
	chunked.on('error', () => undefined);
	chunked.write(body);
	chunked.end();
	const [response] = await once(chunked, 'response');
	// The echo had begun by then, or not.
	t.true(response.statusCode === 413 || (await text(response).catch(() => 'cut')) === 'cut');
});

test('containers on one network reach each other by name; across networks nobody is reached, and that is on record', async t => {
	const {attach, request, networking, take, entries} = await networkOf(t, async ({container, authority}, call) => {
		await call.answer(JSON.stringify({status: 200, headers: ['x-authority', authority]}));
		await call.write(Buffer.from(`${container} got `));
		for (let bytes = await call.read(); bytes; bytes = await call.read()) await call.write(bytes);
		await call.finish('["x-sum","1"]');
	});
	await t.throwsAsync(async () => attach([], request({networks: ['front']})), {code: 'FORGE_NETWORK_MISSING'});
	await networking.create('front', ['API.example.com:443']);
	await networking.create('back', []);
	const on = (container: string, name: string, networks: string[]) =>
		attach([], request({networks}, {container, name, imports: ['wasi:http/outgoing-handler@0.2.0']}));
	await on('1', 'web', ['front']);
	await on('2', 'users', ['front', 'back']);
	await on('3', 'stranger', []);
	t.deepEqual(await networking.inspect('front'), {
		...(await networking.inspect('front')),
		egress: ['api.example.com:443'],
		containers: ['web', 'users'],
	});
	await t.throwsAsync(networking.remove('front'), {code: 'FORGE_NETWORK_BUSY'});

	const asks = async (container: string, authority: string) => {
		const {opener, other} = callPair(JSON.stringify({op: 'fetch', method: 'POST', scheme: 'http', authority, path: '/', headers: []}));
		const guest = kernelCall(opener);
		t.true(await take(container, 'network', kernelCall(other)));
		try {
			await guest.write(Buffer.from('ping'));
			await guest.finish(undefined);
			const {headers} = JSON.parse(await guest.reply());
			const all: Uint8Array[] = [];
			for (let bytes = await guest.read(); bytes; bytes = await guest.read()) all.push(bytes);
			return `${Buffer.concat(all)} at ${headers[1]} ${await guest.trailer()}`;
		} catch (error) {
			if (!(error instanceof CallCancelled)) throw error;
			return JSON.parse(error.reason).tag;
		}
	};
	t.is(await asks('1', 'users.front.internal'), '2 got ping at users.front.internal ["x-sum","1"]');
	t.is(await asks('2', 'WEB.front.internal:80'), '1 got ping at web.front.internal ["x-sum","1"]');
	t.is(await asks('1', 'nobody.front.internal'), 'DNS-error');
	t.is(await asks('1', 'users.back.internal'), 'HTTP-request-denied');
	t.is(await asks('3', 'web.front.internal'), 'HTTP-request-denied');
	const told = entries.map(({subject, object, reason}) => `${subject} ${object}: ${reason}`);
	t.deepEqual(told, [
		'container:1 http users.back.internal: not granted: --network back',
		'container:3 http web.front.internal: not granted: --network front',
	]);
});

test.serial('200 starts and stops leave no handle', async t => {
	const {publish, detach} = await networkOf(t);
	const cycle = async () => {
		const port = await publish();
		const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
		t.regex(answer, /^HTTP\/1.1 200/);
		await detach('c');
	};
	// Of this thread: others of the process run other tests.
	const open = () => process.getActiveResourcesInfo().filter(kind => /TCP/.test(kind)).length;
	for (let i = 0; i < 3; i++) await cycle();
	const before = open();
	for (let i = 0; i < 200; i++) await cycle();
	t.is(open(), before);
});
