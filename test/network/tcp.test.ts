import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {buffer} from 'node:stream/consumers';
import {setTimeout as delay} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {drained, finished, type Streams, serverOf, socketsOf, told, v4, v6} from '../support/sockets.ts';

type Sockets = ReturnType<typeof socketsOf>;

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const echo = (socket: Socket) => void socket.pipe(socket);

/** A connection to a port of this machine. */
async function connected({tcp, network}: Sockets, port: number): Promise<{socket: ReturnType<Sockets['tcp']>; streams: Streams}> {
	const socket = tcp();
	socket.startConnect(network, v4(port));
	const streams = await finished(socket, () => socket.finishConnect());
	if (!Array.isArray(streams)) throw new Error(`connecting failed: ${streams}`);
	return {socket, streams: streams as Streams};
}

/** What a connection to this place ends with, where it fails. */
async function refusal({tcp, network}: Sockets, address: ReturnType<typeof v4> | ReturnType<typeof v6>): Promise<unknown> {
	const socket = tcp(address.tag);
	const code = (await told(() => socket.startConnect(network, address))) ?? (await finished(socket, () => socket.finishConnect()));
	socket[Symbol.dispose]();
	return code;
}

/** A guest that listens at a port of the machine's choice, which was published. */
async function listening(t: ExecutionContext, backlog = 16n) {
	const sockets = socketsOf(t, {publish: [{address: '127.0.0.1', port: 0}]});
	const listener = sockets.tcp();
	listener.setListenBacklogSize(backlog);
	listener.startBind(sockets.network, v4(0, [0, 0, 0, 0]));
	await finished(listener, () => listener.finishBind());
	listener.startListen();
	await finished(listener, () => listener.finishListen());
	return {sockets, listener, port: listener.localAddress().val.port as number};
}

