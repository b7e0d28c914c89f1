import open from '@forgeone/plugin-network/cell';
import type {IoError} from '@forgeone/sdk/cell';
import type {Handlers} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';

// biome-ignore lint/suspicious/noExplicitAny: a guest sees classes without their types, and so does this test.
type Guest = (request: any, out: any) => unknown;

const half = (egress: readonly string[] = []) => open({container: 'c', data: {egress}, wait: () => undefined});
// biome-ignore lint/suspicious/noExplicitAny: as above.
const http: any = half().imports['wasi:http/types@0.2.12'];
const bytes = (text: string) => new TextEncoder().encode(text);
const request = {
	method: 'POST',
	path: '/a?b',
	scheme: 'http',
	authority: 'h:1',
	headers: [],
	body: bytes('hello'),
} satisfies Handlers.Request;

/** What `work` throws, which need not be an Error. */
function thrown(t: ExecutionContext, work: () => unknown): unknown {
	try {
		work();
	} catch (error) {
		return error;
	}
	return t.fail('nothing was thrown');
}

const serve = async (handle: Guest, asked: Handlers.Request = request) =>
	(await half().servers?.['wasi:http/incoming-handler']?.({handle})(asked)) as Handlers.Response;

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
			t.deepEqual(trailers.get(), {tag: 'ok', val: {tag: 'ok', val: undefined}});
			t.deepEqual(trailers.get(), {tag: 'err', val: undefined});
			answer(out, read, http.Fields.fromList([['X-B', bytes('2')]]));
		},
		{
			...request,
			headers: [
				['host', bytes('h:1')],
				['x-a', bytes('1')],
			],
		},
	);
	t.deepEqual(response, {status: 200, headers: [['X-B', bytes('2')]], body: bytes('hello')});
});

test('a body of more than 32 MiB is the last write that fails', async t => {
	const response = await serve((_, out) => {
		const outgoing = new http.OutgoingResponse(new http.Fields());
		http.ResponseOutparam.set(out, {tag: 'ok', val: outgoing});
		const stream = outgoing.body().write();
		const error = thrown(t, () => stream.blockingWriteAndFlush(new Uint8Array(33 * 1024 * 1024))) as {tag: string; val: IoError};
		t.is(error.tag, 'last-operation-failed');
		t.is(http.httpErrorCode(error.val).tag, 'HTTP-response-body-size');
	});
	t.is(response.status, 502);
});

test('a body that is not finished, or not as long as promised, is a failure', async t => {
	const unfinished = await serve((_, out) => {
		const outgoing = new http.OutgoingResponse(new http.Fields());
		outgoing.body();
		http.ResponseOutparam.set(out, {tag: 'ok', val: outgoing});
	});
	t.is(unfinished.status, 502);
	const short = await serve((_, out) => {
		const code = thrown(t, () => answer(out, bytes('abc'), http.Fields.fromList([['content-length', bytes('4')]])));
		t.deepEqual(code, {tag: 'HTTP-response-body-size', val: 3n});
	});
	t.is(short.status, 502);
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

test('an outgoing request is refused as the rules have it', t => {
	const {handle} = half(['example.com:443']).imports['wasi:http/outgoing-handler@0.2.12'] as {handle(request: unknown): never};
	const to = (authority: string, scheme = 'HTTPS') => {
		const outgoing = new http.OutgoingRequest(new http.Fields());
		outgoing.setAuthority(authority);
		outgoing.setScheme({tag: scheme});
		return thrown(t, () => handle(outgoing));
	};
	t.deepEqual(to('example.com'), {tag: 'internal-error', val: 'outgoing requests are not served yet'});
	t.deepEqual(to('example.com', 'HTTP'), {tag: 'HTTP-request-denied'});
	t.deepEqual(to('example.org'), {tag: 'HTTP-request-denied'});
	t.deepEqual(to('127.0.0.1:443'), {tag: 'HTTP-request-denied'});
	t.deepEqual(
		thrown(t, () => handle(new http.OutgoingRequest(new http.Fields()))),
		{tag: 'HTTP-request-URI-invalid'},
	);
});

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

test('sockets are all denied', t => {
	// biome-ignore lint/suspicious/noExplicitAny: as above.
	const imports: any = half().imports;
	t.is(
		thrown(t, () => imports['wasi:sockets/tcp-create-socket@0.2.12'].createTcpSocket('ipv4')),
		'access-denied',
	);
	t.is(
		thrown(t, () => imports['wasi:sockets/udp-create-socket@0.2.12'].createUdpSocket('ipv6')),
		'access-denied',
	);
	const network = imports['wasi:sockets/instance-network@0.2.12'].instanceNetwork();
	t.is(
		thrown(t, () => imports['wasi:sockets/ip-name-lookup@0.2.12'].resolveAddresses(network, 'localhost')),
		'access-denied',
	);
});
