import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {type Pollable, poll} from '@forgeone/sdk/cell';
import test, {type ExecutionContext} from 'ava';
import {finished, socketsOf, told, v4, v6} from '../support/sockets.ts';

type Sockets = ReturnType<typeof socketsOf>;

type Datagram = {readonly data: Uint8Array; readonly remoteAddress?: ReturnType<typeof v4> | ReturnType<typeof v6>};

type Incoming = {receive(most: bigint): Datagram[]; subscribe(): Pollable; [Symbol.dispose](): void};

type Outgoing = {checkSend(): bigint; send(datagrams: Datagram[]): unknown; subscribe(): Pollable; [Symbol.dispose](): void};

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

/** A socket of this machine that goes with the test; it echoes where nothing else is said. */
async function peerOf(t: ExecutionContext, take?: (data: Buffer) => void, host = '127.0.0.1'): Promise<{peer: Socket; port: number}> {
	const peer = createSocket(host.includes(':') ? 'udp6' : 'udp4');
	peer.on('message', (data, {address, port}) => (take ? take(data) : peer.send(data, port, address)));
	peer.bind(0, host);
	await once(peer, 'listening');
	t.teardown(() => new Promise<void>(closed => peer.close(closed)).catch(() => undefined));
	return {peer, port: peer.address().port};
}

/** A socket that is bound to a port of the machine's choice. */
async function bound({udp, network}: Sockets, address: ReturnType<typeof v4> | ReturnType<typeof v6> = v4(0)) {
	const socket = udp(address.tag);
	socket.startBind(network, address);
	const code = await finished(socket, () => socket.finishBind());
	if (code !== undefined) throw code;
	return socket;
}

/** The next datagrams, waiting as a guest does. */
async function received(incoming: Incoming): Promise<Datagram[]> {
	for (;;) {
		const found = incoming.receive(10n);
		if (found.length > 0) return found;
		await poll([incoming.subscribe()]);
	}
}

async function sent(outgoing: Outgoing, ...datagrams: Datagram[]): Promise<unknown> {
	while (outgoing.checkSend() === 0n) await poll([outgoing.subscribe()]);
	return told(() => outgoing.send(datagrams));
}