test('a connection carries what is written both ways, and knows both of its addresses', async t => {
	const {port} = await serverOf(t, echo);
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`]});
	const {socket, streams} = await connected(sockets, port);
	const [input, output] = streams;
	await output.blockingWriteAndFlush(bytes('hello'));
	t.is(text(await input.blockingRead(100n)), 'hello');
	t.deepEqual(socket.remoteAddress(), v4(port));
	t.deepEqual(socket.localAddress().val.address, [127, 0, 0, 1]);
	t.is(socket.addressFamily(), 'ipv4');
	t.like(sockets.usage, {read: 5, written: 5});
});

test('IPv6 is as good as IPv4', async t => {
	const {port} = await serverOf(t, socket => void socket.end('six'), '::1');
	const {tcp, network} = socketsOf(t, {egress: [`[::1]:${port}`]});
	const socket = tcp('ipv6');
	socket.startConnect(network, v6(port));
	const [input] = (await finished(socket, () => socket.finishConnect())) as Streams;
	t.is(text(await drained(input)), 'six');
	t.deepEqual(socket.remoteAddress(), v6(port));
});

test('ten megabytes go through an echo without a byte changed, held back where the reader is behind', async t => {
	const {port} = await serverOf(t, echo);
	const {socket, streams} = await connected(socketsOf(t, {egress: [`127.0.0.1:${port}`]}), port);
	const [input, output] = streams;
	const sent = Buffer.alloc(
		10 * 1024 * 1024,
		Uint8Array.from({length: 251}, (_, i) => i),
	);
	const got = drained(input);
	for (let at = 0; at < sent.length; at += 100_000) await output.blockingWriteAndFlush(sent.subarray(at, at + 100_000));
	socket.shutdown('send');
	t.true(sent.equals(await got));
});

test('a stream that is dropped ends nothing while the socket is held', async t => {
	const {port} = await serverOf(t, echo);
	const {streams} = await connected(socketsOf(t, {egress: [`127.0.0.1:${port}`]}), port);
	const [input, output] = streams;
	await output.blockingWriteAndFlush(bytes('x'));
	output[Symbol.dispose]();
	t.is(text(await input.blockingRead(10n)), 'x');
	t.is(await Promise.race([told(() => input.blockingRead(10n)), delay(100, 'open')]), 'open');
});

test('a writer runs into the bound of what may be under way while nobody reads', async t => {
	const {port} = await serverOf(t, socket => void socket.pause());
	const {streams} = await connected(socketsOf(t, {egress: [`127.0.0.1:${port}`]}), port);
	const [, output] = streams;
	let written = 0;
	for (let room = Number(output.checkWrite()); written < 64 * 1024 * 1024; room = Number(output.checkWrite())) {
		if (room === 0 && (await Promise.race([output.subscribe().block(), delay(300, 'full')])) === 'full') break;
		const piece = Math.min(Number(output.checkWrite()), 65_536);
		output.write(new Uint8Array(piece));
		written += piece;
	}
	t.true(written < 32 * 1024 * 1024, `${written} bytes went to a peer that reads nothing`);
});

test('each side may end its direction and still read the other', async t => {
	const {port} = await serverOf(t, socket => {
		let size = 0;
		socket.on('data', data => (size += data.length)).on('end', () => socket.end(`got ${size}`));
	});
	const {socket, streams} = await connected(socketsOf(t, {egress: [`127.0.0.1:${port}`]}), port);
	const [input, output] = streams;
	await output.blockingWriteAndFlush(bytes('12345'));
	socket.shutdown('send');
	t.is(await told(() => output.checkWrite()), 'closed');
	t.is(text(await drained(input)), 'got 5');
	socket.shutdown('send');
	socket.shutdown('both');
});

test('what comes after a shutdown of receiving is not read', async t => {
	const {port} = await serverOf(t, socket => void socket.write('early'));
	const {socket, streams} = await connected(socketsOf(t, {egress: [`127.0.0.1:${port}`]}), port);
	const [input, output] = streams;
	await input.subscribe().block();
	socket.shutdown('receive');
	t.is(await told(() => input.read(10n)), 'closed');
	t.true(output.checkWrite() > 0n);
});

test('what was written before all is dropped still arrives, and then the connection ends', async t => {
	const got = Promise.withResolvers<Buffer>();
	const {port} = await serverOf(t, socket => void got.resolve(buffer(socket)));
	const {socket, streams} = await connected(socketsOf(t, {egress: [`127.0.0.1:${port}`]}), port);
	const [input, output] = streams;
	const sent = new Uint8Array(200_000).fill(7);
	for (let at = 0; at < sent.length; ) {
		await output.subscribe().block();
		const piece = sent.subarray(at, at + Number(output.checkWrite()));
		output.write(piece);
		at += piece.length;
	}
	for (const held of [input, output, socket]) held[Symbol.dispose]();
	t.deepEqual(new Uint8Array(await got.promise), sent);
});

test('a connection that is reset is told as such by the stream', async t => {
	const {port} = await serverOf(t, socket => void socket.once('data', () => socket.resetAndDestroy()));
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`]});
	const {streams} = await connected(sockets, port);
	const [input, output] = streams;
	await output.blockingWriteAndFlush(bytes('x'));
	const error = await t.throwsAsync(drained(input).catch(error => Promise.reject(Object.assign(new Error('failed'), {stream: error}))));
	const {tag, val} = (error as unknown as {stream: {tag: string; val: unknown}}).stream;
	t.is(tag, 'last-operation-failed');
	t.is(sockets.networkErrorCode(val), 'connection-reset');
	t.is(await told(() => output.checkWrite()), 'closed');
});

test('A9: a connection to what is not granted is denied, in whatever form, and on record', async t => {
	const {port} = await serverOf(t, echo);
	const sockets = socketsOf(t, {egress: ['192.0.2.1:443', `127.0.0.1:${port - 1}`]});
	t.is(await refusal(sockets, v4(port)), 'access-denied');
	t.is(await refusal(sockets, v4(80, [169, 254, 169, 254])), 'access-denied');
	t.is(await refusal(sockets, v6(port)), 'access-denied');
	t.is(await refusal(sockets, v6(port, [0x64, 0xff9b, 0, 0, 0, 0, 0x7f00, 1])), 'access-denied');
	t.is(await refusal(sockets, v6(port, [0, 0, 0, 0, 0, 0, 0x7f00, 1])), 'access-denied');
	t.deepEqual(sockets.refusals.slice(0, 3), [
		`tcp 127.0.0.1:${port}: --allow-net 127.0.0.1:${port}`,
		'tcp 169.254.169.254:80: --allow-net 169.254.169.254:80',
		`tcp [::1]:${port}: --allow-net [::1]:${port}`,
	]);
});

