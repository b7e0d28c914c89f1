import {once} from 'node:events';
import {createServer, type IncomingMessage, type RequestListener, type ServerResponse} from 'node:http';
import {type AddressInfo, createServer as createListener} from 'node:net';
import {createFetch} from '@forgeone/plugin-network/fetch';
import type {CallCancelled} from '@forgeone/sdk/cell';
import test, {type ExecutionContext} from 'ava';
import {callPair, kernelCall} from '../support/calls.ts';

/** A real server, at an address of this machine; what it was asked is kept. */
async function server(t: ExecutionContext, listener: RequestListener, host = '127.0.0.1', port = 0) {
	const asked: string[] = [];
	const made = createServer((incoming, outgoing) => {
		asked.push(`${incoming.method} ${incoming.url} ${incoming.headers.host}`);
		listener(incoming, outgoing);
	});
	await once(made.listen(port, host), 'listening');
	t.teardown(() => made.closeAllConnections());
	t.teardown(() => made.close());
	return {asked, port: (made.address() as AddressInfo).port};
}

const hello = (_: IncomingMessage, outgoing: ServerResponse) => void outgoing.end('hello');

/** The broker of a container with these rules, where names lead to what `lookup` says. */
function broker(
	t: ExecutionContext,
	rules: readonly string[],
	lookup: (name: string) => readonly string[] = () => t.fail('looked up') as never,
) {
	const refusals: string[] = [];
	const party = {container: 'c', rules, publish: [], refused: (what: string, grant: string) => void refusals.push(`${what} (${grant})`)};
	const {operations, close} = createFetch(party, async name => lookup(name));
	t.teardown(close);

	/** Asks, and gives what the guest would be told: the status and the body, or the error's code. */
	async function fetch(url: string, more: Record<string, unknown> = {}, body?: Uint8Array, trailer?: string) {
		const [, scheme, authority, path] = /^(\w+):\/\/([^/]*)(.*)$/s.exec(url) ?? [];
		const {opener, other} = callPair('');
		const guest = kernelCall(opener);
		const done = operations.fetch?.(kernelCall(other), {method: 'GET', scheme, authority, path: path || '/', headers: [], ...more});
		if (body) await guest.write(body);
		await guest.finish(trailer);
		try {
			const {status, headers} = JSON.parse(await guest.reply());
			const all: Uint8Array[] = [];
			for (let bytes = await guest.read(); bytes; bytes = await guest.read()) all.push(bytes);
			return {status, headers, body: Buffer.concat(all).toString(), trailer: await guest.trailer()};
		} catch (error) {
			return JSON.parse((error as CallCancelled).reason);
		} finally {
			await done;
		}
	}
	return {fetch, refusals, close};
}

test('a request goes out with its body, and the response comes back with its headers, its body and its trailers', async t => {
	const {port, asked} = await server(t, async (incoming, outgoing) => {
		outgoing.writeHead(201, ['X-Own', 'a', 'x-own', 'b', 'x-got', String(incoming.headers['x-sent'])]);
		for await (const chunk of incoming) outgoing.write(chunk);
		outgoing.addTrailers([['x-sum', '5']]);
		outgoing.end();
	});
	const {fetch} = broker(t, [`127.0.0.1:${port}`]);
	const more = {method: 'PUT', headers: ['x-sent', '1', 'connection', 'x-gone', 'x-gone', '1', 'host', 'evil']};
	const {status, headers, body, trailer} = await fetch(`http://127.0.0.1:${port}/a?b`, more, Buffer.from('hello'));
	t.is(status, 201);
	t.deepEqual(headers.slice(0, 6), ['X-Own', 'a', 'x-own', 'b', 'x-got', '1']);
	t.is(body, 'hello');
	t.is(trailer, '["x-sum","5"]');
	t.deepEqual(asked, [`PUT /a?b 127.0.0.1:${port}`]);
});