test('datagrams go to whom they name, and tell where they come from', async t => {
	const {port} = await peerOf(t);
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`]});
	const socket = await bound(sockets);
	const [incoming, outgoing] = await socket.stream(undefined);
	t.deepEqual(incoming.receive(10n), []);
	t.is(await sent(outgoing, {data: bytes('a'), remoteAddress: v4(port)}, {data: new Uint8Array(), remoteAddress: v4(port)}), 2n);
	const got: Datagram[] = [];
	while (got.length < 2) got.push(...(await received(incoming)));
	t.deepEqual(
		got.map(({data}) => text(data)),
		['a', ''],
	);
	t.deepEqual(got[0]?.remoteAddress, v4(port));
	t.deepEqual(socket.localAddress().val.address, [127, 0, 0, 1]);
	t.is(await told(() => socket.remoteAddress()), 'invalid-state');
	t.like(sockets.usage, {read: 1, written: 1});
});

test('datagrams of IPv6, and the largest there are, arrive whole', async t => {
	const {port} = await peerOf(t, undefined, '::1');
	const socket = await bound(socketsOf(t, {egress: [`[::1]:${port}`]}), v6(0));
	const [incoming, outgoing] = await socket.stream(v6(port));
	const data = new Uint8Array(65_000).map((_, i) => i);
	t.is(await sent(outgoing, {data}), 1n);
	const [got] = await received(incoming);
	t.deepEqual(got, {data, remoteAddress: v6(port)});
	t.deepEqual(socket.remoteAddress(), v6(port));
	t.is(await sent(outgoing, {data: new Uint8Array(65_528)}), 'datagram-too-large');
});

test('a socket that is tied to a peer sends to no other, and hears no other', async t => {
	const [one, other] = [await peerOf(t), await peerOf(t)];
	const socket = await bound(socketsOf(t, {egress: ['127.0.0.1:*']}));
	const streams = await socket.stream(v4(one.port));
	const [incoming, outgoing] = streams;
	t.is(await sent(outgoing, {data: bytes('x'), remoteAddress: v4(other.port)}), 'invalid-argument');
	other.peer.send('from another', socket.localAddress().val.port, '127.0.0.1');
	await delay(50);
	t.is(await sent(outgoing, {data: bytes('mine')}, {data: bytes('too'), remoteAddress: v4(one.port)}), 2n);
	const got: Datagram[] = [];
	while (got.length < 2) got.push(...(await received(incoming)));
	t.deepEqual(
		got.map(({data}) => text(data)),
		['mine', 'too'],
	);
});

test('a socket is tied to another peer, or to none, once its streams are dropped', async t => {
	const [one, other] = [await peerOf(t), await peerOf(t)];
	const socket = await bound(socketsOf(t, {egress: ['127.0.0.1:*']}));
	const first = await socket.stream(v4(one.port));
	await t.throwsAsync(socket.stream(undefined), {message: /dropped/});
	for (const stream of first) stream[Symbol.dispose]();
	const [incoming, outgoing] = await socket.stream(v4(other.port));
	await sent(outgoing, {data: bytes('to the other')});
	t.deepEqual((await received(incoming))[0]?.remoteAddress, v4(other.port));
	for (const stream of [incoming, outgoing]) stream[Symbol.dispose]();
	const [, free] = await socket.stream(undefined);
	t.is(await told(() => socket.remoteAddress()), 'invalid-state');
	t.is(await sent(free, {data: bytes('x')}), 'invalid-argument');
	t.is(await sent(free, {data: bytes('x'), remoteAddress: v4(one.port)}), 1n);
});

test('a peer that is not there is told to a socket that is tied to it', async t => {
	const {peer, port} = await peerOf(t);
	peer.removeAllListeners('message');
	const socket = await bound(socketsOf(t, {egress: ['127.0.0.1:*']}));
	const [incoming, outgoing] = await socket.stream(v4(port));
	await new Promise<void>(closed => peer.close(closed));
	await sent(outgoing, {data: bytes('x')});
	await poll([incoming.subscribe()]);
	t.is(await told(() => incoming.receive(1n)), 'connection-refused');
	t.deepEqual(incoming.receive(1n), []);
});

test('a send is trapped that was not permitted', async t => {
	const {port} = await peerOf(t);
	const socket = await bound(socketsOf(t, {egress: [`127.0.0.1:${port}`]}));
	const [, outgoing] = await socket.stream(v4(port));
	t.throws(() => outgoing.send([{data: bytes('x')}]), {message: /where 0 are permitted/});
	const permitted = Number(outgoing.checkSend());
	t.throws(() => outgoing.send(Array.from({length: permitted + 1}, () => ({data: bytes('x')}))), {message: /permitted/});
	t.is(outgoing.send([]), 0n);
});

test('A9: a datagram to what is not granted is denied and on record; what was sent before it counts', async t => {
	const {port} = await peerOf(t);
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`]});
	const socket = await bound(sockets);
	const [incoming, outgoing] = await socket.stream(undefined);
	const denied = {data: bytes('no'), remoteAddress: v4(53, [8, 8, 8, 8])};
	t.is(await sent(outgoing, denied), 'access-denied');
	t.is(await sent(outgoing, {data: bytes('yes'), remoteAddress: v4(port)}, denied), 1n);
	t.is(text((await received(incoming))[0]?.data ?? bytes('')), 'yes');
	for (const stream of [incoming, outgoing]) stream[Symbol.dispose]();
	t.is(await told(() => socket.stream(v4(53, [8, 8, 8, 8]))), 'access-denied');
	t.is(sockets.refusals[0], 'udp 8.8.8.8:53: --allow-net 8.8.8.8:53');
	t.is(await told(() => socket.stream(v4(0))), 'invalid-argument');
	t.is(await told(() => socket.stream(v6(1))), 'invalid-argument');
});

test('A9: what may not be sent to is not heard either', async t => {
	const [friend, stranger] = [await peerOf(t), await peerOf(t)];
	const socket = await bound(socketsOf(t, {egress: [`127.0.0.1:${friend.port}`]}));
	const [incoming] = await socket.stream(undefined);
	const {port} = socket.localAddress().val;
	stranger.peer.send('stranger', port, '127.0.0.1');
	await delay(20);
	friend.peer.send('friend', port, '127.0.0.1');
	t.deepEqual(
		(await received(incoming)).map(({data}) => text(data)),
		['friend'],
	);
});