test('addresses that nobody can connect to are invalid arguments', async t => {
	const sockets = socketsOf(t, {egress: ['127.0.0.1:*', '[::1]:*']});
	t.is(await refusal(sockets, v4(0)), 'invalid-argument');
	t.is(await refusal(sockets, v4(1, [0, 0, 0, 0])), 'invalid-argument');
	t.is(await refusal(sockets, v4(1, [224, 0, 0, 1])), 'invalid-argument');
	t.is(await refusal(sockets, v4(1, [255, 255, 255, 255])), 'invalid-argument');
	t.is(await refusal(sockets, v6(1, [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1])), 'invalid-argument');
	t.is(await refusal(sockets, v6(1, [0xff02, 0, 0, 0, 0, 0, 0, 1])), 'invalid-argument');
	t.is(await told(() => sockets.tcp('ipv6').startConnect(sockets.network, v4(1))), 'invalid-argument');
});

test('a port where nobody listens refuses the connection, and the socket is of no more use', async t => {
	const {server, port} = await serverOf(t, echo);
	await new Promise(closed => server.close(closed));
	const {tcp, network} = socketsOf(t, {egress: ['127.0.0.1:*']});
	const socket = tcp();
	socket.startConnect(network, v4(port));
	t.is(await told(() => socket.startConnect(network, v4(port))), 'concurrency-conflict');
	t.is(await finished(socket, () => socket.finishConnect()), 'connection-refused');
	t.is(await told(() => socket.finishConnect()), 'not-in-progress');
	t.is(await told(() => socket.startConnect(network, v4(port))), 'invalid-state');
});

test('A2: a connection to a black hole ends with its deadline, and may be given up before', async t => {
	const {spawn} = await import('node:child_process');
	// It accepts nothing: once its queue is full, what comes is dropped.
	const hole = spawn(process.execPath, [
		'-e',
		"const s = require('node:net').createServer().listen({port: 0, host: '127.0.0.1', backlog: 1}, () => { require('node:fs').writeSync(1, String(s.address().port)); for (;;); })",
	]);
	t.teardown(() => hole.kill('SIGKILL'));
	const [said] = await once(hole.stdout, 'data');
	hole.kill('SIGSTOP');
	const sockets = socketsOf(t, {egress: ['127.0.0.1:*'], limits: {connect: 500}});
	const tries = await Promise.all(Array.from({length: 6}, () => refusal(sockets, v4(Number(said)))));
	t.true(tries.includes('timeout'), JSON.stringify(tries.map(code => typeof code)));
	const given = sockets.tcp();
	given.startConnect(sockets.network, v4(Number(said)));
	t.is(await told(() => given.finishConnect()), 'would-block');
	given[Symbol.dispose]();
});

test('a guest listens where it is published, and what it accepts has the options of the listener', async t => {
	const {sockets, listener, port} = await listening(t);
	t.true(listener.isListening());
	t.deepEqual(sockets.listening(), [{address: '127.0.0.1', port}]);
	listener.setKeepAliveEnabled(true);
	listener.setHopLimit(42);
	t.is(await told(() => listener.accept()), 'would-block');
	const client = connect({port, host: '127.0.0.1'}).setEncoding('utf8');
	const [socket, input, output] = (await finished(listener, () => listener.accept())) as [ReturnType<Sockets['tcp']>, ...Streams];
	t.is(socket.remoteAddress().val.port, client.localPort);
	t.deepEqual(socket.localAddress(), v4(port));
	t.true(socket.keepAliveEnabled());
	t.is(socket.hopLimit(), 42);
	client.end('ping');
	t.is(text(await drained(input)), 'ping');
	await output.blockingWriteAndFlush(bytes('pong'));
	for (const held of [input, output, socket]) held[Symbol.dispose]();
	t.is((await client.toArray()).join(''), 'pong');
});

test('connections are refused before a bound socket listens and after it is dropped', async t => {
	const sockets = socketsOf(t, {publish: [{address: '127.0.0.1', port: 0}]});
	const socket = sockets.tcp();
	socket.startBind(sockets.network, v4(0));
	await finished(socket, () => socket.finishBind());
	const {port} = socket.localAddress().val;
	const early = await once(connect({port, host: '127.0.0.1'}).resume(), 'error').catch(error => [error]);
	t.is(early[0].code, 'ECONNRESET');
	socket[Symbol.dispose]();
	await delay(50);
	const [late] = await once(connect({port, host: '127.0.0.1'}), 'error').catch(error => [error]);
	t.is(late.code, 'ECONNREFUSED');
});

