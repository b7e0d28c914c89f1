import open from '@forgeone/plugin-network/cell';
import {type Call, type Incoming, type IoError, until} from '@forgeone/sdk/cell';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {callPair} from '../support/calls.ts';

// biome-ignore lint/suspicious/noExplicitAny: a guest sees classes without their types, and so does this test.
type Guest = (request: any, out?: any) => any;

type RequestHead = {method: string; path: string; scheme: string; authority: string; headers: string[]};

const limits = {body: 1024 * 1024, requestTimeout: 30_000, connections: 8};

const half = (call: (head: string) => Call = head => callPair(head).opener) =>
	open({container: 'c', data: {limits}, usage: {read: 0, written: 0, requests: 0}, refused: () => undefined, call}).host();
// biome-ignore lint/suspicious/noExplicitAny: as above.
const http: any = half().imports['wasi:http/types@0.2.12'];
const bytes = (text: string) => new TextEncoder().encode(text);
const request: RequestHead = {method: 'POST', path: '/a?b', scheme: 'http', authority: 'h:1', headers: []};

/** What `work` throws, which need not be an Error. */
function thrown(t: ExecutionContext, work: () => unknown): unknown {
	try {
		work();
	} catch (error) {
		return error;
	}
	return t.fail('nothing was thrown');
}

/** All that comes in with a call. */
async function drain(incoming: Incoming): Promise<Uint8Array> {
	const all: Uint8Array[] = [];
	for (;;) {
		await until(incoming);
		const piece = incoming.read(1024 * 1024);
		if (!piece) return new Uint8Array(Buffer.concat(all));
		all.push(piece);
	}
}

/** Has a guest answer, and gives what came back. */
async function serve(handle: Guest, {body = 'hello', trailers, ...more}: Partial<RequestHead> & {body?: string; trailers?: string} = {}) {
	const {opener, other} = callPair(JSON.stringify({...request, ...more}));
	opener.outgoing.write(bytes(body));
	opener.outgoing.end(trailers);
	const served = half().servers?.['wasi:http/incoming-handler']?.({handle})(other);
	await served;
	const head: {status: number; headers: string[]} = JSON.parse(await opener.reply());
	return {...head, body: await drain(opener.incoming), trailer: opener.incoming.trailer};
}

/** Answers with these bytes, the way a guest does. */
function answer(out: unknown, body: Uint8Array, headers = new http.Fields()) {
	const response = new http.OutgoingResponse(headers);
	const outgoing = response.body();
	http.ResponseOutparam.set(out, {tag: 'ok', val: response});
	outgoing.write().blockingWriteAndFlush(body);
	http.OutgoingBody.finish(outgoing, undefined);
}

test('fields find a name whatever its case, and keep the case and the order', t => {
	const fields = http.Fields.fromList([
		['A', bytes('1')],
		['b', bytes('2')],
	]);
	fields.append('a', bytes('3'));
	t.deepEqual(fields.get('a'), [bytes('1'), bytes('3')]);
	t.deepEqual(fields.entries(), [
		['A', bytes('1')],
		['b', bytes('2')],
		['a', bytes('3')],
	]);
	fields.set('A', [bytes('4')]);
	t.deepEqual(fields.entries(), [
		['b', bytes('2')],
		['A', bytes('4')],
	]);
	fields.delete('B');
	t.false(fields.has('b'));
});

test('fields are what a list of pairs would be', t => {
	const name = fc.constantFrom('a', 'A', 'x-b', 'c');
	const value = fc.uint8Array({min: 32, max: 126, maxLength: 4});
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.constantFrom('append', 'set', 'delete'), name, value)), steps => {
			const fields = new http.Fields();
			let model: [string, Uint8Array][] = [];
			for (const [step, name, value] of steps) {
				if (step !== 'append') model = model.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
				if (step !== 'delete') model.push([name, value]);
				fields[step](name, step === 'set' ? [value] : value);
			}
			t.deepEqual(fields.entries(), model);
			t.deepEqual(fields.clone().entries(), model);
		}),
	);
});

test('names and values that are none are refused, and those of the connection are forbidden', t => {
	const fields = new http.Fields();
	for (const name of ['', 'a b', 'a:', 'ä', 'a\r\nb', 'a\0'])
		t.deepEqual(
			thrown(t, () => fields.append(name, bytes(''))),
			{tag: 'invalid-syntax'},
		);
	for (const value of ['\r', '\n', '\0', '\x7f'])
		t.deepEqual(
			thrown(t, () => fields.set('a', [bytes(value)])),
			{tag: 'invalid-syntax'},
		);
	for (const name of ['Host', 'connection', 'transfer-encoding'])
		t.deepEqual(
			thrown(t, () => fields.append(name, bytes(''))),
			{tag: 'forbidden'},
		);
	t.deepEqual(
		thrown(t, () => http.Fields.fromList([['te', bytes('')]])),
		{tag: 'forbidden'},
	);
	t.deepEqual(fields.entries(), []);
});

