import {once} from 'node:events';
import {request as ask} from 'node:http';
import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {answer, type Handle, networkOf, raw} from '../support/network.ts';

/** Reads all that comes, and says how much it was. */
const count: Handle = async (_, call) => {
	let size = 0;
	for (let bytes = await call.read(); bytes; bytes = await call.read()) size += bytes.length;
	await answer(call, 200, [], String(size));
};

test.serial('C3: a body of 1 GiB streams through, and the memory stays flat', async t => {
	const {publish} = await networkOf(t, count);
	const port = await publish();
	const piece = new Uint8Array(1024 * 1024);
	const before = process.memoryUsage.rss();
	let most = before;
	const sending = ask({port, method: 'POST'});
	for (let i = 0; i < 1024; i++) {
		if (!sending.write(piece)) await once(sending, 'drain');
		most = Math.max(most, process.memoryUsage.rss());
	}
	sending.end();
	const [response] = await once(sending, 'response');
	t.is(await text(response), String(1024 ** 3));
	t.true(most - before < 256 * 1024 * 1024, `${(most - before) / 1024 ** 2} MiB more`);
});

test('C3: a head that does not end, and a body that does not, are 408 once their time is over', async t => {
	const {publish} = await networkOf(t, count, {requestTimeout: 2_000});
	const port = await publish();
	const [head, body] = await Promise.all([
		raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '),
		raw(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf'),
	]);
	t.regex(head, /^HTTP\/1.1 408 /);
	t.regex(body, /^HTTP\/1.1 408 /);
});

test('C3: too many headers, and too much of them, are 431 before anybody is called', async t => {
	const {publish} = await networkOf(t, () => t.fail('called') as never);
	const port = await publish();
	const many = Array.from({length: 1100}, (_, i) => `x${i}: 1\r\n`).join('');
	t.regex(await raw(port, `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${many}\r\n`), /^HTTP\/1.1 431 [\s\S]*FORGE_REQUEST_FIELDS/);
	t.regex(await raw(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(17_000)}\r\n\r\n`), /^HTTP\/1.1 431 /);
});

test('C3: connections above the limit are not taken', async t => {
	const {publish} = await networkOf(t, (_, call) => answer(call), {connections: 4});
	const port = await publish();
	const sockets = Array.from({length: 5}, () => connect(port, '127.0.0.1').on('error', () => undefined));
	const closed = await Promise.race(sockets.map(async socket => once(socket, 'close').then(() => socket)));
	t.true(closed.destroyed);
	t.is(sockets.filter(({destroyed}) => destroyed).length, 1);
	for (const socket of sockets) socket.destroy();
});

test('C7: two lengths, a bare line feed and a folded header are refused, and nothing behind them is read', async t => {
	const asked: string[] = [];
	const {publish} = await networkOf(t, ({path}, call) => {
		asked.push(path);
		return answer(call);
	});
	const port = await publish();
	const behind = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
	for (const head of [
		'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
		'POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
		'POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
		'GET /4 HTTP/1.1\nHost: a\r\n\r\n',
		'GET /5 HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n',
	])
		t.regex(await raw(port, head + behind), /^HTTP\/1.1 400 /, head);
	t.deepEqual(asked, []);
});