test('no more connections wait than the backlog says', async t => {
	const {listener, port} = await listening(t, 2n);
	// One is on its way to the guest already.
	const [some, room] = [8, 3];
	let cut = 0;
	const clients = Array.from({length: some}, () => connect({port, host: '127.0.0.1'}).on('error', () => undefined));
	await new Promise<void>(enough => {
		for (const client of clients) client.once('close', () => ++cut === some - room && enough());
	});
	for (let i = 0; i < room; i++) t.true(Array.isArray(await finished(listener, () => listener.accept())));
	t.is(await told(() => listener.accept()), 'would-block');
	t.is(cut, some - room);
	for (const client of clients) client.destroy();
});

test('A9: a guest binds to nothing but what is published, and listens nowhere else', async t => {
	const sockets = socketsOf(t, {publish: [{address: '127.0.0.1', port: 8081}], egress: ['192.0.2.1:80']});
	const bound = async (address: ReturnType<typeof v4> | ReturnType<typeof v6>) => {
		const socket = sockets.tcp(address.tag);
		socket.startBind(sockets.network, address);
		return {socket, code: await finished(socket, () => socket.finishBind())};
	};
	t.is((await bound(v4(8082))).code, 'access-denied');
	t.is((await bound(v4(8081, [127, 0, 0, 2]))).code, 'access-denied');
	t.is((await bound(v6(8081))).code, 'access-denied');
	const {socket, code} = await bound(v4(0, [0, 0, 0, 0]));
	t.is(code, undefined, 'any port is good to connect from');
	socket.startListen();
	t.is(await finished(socket, () => socket.finishListen()), 'access-denied');
	t.deepEqual(sockets.refusals.slice(0, 2), [
		'tcp bind 127.0.0.1:8082: --publish 127.0.0.1:8082',
		'tcp bind 127.0.0.2:8081: --publish 127.0.0.2:8081',
	]);
	t.regex(sockets.refusals[3] ?? '', /^tcp listen 0\.0\.0\.0:\d+: --publish 0\.0\.0\.0:\d+$/);
	t.deepEqual(sockets.listening(), []);
});

test('an address in use, and one that is not of this machine, are told when binding, which may be tried again', async t => {
	const {port} = await serverOf(t, echo);
	const publish = [
		{address: '127.0.0.1', port},
		{address: '192.0.2.1', port: 0},
		{address: '127.0.0.1', port: 0},
	];
	const {tcp, network} = socketsOf(t, {publish});
	const socket = tcp();
	socket.startBind(network, v4(port));
	t.is(await told(() => socket.startBind(network, v4(port))), 'concurrency-conflict');
	t.is(await finished(socket, () => socket.finishBind()), 'address-in-use');
	socket.startBind(network, v4(0, [192, 0, 2, 1]));
	t.is(await finished(socket, () => socket.finishBind()), 'address-not-bindable');
	socket.startBind(network, v4(0));
	t.is(await finished(socket, () => socket.finishBind()), undefined);
});

test('a socket that was bound connects from there', async t => {
	const peer = Promise.withResolvers<Socket>();
	const {port} = await serverOf(t, peer.resolve);
	const {tcp, network} = socketsOf(t, {egress: [`127.0.0.1:${port}`]});
	const socket = tcp();
	socket.startBind(network, v4(0));
	await finished(socket, () => socket.finishBind());
	const local = socket.localAddress();
	t.not(local.val.port, 0);
	socket.startConnect(network, v4(port));
	t.true(Array.isArray(await finished(socket, () => socket.finishConnect())));
	t.is((await peer.promise).remotePort, local.val.port);
	t.deepEqual(socket.localAddress(), local);
});

