import type {Lookup} from '@forgeone/plugin-network/sockets';
import test from 'ava';
import {finished, serverOf, socketsOf, told, v4} from '../support/sockets.ts';

type Sockets = ReturnType<typeof socketsOf>;

/** All addresses of a name, or the `error-code`. */
async function resolved({resolve}: Sockets, name: string): Promise<unknown> {
	const found: unknown[] = [];
	let stream: ReturnType<typeof resolve>;
	try {
		stream = resolve(name);
	} catch (code) {
		return code;
	}
	for (;;) {
		const next = await finished(stream, () => stream.resolveNextAddress());
		if (next === undefined) return found;
		if (typeof next === 'string') return next;
		found.push((next as {val: unknown}).val);
	}
}

async function connects({tcp, network}: Sockets, address: ReturnType<typeof v4>): Promise<unknown> {
	const socket = tcp();
	socket.startConnect(network, address);
	const code = await finished(socket, () => socket.finishConnect());
	return Array.isArray(code) ? 'connected' : code;
}

const always =
	(...addresses: string[]): Lookup =>
	async () =>
		addresses;

const failing =
	(code: string): Lookup =>
	async () => {
		throw Object.assign(new Error(code), {code});
	};

test('a granted name is resolved, in the order of the answers', async t => {
	const sockets = socketsOf(t, {egress: ['example.com:443'], lookup: always('192.0.2.1', '2001:db8::7', '198.51.100.2')});
	t.deepEqual(await resolved(sockets, 'Example.COM.'), [
		[192, 0, 2, 1],
		[0x2001, 0xdb8, 0, 0, 0, 0, 0, 7],
		[198, 51, 100, 2],
	]);
});

test('an address is its own answer, whoever asks', async t => {
	const sockets = socketsOf(t);
	t.deepEqual(await resolved(sockets, '10.0.0.1'), [[10, 0, 0, 1]]);
	t.deepEqual(await resolved(sockets, '::1'), [[0, 0, 0, 0, 0, 0, 0, 1]]);
	t.deepEqual(await resolved(sockets, '0x7f.1'), [[127, 0, 0, 1]]);
});

test('A9: a name that is not granted is never asked for, so that nothing leaks by its labels', async t => {
	const asked: string[] = [];
	const lookup: Lookup = async name => {
		asked.push(name);
		return ['192.0.2.1'];
	};
	const sockets = socketsOf(t, {egress: ['example.com:443', '*.allowed.test:1'], lookup});
	t.is(await resolved(sockets, 'secret.example.com'), 'access-denied');
	t.is(await resolved(sockets, 'allowed.test'), 'access-denied');
	t.deepEqual(await resolved(sockets, 'a.allowed.test'), [[192, 0, 2, 1]]);
	t.deepEqual(asked, ['a.allowed.test']);
	t.deepEqual(sockets.refusals[0], 'name secret.example.com: --allow-net secret.example.com:*');
});

test('what is no name is an invalid argument', async t => {
	const sockets = socketsOf(t, {egress: ['*.test:1']});
	for (const name of ['', 'a b.test', 'a/b', 'foo@127.0.0.1', '%2f', `${'x'.repeat(64)}.test`, 'x\0.test']) {
		t.is(await resolved(sockets, name), 'invalid-argument', name);
	}
});

test('the addresses of a granted name are reached at the granted port, and no others', async t => {
	const {port} = await serverOf(t, socket => void socket.end());
	const sockets = socketsOf(t, {egress: [`db.test:${port}`, `127.0.0.1:${port}`], lookup: always('127.0.0.1')});
	t.deepEqual(await resolved(sockets, 'db.test'), [[127, 0, 0, 1]]);
	t.is(await connects(sockets, v4(port)), 'connected');
	t.is(await connects(sockets, v4(port + 1)), 'access-denied');
});

test('A9: a public address is reached through a name only once that has led there, and at its port', async t => {
	const sockets = socketsOf(t, {egress: ['example.com:9'], lookup: always('192.0.2.9'), limits: {connect: 50}});
	t.is(await connects(sockets, v4(9, [192, 0, 2, 9])), 'access-denied');
	await resolved(sockets, 'example.com');
	t.not(await connects(sockets, v4(9, [192, 0, 2, 9])), 'access-denied');
	t.is(await connects(sockets, v4(10, [192, 0, 2, 9])), 'access-denied');
	t.is(await connects(sockets, v4(9, [192, 0, 2, 10])), 'access-denied');
});

test('A9: a name that leads to a private address, or turns to one later, opens nothing', async t => {
	const {port} = await serverOf(t, socket => void socket.end());
	let answers = ['192.0.2.9'];
	const sockets = socketsOf(t, {egress: [`rebind.test:${port}`], lookup: async () => answers, limits: {connect: 50}});
	await resolved(sockets, 'rebind.test');
	answers = ['127.0.0.1', '10.0.0.1', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'];
	t.is(await resolved(sockets, 'rebind.test'), 'access-denied');
	t.is(await connects(sockets, v4(port)), 'access-denied');
	t.is(sockets.refusals[0], 'name rebind.test at 127.0.0.1: --allow-net 127.0.0.1:*');
	answers = ['10.0.0.1', '192.0.2.8'];
	t.deepEqual(await resolved(sockets, 'rebind.test'), [[192, 0, 2, 8]]);
});

test('localhost is this machine, as far as that is granted by its addresses', async t => {
	t.is(await resolved(socketsOf(t, {lookup: always('192.0.2.1')}), 'localhost'), 'access-denied');
	t.deepEqual(await resolved(socketsOf(t, {egress: ['127.0.0.1:80'], lookup: always('192.0.2.1')}), 'localhost'), [[127, 0, 0, 1]]);
});

test('a name that cannot be resolved says why', async t => {
	const codes = {ENOTFOUND: 'name-unresolvable', EAI_AGAIN: 'temporary-resolver-failure', EAI_FAIL: 'permanent-resolver-failure'};
	for (const [code, wanted] of Object.entries(codes)) {
		t.is(await resolved(socketsOf(t, {egress: ['a.test:1'], lookup: failing(code)}), 'a.test'), wanted);
	}
});

test('A6: lookups that hang are bounded, and fail beyond', async t => {
	const sockets = socketsOf(t, {egress: ['*.test:1'], lookup: () => new Promise(() => undefined)});
	const streams = Array.from({length: 17}, (_, i) => sockets.resolve(`n${i}.test`));
	const last = streams.at(-1);
	t.is(await finished(last, () => last.resolveNextAddress()), 'temporary-resolver-failure');
	t.is(await told(() => streams[0].resolveNextAddress()), 'would-block');
});
