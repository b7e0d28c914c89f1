import test from 'ava';
import {callPair, kernelCall} from '../support/calls.ts';
import {answer, networkOf, raw} from '../support/network.ts';

const said = (length: string) => JSON.stringify({status: 200, headers: ['content-length', length]});
const fine = JSON.stringify({status: 200, headers: ['x', 'y']});

for (const [what, say] of [
	['gives up with the beginning of JSON', {cancel: '{"code":'}],
	['gives up with JSON of another shape', {cancel: '{"code":1,"reason":{"toString":1}}'}],
	['gives up with what looks like another answer', {cancel: 'x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'}],
	['answers with no JSON', {head: '{'}],
	['answers with nothing', {head: 'null'}],
	['answers with a status that is text', {head: '{"status":"200","headers":[]}'}],
	['answers with headers that are none', {head: '{"status":200,"headers":{"x":"y"}}'}],
	['answers with an odd number of headers', {head: '{"status":200,"headers":["x"]}'}],
	['answers with headers that are numbers', {head: '{"status":200,"headers":[1,2]}'}],
	['answers with a header that holds another', {head: JSON.stringify({status: 200, headers: ['x', 'y\r\nset-cookie: z']})}],
	['answers with two lengths', {head: JSON.stringify({status: 200, headers: ['content-length', '2', 'Content-Length', '1']}), body: 'hi'}],
	...['0x2', '+2', '2, 2', '-2', '1e0', '', '9'.repeat(16)].map(
		length => [`answers with the length "${length}"`, {head: said(length), body: 'hi'}] as const,
	),
	['answers with early hints that are none', {head: '{"status":200,"headers":[],"early":[null]}'}],
	['answers with leave to go on', {head: '{"status":200,"headers":[],"early":[{"status":100,"headers":[]}]}'}],
	['answers with another protocol', {head: '{"status":200,"headers":[],"early":[{"status":101,"headers":[]}]}'}],
	['ends with a trailer that is no JSON', {head: fine, trailer: '['}],
	['ends with a trailer that is a number', {head: fine, trailer: '1'}],
	['ends with half a trailer', {head: fine, trailer: '["x"]'}],
	['ends with a trailer that holds another answer', {head: fine, trailer: JSON.stringify(['x', 'y\r\n\r\nHTTP/1.1 200 OK'])}],
	['ends with a trailer that is no field', {head: fine, trailer: JSON.stringify(['x y', 'z'])}],
	[
		'ends with more than it said, which looks like another answer',
		{head: said('2'), body: 'hiHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil'},
	],
	['ends with less than it said', {head: said('10'), body: 'hi'}],
	['ends with nothing where it said something', {head: said('10')}],
	['ends with less than it said, in pieces', {head: said('100000'), body: 'x'.repeat(99_999)}],
] as const) {
	test(`A11: where a cell ${what}, the client is not told that all is well, and the next request is answered`, async t => {
		let turn = 0;
		const {publish} = await networkOf(t, async (_, call) => {
			if (turn++ > 0) return answer(call, 200, [], 'fine');
			if ('cancel' in say) return call.cancel(say.cancel);
			await call.answer(say.head);
			if ('body' in say) await call.write(Buffer.from(say.body));
			await call.finish('trailer' in say ? say.trailer : undefined);
		});
		const url = `http://127.0.0.1:${await publish()}/`;
		const ask = async () => {
			const response = await fetch(url);
			return {status: response.status, text: response.statusText, cookie: response.headers.get('set-cookie'), body: await response.text()};
		};
		if (what.startsWith('ends')) await t.throwsAsync(ask());
		else t.like(await ask(), {status: 502, text: 'Bad Gateway', cookie: null});
		t.is((await ask()).body, 'fine');
	});
}

test('A11: a cell says before an answer nothing of how long a body is', async t => {
	const early = [{status: 103, headers: ['link', '</a>', 'Content-Length', '5', 'transfer-encoding', 'chunked']}];
	const {publish} = await networkOf(t, async (_, call) => {
		await call.answer(JSON.stringify({status: 200, headers: [], early}));
		await call.finish(undefined);
	});
	const answered = await raw(await publish(), 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
	t.true(answered.startsWith('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n'), answered);
});

test('A11: a cell says after a body nothing of how that is to be read', async t => {
	const {publish} = await networkOf(t, async (_, call) => {
		await call.answer(fine);
		await call.write(Buffer.from('hi'));
		await call.finish(JSON.stringify(['content-length', '5', 'transfer-encoding', 'chunked', 'host', 'other', 'x-sum', '1']));
	});
	const answered = await raw(await publish(), 'GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close\r\n\r\n');
	t.regex(answered, /\r\n0\r\nx-sum: 1\r\n\r\n$/);
});

test('A11: what a cell says of a message reaches another cell only where a guest can hold it', async t => {
	const odd: Readonly<Record<string, readonly string[]>> = {
		'a line feed in a value': ['x', 'y\r\nz: 1'],
		'what is one once it is a byte': ['x', '\u560d\u560az: 1'],
		'a zero byte': ['x', '\0'],
		'a name that is none': ['x y', '1'],
		'more fields than there may be': Array.from({length: 2050}, () => 'x'),
		'more bytes than there may be': ['x', 'y'.repeat(128 * 1024)],
	};
	let said: readonly string[] = [];
	const heard: string[][] = [];
	const {attach, request, networking, take} = await networkOf(t, ({headers}, call) => {
		heard.push(headers);
		return answer(call, 200, [...said]);
	});
	await networking.create('front', []);
	for (const name of ['one', 'two']) await attach([], request({networks: ['front']}, {container: name, name}));
	const ask = async (headers: readonly string[]) => {
		const {opener, other} = callPair(
			JSON.stringify({op: 'fetch', method: 'GET', scheme: 'http', authority: 'two.front.internal', path: '/', headers}),
		);
		opener.outgoing.end();
		await take('one', 'network', kernelCall(other));
		return opener.reply().then(JSON.parse, ({reason}) => JSON.parse(reason).tag);
	};
	for (const [what, headers] of Object.entries(odd))
		t.regex(await ask(headers), /^HTTP-(protocol-error|request-header-section-size)$/, what);
	t.deepEqual(heard, []);
	for (const [what, headers] of Object.entries(odd)) {
		said = headers;
		t.is(await ask([]), 'HTTP-protocol-error', what);
	}
	said = ['x', '\u00e9'];
	t.deepEqual(await ask(['x', '\u00ff']), {status: 200, headers: said});
	t.deepEqual(heard.at(-1), ['x', '\u00ff']);
});