test('in each state a socket allows what WASI allows, and names what is wrong with the rest', async t => {
	const {port} = await serverOf(t, echo);
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`], publish: [{address: '127.0.0.1', port: 0}]});
	const {network} = sockets;
	const codes = async (socket: ReturnType<Sockets['tcp']>): Promise<Record<string, unknown>> =>
		Object.fromEntries(
			await Promise.all(
				Object.entries({
					startBind: (): unknown => socket.startBind(network, v4(0)),
					finishBind: () => socket.finishBind(),
					finishConnect: () => socket.finishConnect(),
					startListen: () => socket.startListen(),
					finishListen: () => socket.finishListen(),
					accept: () => socket.accept(),
					shutdown: () => socket.shutdown('both'),
					localAddress: (): unknown => void socket.localAddress(),
					remoteAddress: (): unknown => void socket.remoteAddress(),
					backlog: () => socket.setListenBacklogSize(9n),
				}).map(async ([name, work]) => [name, await told(work)] as const),
			),
		);
	const never = {finishBind: 'not-in-progress', finishConnect: 'not-in-progress', finishListen: 'not-in-progress'};
	const invalid = 'invalid-state';

	const fresh = sockets.tcp();
	t.is(await told(() => fresh.startListen()), invalid);
	t.like(await codes(fresh), {
		startBind: undefined,
		finishBind: 'would-block',
		startListen: 'concurrency-conflict',
		shutdown: invalid,
		localAddress: invalid,
	});
	await finished(fresh, () => fresh.finishBind());
	t.is(await told(() => fresh.startBind(network, v4(0))), invalid);
	t.like(await codes(fresh), {
		startBind: invalid,
		finishBind: 'not-in-progress',
		startListen: undefined,
		finishListen: 'would-block',
		accept: 'concurrency-conflict',
		localAddress: undefined,
	});
	await finished(fresh, () => fresh.finishListen());
	t.deepEqual(await codes(fresh), {
		...never,
		startBind: invalid,
		startListen: invalid,
		accept: 'would-block',
		shutdown: invalid,
		localAddress: undefined,
		remoteAddress: invalid,
		backlog: 'not-supported',
	});

	const {socket} = await connected(sockets, port);
	t.deepEqual(await codes(socket), {
		...never,
		startBind: invalid,
		startListen: invalid,
		accept: invalid,
		shutdown: undefined,
		localAddress: undefined,
		remoteAddress: undefined,
		backlog: invalid,
	});
	t.true(socket.subscribe().ready());
});

test('options are kept within what the system allows, and zero is refused', async t => {
	const socket = socketsOf(t).tcp();
	const second = 1_000_000_000n;
	socket.setKeepAliveIdleTime(1n);
	t.is(socket.keepAliveIdleTime(), second);
	socket.setKeepAliveIdleTime(2n ** 64n - 1n);
	t.is(socket.keepAliveIdleTime(), 32_767n * second);
	socket.setKeepAliveInterval(90n * second);
	t.is(socket.keepAliveInterval(), 90n * second);
	socket.setKeepAliveCount(2 ** 32 - 1);
	t.is(socket.keepAliveCount(), 127);
	socket.setReceiveBufferSize(2n ** 64n - 1n);
	t.is(socket.receiveBufferSize(), 16n * 1024n * 1024n);
	socket.setSendBufferSize(4096n);
	t.is(socket.sendBufferSize(), 4096n);
	for (const name of [
		'setKeepAliveIdleTime',
		'setKeepAliveInterval',
		'setReceiveBufferSize',
		'setSendBufferSize',
		'setListenBacklogSize',
	]) {
		t.is(await told(() => socket[name](0n)), 'invalid-argument', name);
	}
	for (const name of ['setKeepAliveCount', 'setHopLimit']) t.is(await told(() => socket[name](0)), 'invalid-argument', name);
});

test('A6: a guest that never drops its sockets gets no more than its share, and all are closed when it ends', async t => {
	let here = 0;
	const {port} = await serverOf(t, socket => {
		here++;
		socket
			.on('close', () => here--)
			.on('end', () => socket.end())
			.resume();
	});
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`], limits: {sockets: 20}});
	const codes = await Promise.all(
		Array.from({length: 30}, async () => {
			const socket = sockets.tcp();
			socket.startConnect(sockets.network, v4(port));
			const code = await finished(socket, () => socket.finishConnect());
			return Array.isArray(code) ? 'connected' : code;
		}),
	);
	t.is(codes.filter(code => code === 'connected').length, 20);
	t.is(codes.filter(code => code === 'new-socket-limit').length, 10);
	let made = 0;
	while ((await told(() => void sockets.tcp())) === undefined && made < 10_000) made++;
	t.is(made, 1024 - 30);
	t.is(await told(() => sockets.udp()), 'new-socket-limit');
	sockets.end();
	for (let i = 0; i < 100 && here > 0; i++) await delay(20);
	t.is(here, 0);
});

test('A6: a place is free again once its socket is dropped', async t => {
	const {port} = await serverOf(t, echo);
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`], limits: {sockets: 2}});
	for (let i = 0; i < 50; i++) {
		const {socket, streams} = await connected(sockets, port);
		for (const held of [...streams, socket]) held[Symbol.dispose]();
		await delay(5);
	}
	t.pass();
});
