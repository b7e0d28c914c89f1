import {once} from 'node:events';
import {request as ask} from 'node:http';
import {connect, createServer} from 'node:net';
import {ForgeError} from '@forgeone/wasm';
import test from 'ava';
import {answer, local, networkOf, raw} from '../support/network.ts';

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
		...['user@a', 'a/b', 'a#b', 'a?b', 'a\\b', 'a b', '%61', 'a, b'].map(
			host => [`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, 400] as const,
		),
		['GET /a#b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
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

for (const [what, error] of [
	['that is none of ours', new Error("ENOENT: no such file or directory, open '/home/secret'")],
	['of an image', new ForgeError('FORGE_IMAGE_MISSING', 'missing', 'image "/home/secret" can not be read', 'check the path')],
	['of a spec', new ForgeError('FORGE_SPEC_INVALID', 'invalid', 'container spec: image "/home/secret" has changed since', 'correct it')],
] as const) {
	test(`a client is told of a failure ${what}, and nothing of this machine`, async t => {
		const {publish} = await networkOf(t, () => {
			throw error;
		});
		const response = await fetch(`http://127.0.0.1:${await publish()}/`);
		t.true(response.status >= 500);
		t.regex(await response.text(), /^(?!.*secret).+ \(FORGE_\w+\)\n$/);
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
	const datagrams = [{...local, protocol: 'udp' as const}];
	for (const imports of [[], ['wasi:sockets/tcp@0.2.0']]) {
		await t.throwsAsync(async () => attach([], request({publish: datagrams}, {imports})), {code: 'FORGE_PUBLISH_NOTHING'});
	}
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