test('fields of a message can not be changed, a clone of them can', t => {
	const given = new http.Fields();
	const fields = new http.OutgoingResponse(given).headers();
	t.deepEqual(
		thrown(t, () => fields.append('a', bytes('1'))),
		{tag: 'immutable'},
	);
	t.deepEqual(
		thrown(t, () => fields.delete('a')),
		{tag: 'immutable'},
	);
	fields.clone().append('a', bytes('1'));
	t.false(fields.has('a'));
});

test('more than 128 KiB of fields, or 1,024 of them, trap', t => {
	t.throws(() => http.Fields.fromList([['a', new Uint8Array(128 * 1024).fill(65)]]), {instanceOf: RangeError});
	t.throws(() => http.Fields.fromList(Array.from({length: 1025}, () => ['a', bytes('')])), {instanceOf: RangeError});
});

test('a request reaches the guest, and its answer comes back', async t => {
	const response = await serve(
		(incoming, out) => {
			t.deepEqual(incoming.method(), {tag: 'post'});
			t.is(incoming.pathWithQuery(), '/a?b');
			t.deepEqual(incoming.scheme(), {tag: 'HTTP'});
			t.is(incoming.authority(), 'h:1');
			t.deepEqual(incoming.headers().entries(), [['x-a', bytes('1')]]);
			const body = incoming.consume();
			t.is(
				thrown(t, () => incoming.consume()),
				undefined,
			);
			const stream = body.stream();
			const read = stream.blockingRead(100n);
			t.deepEqual(
				thrown(t, () => stream.read(1n)),
				{tag: 'closed'},
			);
			const trailers = http.IncomingBody.finish(body);
			t.true(trailers.subscribe().ready());
			t.deepEqual(trailers.get().val.val.entries(), [['x-t', bytes('3')]]);
			t.deepEqual(trailers.get(), {tag: 'err', val: undefined});
			answer(out, read, http.Fields.fromList([['X-B', bytes('2')]]));
		},
		{headers: ['host', 'h:1', 'x-a', '1'], trailers: '["x-t","3"]'},
	);
	t.deepEqual(response, {status: 200, headers: ['X-B', '2', 'content-length', '5'], body: bytes('hello'), trailer: undefined});
});

test('a body that is not finished is a failure, and one that is not as long as promised', async t => {
	const unfinished = await serve((_, out) => {
		const outgoing = new http.OutgoingResponse(new http.Fields());
		outgoing.body();
		http.ResponseOutparam.set(out, {tag: 'ok', val: outgoing});
	});
	t.is(unfinished.status, 502);
	const promise = (length: string) => http.Fields.fromList([['content-length', bytes(length)]]);
	const short = await serve((_, out) => {
		const code = thrown(t, () => answer(out, bytes('abc'), promise('4')));
		t.deepEqual(code, {tag: 'HTTP-response-body-size', val: 3n});
	});
	t.is(short.status, 502);
	const long = await serve((_, out) => {
		const error = thrown(t, () => answer(out, bytes('abc'), promise('2'))) as {tag: string; val: IoError};
		t.is(error.tag, 'last-operation-failed');
		t.deepEqual(http.httpErrorCode(error.val), {tag: 'HTTP-response-body-size', val: 3n});
	});
	t.is(long.status, 502);
});

test('what a guest writes before it pauses goes out then, and trailers go last', async t => {
	const paused = Promise.withResolvers<void>();
	const {opener, other} = callPair(JSON.stringify(request));
	const served = half().servers?.['wasi:http/incoming-handler']?.({
		async handle(_: unknown, out: unknown) {
			const response = new http.OutgoingResponse(new http.Fields());
			const body = response.body();
			http.ResponseOutparam.set(out, {tag: 'ok', val: response});
			const stream = body.write();
			await stream.blockingWriteAndFlush(bytes('first'));
			await paused.promise;
			await stream.blockingWriteAndFlush(bytes('last'));
			http.OutgoingBody.finish(body, http.Fields.fromList([['x-sum', bytes('9')]]));
		},
	})(other);
	t.deepEqual(JSON.parse(await opener.reply()), {status: 200, headers: []});
	t.deepEqual(opener.incoming.read(100), bytes('first'));
	t.deepEqual(opener.incoming.read(100), bytes(''));
	paused.resolve();
	t.deepEqual(await drain(opener.incoming), bytes('last'));
	t.is(opener.incoming.trailer, '["x-sum","9"]');
	await served;
});