test("A9: a socket binds to a port of the machine's choice only, and only where something may be sent to", async t => {
	const sockets = socketsOf(t, {egress: ['192.0.2.1:53'], publish: [{address: '127.0.0.1', port: 5353}]});
	t.is(await told(() => bound(sockets, v4(5353))), 'access-denied');
	t.is(await told(() => bound(socketsOf(t))), 'access-denied');
	t.is(await told(() => bound(sockets, v4(0, [192, 0, 2, 7]))), 'address-not-bindable');
	t.is(await told(() => bound(sockets, v4(0, [224, 0, 0, 1]))), 'invalid-argument');
	t.regex(sockets.refusals[0] ?? '', /^udp bind 127\.0\.0\.1:5353: /);
});

/** A port for datagrams that nobody has. */
async function freePort(): Promise<number> {
	const socket = createSocket('udp4').bind(0, '127.0.0.1');
	await once(socket, 'listening');
	const {port} = socket.address();
	await new Promise<void>(closed => socket.close(closed));
	return port;
}

test('A9: where a port is published for datagrams whoever sends is heard, and may be answered, and nobody else', async t => {
	const heard: string[] = [];
	const [one, other] = [await peerOf(t, data => heard.push(text(data))), await peerOf(t, data => heard.push(text(data)))];
	const port = await freePort();
	const sockets = socketsOf(t, {publish: [{address: '127.0.0.1', port, protocol: 'udp'}]});
	const socket = await bound(sockets, v4(port, [0, 0, 0, 0]));
	t.deepEqual(sockets.listening(), [{address: '127.0.0.1', port, protocol: 'udp'}]);
	const [incoming, outgoing] = await socket.stream(undefined);
	t.is(await sent(outgoing, {data: bytes('early'), remoteAddress: v4(one.port)}), 'access-denied');
	one.peer.send('question', port, '127.0.0.1');
	const [got] = await received(incoming);
	t.deepEqual([text(got?.data ?? bytes('')), got?.remoteAddress], ['question', v4(one.port)]);
	t.is(await sent(outgoing, {data: bytes('answer'), remoteAddress: v4(one.port)}), 1n);
	t.is(await sent(outgoing, {data: bytes('to another'), remoteAddress: v4(other.port)}), 'access-denied');
	while (heard.length === 0) await delay(5);
	await delay(20);
	t.deepEqual(heard, ['answer']);
	t.deepEqual(sockets.refusals.at(-1), `udp 127.0.0.1:${other.port}: --allow-net 127.0.0.1:${other.port}`);
	t.is(await told(() => bound(sockets, v4(port))), 'address-in-use');
	for (const held of [incoming, outgoing, socket]) held[Symbol.dispose]();
	while (sockets.listening().length > 0) await delay(5);
	await bound(sockets, v4(port));
});

test('A9: who was heard at a published port may not be sent to from any other', async t => {
	const heard: string[] = [];
	const {peer, port: from} = await peerOf(t, data => heard.push(text(data)));
	const [port, elsewhere] = [await freePort(), await peerOf(t)];
	const sockets = socketsOf(t, {publish: [{address: '127.0.0.1', port, protocol: 'udp'}], egress: [`127.0.0.1:${elsewhere.port}`]});
	const [incoming] = await (await bound(sockets, v4(port))).stream(undefined);
	const [mine, outgoing] = await (await bound(sockets)).stream(undefined);
	peer.send('question', port, '127.0.0.1');
	await received(incoming);
	await sent(outgoing, {data: bytes('from elsewhere'), remoteAddress: v4(from)});
	await sent(outgoing, {data: bytes('granted'), remoteAddress: v4(elsewhere.port)});
	t.is(text((await received(mine))[0]?.data ?? bytes('')), 'granted');
	t.deepEqual(heard, []);
});

test('A9: a port that is published for one protocol is not for the other', async t => {
	const port = await freePort();
	const udp = socketsOf(t, {publish: [{address: '127.0.0.1', port, protocol: 'udp'}]});
	const socket = udp.tcp();
	socket.startBind(udp.network, v4(port));
	t.is(await finished(socket, () => socket.finishBind()), 'access-denied');
	const tcp = socketsOf(t, {publish: [{address: '127.0.0.1', port}]});
	t.is(await told(() => bound(tcp, v4(port))), 'access-denied');
	t.deepEqual(tcp.refusals, [`udp bind 127.0.0.1:${port}: --publish 127.0.0.1:${port}/udp`]);
});