/** A server that keeps what comes over each connection as it comes, and answers it. */
async function listener(t: ExecutionContext) {
	const heard: string[] = [];
	const made = createListener(socket => {
		const index = heard.push('') - 1;
		socket
			.on('error', () => undefined)
			.on('data', data => {
				heard[index] += data.toString('latin1');
				if (/\r\n\r\n$/.test(heard[index] ?? '')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
			});
	});
	await once(made.listen(0, '127.0.0.1'), 'listening');
	t.teardown(() => made.close());
	return {heard, port: (made.address() as AddressInfo).port};
}

test('what follows the body of a request arrives, whether there was anything of that or not', async t => {
	const got: [string, string[]][] = [];
	const {port} = await server(t, async (incoming, outgoing) => {
		const body = Buffer.concat(await incoming.toArray()).toString();
		got.push([body, incoming.rawTrailers]);
		outgoing.end(body);
	});
	const {fetch} = broker(t, [`127.0.0.1:${port}`]);
	const at = `http://127.0.0.1:${port}/`;
	t.is((await fetch(at, {method: 'POST'}, Buffer.from('hello'), '["X-Sum","5","x-sum","6"]')).body, 'hello');
	t.is((await fetch(at, {method: 'POST'}, undefined, '["x-sum","0"]')).status, 200);
	t.is((await fetch(at, {method: 'POST'}, Buffer.from('bare'))).body, 'bare');
	t.deepEqual(got, [
		['hello', ['X-Sum', '5', 'x-sum', '6']],
		['', ['x-sum', '0']],
		['bare', []],
	]);
});

test('a body goes whole to the first address that takes a connection', async t => {
	const {port} = await server(t, (incoming, outgoing) => void incoming.pipe(outgoing), '127.0.0.2');
	const {fetch} = broker(t, [`127.0.0.2:${port}`, `127.0.0.3:${port}`, `example.com:${port}`], () => ['127.0.0.3', '127.0.0.2']);
	for (const headers of [[], ['content-length', '5']]) {
		const {status, body} = await fetch(`http://example.com:${port}/`, {method: 'POST', headers}, Buffer.from('hello'));
		t.deepEqual([status, body], [200, 'hello']);
	}
});

test('trailers that can not be sent are an error, and never left out', async t => {
	const {port, heard} = await listener(t);
	const {fetch} = broker(t, [`127.0.0.1:${port}`]);
	const at = `http://127.0.0.1:${port}/`;
	const known = await fetch(at, {method: 'POST', headers: ['content-length', '5']}, Buffer.from('hello'), '["x-sum","5"]');
	t.deepEqual(known, {tag: 'internal-error', val: 'trailers can not follow a body with a content-length'});
	for (const trailer of ['["x","y\\r\\nz: 1"]', '["x y","z"]']) {
		t.deepEqual(await fetch(at, {method: 'POST'}, Buffer.from('hello'), trailer), {tag: 'HTTP-protocol-error'}, trailer);
	}
	for (const trailer of ['[', '1', '["x"]', '[1,2]']) {
		t.is((await fetch(at, {method: 'POST'}, Buffer.from('hello'), trailer)).tag, 'internal-error', trailer);
	}
	t.false(heard.some(text => text.includes('z: 1') || text.endsWith('0\r\n\r\n')));
});

test('a body without a length is held to the same times, and cut off with its container', async t => {
	const {port} = await server(t, (incoming, outgoing) => {
		if (incoming.url === '/half') outgoing.write('half');
	});
	const {fetch, close} = broker(t, [`127.0.0.1:${port}`]);
	const ask = (path: string, more = {}) => fetch(`http://127.0.0.1:${port}${path}`, {method: 'POST', ...more}, Buffer.from('x'));
	t.deepEqual(await ask('/silent', {firstByte: 50}), {tag: 'HTTP-response-timeout'});
	t.deepEqual(await ask('/half', {betweenBytes: 50}), {tag: 'connection-read-timeout'});
	const waiting = ask('/silent');
	await new Promise(resolve => setTimeout(resolve, 50));
	close();
	t.deepEqual(await waiting, {tag: 'connection-terminated'});
});

test('A9: nothing that a cell says of its request makes another one of it', async t => {
	const {port, heard} = await listener(t);
	const {fetch} = broker(t, [`127.0.0.1:${port}`]);
	const headers = [
		...['Host', 'evil', 'Connection', 'x-gone, close', 'X-Gone', '1', 'Keep-Alive', '1', 'Proxy-Connection', '1', 'TE', 'trailers'],
		...['Trailer', 'x', 'Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Expect', '100-continue', 'X-Kept', '1'],
	];
	for (const [body, more] of [
		[undefined, []],
		[Buffer.from('hello'), []],
		[Buffer.from('hello\r\n\r\n'), ['content-length', '9']],
	] as const) {
		t.is((await fetch(`http://127.0.0.1:${port}/`, {method: 'POST', headers: [...headers, ...more]}, body)).body, 'hi');
		const [head = ''] = (heard.at(-1) ?? '').toLowerCase().split('\r\n\r\n');
		t.deepEqual(head.match(/^host: .*$/gm), [`host: 127.0.0.1:${port}`]);
		t.notRegex(head, /evil|x-gone|proxy|\nte:|trailer|upgrade|expect|h2c/);
		t.regex(head, /\nx-kept: 1/);
		t.true((head.match(/^(content-length|transfer-encoding): .*$/gm) ?? []).length <= 1, head);
	}
	for (const [what, odd] of Object.entries({
		'a line feed in a value': ['x', 'y\r\nz: 1'],
		'a line feed in a name': ['x\r\nz', '1'],
		'a space in a name': ['transfer-encoding ', 'chunked'],
		'a name that is empty': ['', 'x'],
		'a zero byte': ['x', '\0'],
		'what is more than a byte': ['x', '\u560d\u560az: 1'],
		'two lengths': ['content-length', '5', 'content-length', '6'],
		'a length that is none': ['content-length', '5, 5'],
	})) {
		for (const body of [undefined, Buffer.from('hello')]) {
			t.is((await fetch(`http://127.0.0.1:${port}/`, {method: 'POST', headers: odd}, body)).tag, 'HTTP-protocol-error', what);
		}
	}
	t.is(
		(await fetch(`http://127.0.0.1:${port}/`, {method: 'POST', headers: ['content-length', '4']}, Buffer.from('hello'))).tag,
		'HTTP-request-body-size',
	);
	const many = Array.from({length: 2050}, (_, i) => (i % 2 ? 'v' : `x-${i}`));
	t.is((await fetch(`http://127.0.0.1:${port}/`, {headers: many})).tag, 'HTTP-request-header-section-size');
	t.false(heard.some(text => /\nz: 1/.test(text)));
});

test('A9: every spelling of this machine is refused, and is on record with what would have to be granted', async t => {
	const {port, asked} = await server(t, hello);
	const {fetch, refusals} = broker(t, ['example.com:*', '*.example.com:*', '198.51.100.1:*']);
	for (const host of [
		'0x7f.1',
		'2130706433',
		'127.1',
		'0177.0.0.1',
		'①②⑦.0.0.1',
		'[::ffff:7f00:1]',
		'[64:ff9b::7f00:1]',
		'127.0.0.1',
		'0.0.0.0',
	])
		t.deepEqual(await fetch(`http://${host}:${port}/`), {tag: 'HTTP-request-denied'}, host);
	for (const host of ['localhost', 'localhost.', 'a.localhost', '[::1]', '169.254.169.254'])
		t.deepEqual(await fetch(`http://${host}:${port}/`), {tag: 'HTTP-request-denied'}, host);
	t.true(refusals.includes(`http 127.0.0.1:${port} (--allow-net 127.0.0.1:${port})`));
	t.is(refusals.length, 14);
	t.deepEqual(asked, []);
});

test('A9: an authority that is not a host and a port is none', async t => {
	const {fetch} = broker(t, ['example.com:*', 'foo:*']);
	for (const host of [
		'foo@127.0.0.1',
		'example.com%2f@127.0.0.1',
		'example.com#@127.0.0.1',
		'example.com\\@127.0.0.1',
		'a b',
		'',
		'example.com:99999',
	])
		t.deepEqual(await fetch(`http://${host}/`), {tag: 'HTTP-request-URI-invalid'}, host);
	t.deepEqual(await fetch('ftp://example.com/'), {tag: 'HTTP-request-URI-invalid'});
	t.deepEqual(await fetch('http://example.com/', {path: '/a b'}), {tag: 'HTTP-request-URI-invalid'});
	t.deepEqual(await fetch('http://example.com/', {path: '/\r\nx: y'}), {tag: 'HTTP-request-URI-invalid'});
	t.deepEqual(await fetch('http://example.com/', {method: 'GET /x HTTP/1.1\r\nHost: y\r\n\r\n'}), {tag: 'HTTP-request-method-invalid'});
});

test('A9: a name on a virtual network is looked for in its one form, however it is written, and what is none is not', async t => {
	const looked: string[] = [];
	const find = (_: string, host: string) => {
		looked.push(host);
		return {missing: 'name' as const, network: 'front'};
	};
	const party = {container: 'c', rules: [], publish: [], refused: () => t.fail()};
	const open = () => t.fail() as never;
	const {operations, close} = createFetch(party, async () => t.fail() as never, {find, open});
	t.teardown(close);
	const asked = async (authority: string) => {
		const {opener, other} = callPair('');
		opener.outgoing.end();
		await operations.fetch?.(kernelCall(other), {method: 'GET', scheme: 'http', authority, path: '/', headers: []});
		return JSON.parse((await t.throwsAsync<CallCancelled>(opener.reply())).reason).tag;
	};
	for (const host of ['web.front.internal', 'WEB.front.internal', 'web.front.internal.', 'web.front.internal:80', 'ｗｅｂ.front.internal'])
		t.is(await asked(host), 'DNS-error', host);
	t.deepEqual([...new Set(looked)], ['web.front.internal']);
	for (const host of ['-.front.internal', 'a_b-.front.internal', 'web..internal', 'x@web.front.internal'])
		t.is(await asked(host), 'HTTP-request-URI-invalid', host);
	t.is(looked.length, 5);
});

test('A9: a name that leads to a private address is refused, unless the address itself is granted', async t => {
	const {port, asked} = await server(t, hello);
	const lookup = () => ['127.0.0.1'];
	const closed = broker(t, [`example.com:${port}`], lookup);
	t.deepEqual(await closed.fetch(`http://example.com:${port}/`), {tag: 'HTTP-request-denied'});
	t.deepEqual(closed.refusals, [`http example.com:${port} at 127.0.0.1 (--allow-net 127.0.0.1:${port})`]);
	t.deepEqual(asked, []);
	const open = broker(t, [`example.com:${port}`, `127.0.0.1:${port}`], lookup);
	t.is((await open.fetch(`http://example.com:${port}/`)).body, 'hello');
	t.deepEqual(asked, [`GET / example.com:${port}`]);
});

test('A9: where one of the answers is private, it is not the one that is connected to', async t => {
	const {port, asked} = await server(t, hello);
	const mixed = broker(t, [`example.com:${port}`, `127.0.0.2:${port}`], () => ['::1', '127.0.0.1', '127.0.0.2']);
	const other = await server(t, hello, '127.0.0.2', port);
	t.is((await mixed.fetch(`http://example.com:${port}/`)).body, 'hello');
	t.deepEqual(asked, []);
	t.is(other.asked.length, 1);
});

test('A9: a resolver that rebinds is asked for each request, and a kept connection is no way around it', async t => {
	const good = await server(t, hello, '127.0.0.2');
	const bad = await server(t, hello, '127.0.0.1', good.port);
	let turn = 0;
	const {fetch, refusals} = broker(t, [`example.com:${good.port}`, `127.0.0.2:${good.port}`], () => [
		turn++ % 2 ? '127.0.0.1' : '127.0.0.2',
	]);
	for (let i = 0; i < 6; i++) {
		const answer = await fetch(`http://example.com:${good.port}/`);
		t.deepEqual(i % 2 ? answer : answer.body, i % 2 ? {tag: 'HTTP-request-denied'} : 'hello');
	}
	t.is(good.asked.length, 3);
	t.deepEqual(bad.asked, []);
	t.is(refusals.length, 3);
});

test('A9: a redirect is not followed, and asking for where it leads is refused', async t => {
	const secret = await server(t, hello);
	const {port} = await server(t, (_, outgoing) => void outgoing.writeHead(302, {location: `http://127.0.0.1:${secret.port}/`}).end());
	const {fetch} = broker(t, [`127.0.0.1:${port}`]);
	const answer = await fetch(`http://127.0.0.1:${port}/`);
	t.is(answer.status, 302);
	t.deepEqual(await fetch(answer.headers[answer.headers.indexOf('location') + 1]), {tag: 'HTTP-request-denied'});
	t.deepEqual(secret.asked, []);
});

test('without rules no name is even looked up', async t => {
	const {fetch, refusals} = broker(t, []);
	t.deepEqual(await fetch('https://secret.attacker.example/'), {tag: 'HTTP-request-denied'});
	t.deepEqual(refusals, ['http secret.attacker.example:443 (--allow-net secret.attacker.example:443)']);
});

test('each failure has the code that says it best', async t => {
	const {port} = await server(t, (incoming, outgoing) => {
		if (incoming.url === '/cut') outgoing.write('half', () => outgoing.destroy());
		else if (incoming.url === '/many')
			outgoing
				.writeHead(
					200,
					Array.from({length: 2100}, (_, i) => (i % 2 ? 'v' : `x-${i}`)),
				)
				.end();
		else if (incoming.url === '/large') outgoing.writeHead(200, ['x', 'y'.repeat(70_000)]).end();
	});
	const gone = await server(t, hello);
	const lookup = (name: string) => {
		throw Object.assign(new Error(name), {code: 'ENOTFOUND'});
	};
	const {fetch} = broker(t, ['127.0.0.1:*', 'none.example:*'], lookup);
	const at = `http://127.0.0.1:${port}`;
	t.deepEqual(await fetch(`${at}/silent`, {firstByte: 50}), {tag: 'HTTP-response-timeout'});
	t.deepEqual(await fetch(`${at}/many`), {tag: 'HTTP-response-header-section-size'});
	t.deepEqual(await fetch(`${at}/large`), {tag: 'HTTP-response-header-section-size'});
	t.deepEqual(await fetch(`${at}/cut`), {tag: 'connection-terminated'});
	t.deepEqual(await fetch(`https://127.0.0.1:${port}/`), {tag: 'TLS-protocol-error'});
	t.deepEqual(await fetch('http://none.example/'), {tag: 'DNS-error', val: {rcode: 'NXDOMAIN'}});
	t.deepEqual(await fetch('http://127.0.0.1:1/'), {tag: 'connection-refused'});
	t.truthy(gone);
});

test('whoever cancels the call ends the request', async t => {
	const left = Promise.withResolvers<void>();
	const come = Promise.withResolvers<void>();
	const {port} = await server(t, (_, outgoing) => {
		outgoing.on('close', left.resolve);
		come.resolve();
	});
	const {operations, close} = createFetch(
		{container: 'c', rules: [`127.0.0.1:${port}`], publish: [], refused: () => undefined},
		async () => [],
	);
	t.teardown(close);
	const {opener, other} = callPair('');
	opener.outgoing.end();
	const head = {method: 'GET', scheme: 'http', authority: `127.0.0.1:${port}`, path: '/', headers: []};
	const done = operations.fetch?.(kernelCall(other), head);
	await come.promise;
	opener.cancel('the response is not wanted');
	await left.promise;
	await done;
	t.pass();
});