test('A11: trailers that a guest can not hold are an error', async t => {
	for (const trailers of ['["x","y\\r\\nz: 1"]', '["x"]', 'null', JSON.stringify(['x', 'y'.repeat(128 * 1024)])]) {
		await serve(
			async (incoming, out) => {
				const future = http.IncomingBody.finish(incoming.consume());
				await future.subscribe().block();
				t.deepEqual(future.get().val.val, {tag: 'internal-error', val: undefined});
				answer(out, bytes('x'));
			},
			{trailers},
		);
	}
});

test('a guest that writes faster than its reader reads is held back, and sees its stream closed when the call is cancelled', async t => {
	const {opener, other} = callPair(JSON.stringify(request));
	const served = half().servers?.['wasi:http/incoming-handler']?.({
		async handle(_: unknown, out: unknown) {
			const response = new http.OutgoingResponse(new http.Fields());
			const stream = response.body().write();
			http.ResponseOutparam.set(out, {tag: 'ok', val: response});
			const writing = stream.blockingWriteAndFlush(new Uint8Array(3 * 1024 * 1024));
			const pollable = stream.subscribe();
			t.false(pollable.ready());
			opener.cancel('the client has left');
			t.deepEqual(await t.throwsAsync(async () => writing, {any: true}), {tag: 'closed'} as never);
			t.true(pollable.ready());
		},
	})(other);
	await served;
});

test('informational responses go with the head of the response', async t => {
	const {opener, other} = callPair(JSON.stringify(request));
	await half().servers?.['wasi:http/incoming-handler']?.({
		handle(_: unknown, out: {sendInformational(status: number, headers: unknown): void}) {
			out.sendInformational(103, http.Fields.fromList([['link', bytes('</a>')]]));
			answer(out, bytes(''));
		},
	})(other);
	t.deepEqual(JSON.parse(await opener.reply()).early, [{status: 103, headers: ['link', '</a>']}]);
});

test('an error-code is a response of its own, and none at all is thrown', async t => {
	const failing = (tag: string) => serve((_, out) => http.ResponseOutparam.set(out, {tag: 'err', val: {tag}}));
	t.is((await failing('internal-error')).status, 500);
	t.is((await failing('connection-timeout')).status, 504);
	t.is((await failing('HTTP-protocol-error')).status, 502);
	await t.throwsAsync(
		serve(() => undefined),
		{message: /without a response/},
	);
});

test('an outgoing request is a call to the kernel half, and its reply the response', async t => {
	const pair = Promise.withResolvers<Call>();
	const {imports} = half(head => {
		const {opener, other} = callPair(head);
		pair.resolve(other);
		return opener;
	});
	const {handle} = imports['wasi:http/outgoing-handler@0.2.12'] as {handle: Guest};
	const outgoing = new http.OutgoingRequest(http.Fields.fromList([['x-a', bytes('1')]]));
	t.deepEqual(
		thrown(t, () => handle(outgoing)),
		{tag: 'HTTP-request-URI-invalid'},
	);
	outgoing.setAuthority('example.com');
	outgoing.setMethod({tag: 'post'});
	const body = outgoing.body();
	body.write().blockingWriteAndFlush(bytes('ping'));
	http.OutgoingBody.finish(body, undefined);
	const options = new http.RequestOptions();
	options.setConnectTimeout(1_500_000n);
	const future = handle(outgoing, options);
	const call = await pair.promise;
	const told = {method: 'POST', path: '/', scheme: 'https', authority: 'example.com', connect: 2};
	const headers = ['x-a', '1', 'content-length', '4'];
	t.deepEqual(JSON.parse(call.head()), {op: 'fetch', ...told, headers});
	t.deepEqual(await drain(call.incoming), bytes('ping'));
	t.is(future.get(), undefined);
	const pollable = future.subscribe();
	t.false(pollable.ready());
	call.answer(JSON.stringify({status: 201, headers: ['x-b', '2']}));
	await pollable.block();
	const response = future.get().val.val;
	t.is(response.status(), 201);
	t.deepEqual(response.headers().get('X-B'), [bytes('2')]);
	call.cancel('{"tag":"connection-terminated"}');
	const stream = response.consume().stream();
	const error = thrown(t, () => stream.read(1n)) as {val: IoError};
	t.deepEqual(http.httpErrorCode(error.val), {tag: 'connection-terminated'});
});