test('A9: no form of an address that is not granted is sent to, nor one of many receivers', async t => {
	const sockets = socketsOf(t, {egress: ['*.example.com:*', '192.0.2.1:*']});
	const [four, six] = [await (await bound(sockets)).stream(undefined), await (await bound(sockets, v6(0))).stream(undefined)];
	for (const address of [
		[127, 0, 0, 1],
		[169, 254, 169, 254],
		[10, 0, 0, 1],
		[255, 255, 255, 255],
		[224, 0, 0, 1],
		[0, 0, 0, 0],
	]) {
		t.regex(
			String(await sent(four[1], {data: bytes('x'), remoteAddress: v4(53, address)})),
			/^(access-denied|invalid-argument)$/,
			String(address),
		);
	}
	for (const address of [
		[0, 0, 0, 0, 0, 0, 0, 1],
		[0, 0, 0, 0, 0, 0xffff, 0x7f00, 1],
		[0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201],
		[0x64, 0xff9b, 0, 0, 0, 0, 0x7f00, 1],
		[0xff02, 0, 0, 0, 0, 0, 0, 1],
		[0xfe80, 0, 0, 0, 0, 0, 0, 1],
		[0xfc00, 0, 0, 0, 0, 0, 0, 1],
		[0, 0, 0, 0, 0, 0, 0, 0],
	]) {
		t.regex(
			String(await sent(six[1], {data: bytes('x'), remoteAddress: v6(53, address)})),
			/^(access-denied|invalid-argument)$/,
			String(address),
		);
	}
});

test('a socket streams only once it is bound, and is bound once', async t => {
	const {udp, network} = socketsOf(t, {egress: ['192.0.2.1:53']});
	const socket = udp();
	t.is(await told(() => socket.finishBind()), 'not-in-progress');
	t.is(await told(() => socket.stream(undefined)), 'invalid-state');
	t.is(await told(() => socket.localAddress()), 'invalid-state');
	socket.startBind(network, v4(0));
	t.is(await told(() => socket.startBind(network, v4(0))), 'concurrency-conflict');
	t.is(await finished(socket, () => socket.finishBind()), undefined);
	t.is(await told(() => socket.startBind(network, v4(0))), 'invalid-state');
	t.is(await told(() => socket.finishBind()), 'not-in-progress');
	socket.setUnicastHopLimit(9);
	t.is(socket.unicastHopLimit(), 9);
	socket.setReceiveBufferSize(8192n);
	t.is(socket.receiveBufferSize(), 8192n);
	for (const name of ['setReceiveBufferSize', 'setSendBufferSize']) t.is(await told(() => socket[name](0n)), 'invalid-argument');
	t.is(await told(() => socket.setUnicastHopLimit(0)), 'invalid-argument');
});

test('A6: a flood of datagrams is lost beyond a bound, and the latest still come', async t => {
	const {peer, port} = await peerOf(t);
	const socket = await bound(socketsOf(t, {egress: [`127.0.0.1:${port}`]}));
	const [incoming, outgoing] = await socket.stream(v4(port));
	const local = socket.localAddress().val.port;
	for (let i = 0; i < 5_000; i++) {
		peer.send(Buffer.alloc(8192), local, '127.0.0.1');
		if (i % 50 === 0) await delay(1);
	}
	await delay(100);
	let got = 0;
	for (let some = incoming.receive(100n); some.length > 0; some = incoming.receive(100n)) {
		got += some.length;
		await delay(1);
	}
	t.true(got > 0 && got < 1_000, `${got} came through`);
	await sent(outgoing, {data: bytes('after')});
	t.is(text((await received(incoming))[0]?.data ?? bytes('')), 'after');
});

test('A6: sockets that are dropped are closed, and what they sent before has gone', async t => {
	let heard = 0;
	const {port} = await peerOf(t, () => heard++);
	const sockets = socketsOf(t, {egress: [`127.0.0.1:${port}`], limits: {sockets: 2}});
	for (let i = 0; i < 30; i++) {
		const socket = await bound(sockets);
		const streams = await socket.stream(v4(port));
		await sent(streams[1], {data: bytes('x')});
		for (const held of [...streams, socket]) held[Symbol.dispose]();
		await delay(5);
	}
	t.is(heard, 30);
	await bound(sockets);
	await bound(sockets);
	t.is(await told(() => bound(sockets)), 'new-socket-limit');
});