test('a request says the length of a body that is whole, and none of one that goes on or has trailers', async t => {
	const calls: {head: string; other: Call}[] = [];
	const {imports} = half(head => {
		const {opener, other} = callPair(head);
		calls.push({head, other});
		return opener;
	});
	const {handle} = imports['wasi:http/outgoing-handler@0.2.12'] as {handle: Guest};
	const ask = () => {
		const outgoing = new http.OutgoingRequest(new http.Fields());
		outgoing.setAuthority('example.com');
		const body = outgoing.body();
		return {body, future: handle(outgoing)};
	};
	const turn = () => new Promise(resolve => setImmediate(resolve));
	const headers = () => JSON.parse(calls.at(-1)?.head ?? '').headers;

	const whole = ask();
	whole.body.write().blockingWriteAndFlush(bytes('ping'));
	http.OutgoingBody.finish(whole.body, undefined);
	t.deepEqual(headers(), ['content-length', '4']);

	const trailed = ask();
	trailed.body.write().blockingWriteAndFlush(bytes('ping'));
	http.OutgoingBody.finish(trailed.body, http.Fields.fromList([['x-sum', bytes('4')]]));
	t.deepEqual(headers(), []);
	const incoming = calls.at(-1)?.other.incoming as Incoming;
	t.deepEqual(await drain(incoming), bytes('ping'));
	t.is(incoming.trailer, '["x-sum","4"]');

	const open = ask();
	await turn();
	t.is(calls.length, 3);
	t.deepEqual(headers(), []);
	calls.at(-1)?.other.answer('{"status":200,"headers":[]}');
	await open.future.subscribe().block();
	t.is(open.future.get().val.tag, 'ok');

	const dropped = ask();
	dropped.body[Symbol.dispose]();
	await dropped.future.subscribe().block();
	t.is(calls.length, 3);
	t.like(dropped.future.get().val, {tag: 'err', val: {tag: 'internal-error', val: 'the body of the request is not complete'}});
});

test('a request that is refused is the code that the kernel half said', async t => {
	const {opener, other} = callPair('');
	const {handle} = half(() => opener).imports['wasi:http/outgoing-handler@0.2.12'] as {handle: Guest};
	const outgoing = new http.OutgoingRequest(new http.Fields());
	outgoing.setAuthority('example.com');
	const future = handle(outgoing);
	other.cancel('{"tag":"HTTP-request-denied"}');
	await future.subscribe().block();
	t.deepEqual(future.get(), {tag: 'ok', val: {tag: 'err', val: {tag: 'HTTP-request-denied'}}});
});

for (const [what, bodied] of [
	['without a body', false],
	['whose body is being written', true],
] as const) {
	test(`a guest that drops the future of a request ${what} cancels it, and one that has its response does not`, async t => {
		const calls: Call[] = [];
		const {handle} = half(head => {
			const {opener, other} = callPair(head);
			calls.push(other);
			return opener;
		}).imports['wasi:http/outgoing-handler@0.2.12'] as {handle: Guest};
		const turn = () => new Promise(resolve => setImmediate(resolve));
		const reasons: string[] = [];
		const ask = async () => {
			const outgoing = new http.OutgoingRequest(new http.Fields());
			outgoing.setAuthority('example.com');
			if (bodied) outgoing.body();
			const future = handle(outgoing);
			await turn();
			calls.at(-1)?.onCancel(reason => void reasons.push(reason));
			return future;
		};

		const kept = await ask();
		calls.at(-1)?.answer('{"status":200,"headers":[]}');
		await kept.subscribe().block();
		t.is(kept.get().val.tag, 'ok');
		kept[Symbol.dispose]();
		await turn();
		t.deepEqual(reasons, []);

		const dropped = await ask();
		dropped[Symbol.dispose]();
		await turn();
		t.deepEqual([calls.length, reasons], [2, ['the response is not wanted']]);
	});
}

test('an outgoing request takes no part that is none', t => {
	const outgoing = new http.OutgoingRequest(new http.Fields());
	t.is(
		thrown(t, () => outgoing.setMethod({tag: 'other', val: 'A B'})),
		undefined,
	);
	t.is(
		thrown(t, () => outgoing.setPathWithQuery('/a b')),
		undefined,
	);
	t.is(
		thrown(t, () => outgoing.setScheme({tag: 'other', val: '1:'})),
		undefined,
	);
	t.is(
		thrown(t, () => outgoing.setAuthority('a@b')),
		undefined,
	);
	t.deepEqual(outgoing.method(), {tag: 'get'});
});
