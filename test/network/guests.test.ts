import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import network from '@forgeone/plugin-network';
import {audit, listeners} from '@forgeone/sdk';
import type {RuntimeTypes} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, outputOf, specOf} from '../support/runtime.ts';
import {serverOf} from '../support/sockets.ts';

const image = await guest('sockets-js');

const portOf = (port: number | RuntimeTypes.Port): RuntimeTypes.Port => (typeof port === 'number' ? {address: '127.0.0.1', port} : port);

/** A kernel whose containers have a network, and what it takes to run the guest there. */
async function networkOf(t: ExecutionContext) {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
	const records = (await kernel.link(audit))();
	const ports = (await kernel.link(listeners))();
	const start = async (
		args: readonly (string | number)[],
		egress: string[] = [],
		publish: (number | RuntimeTypes.Port)[] = [],
		isolation: RuntimeTypes.Isolation = 'process',
	) => {
		const more = {isolation, arguments: args.map(String), egress, publish: publish.map(portOf)};
		const {id} = await containers.create(specOf(image, more));
		await containers.start(id);
		return id;
	};
	const said = async (id: string) => {
		const {stdout, stderr} = await outputOf(containers, id);
		const {exitCode, reason} = await containers.inspect(id);
		return {exitCode, ...(reason ? {reason} : {}), ...(stdout ? JSON.parse(stdout) : {stderr})};
	};
	return {
		containers,
		start,
		said,
		run: async (args: readonly (string | number)[], egress?: string[], publish?: (number | RuntimeTypes.Port)[]) =>
			said(await start(args, egress, publish)),
		/** The port at which a container listens by itself. */
		async port(id: string): Promise<number> {
			for (;;) {
				const found = (await ports.list()).find(({container}) => container === id);
				if (found) return found.port;
				await delay(20);
			}
		},
		refusals: async () => (await records.recent(1_000)).filter(({action}) => action === 'net'),
	};
}

const echo = (socket: Socket) => void socket.pipe(socket);

test('a guest sends ten megabytes to an echo and gets them back', async t => {
	const {port} = await serverOf(t, echo);
	const {run} = await networkOf(t);
	const count = 10 * 1024 * 1024;
	t.deepEqual(await run(['client', port, count], [`127.0.0.1:${port}`]), {exitCode: 0, sent: count, got: count, wrong: 0});
});

for (const isolation of ['thread', 'process'] as const) {
	test(`a guest in a ${isolation} listens where it is published, echoes ten megabytes by splicing, and its port is free once it has ended`, async t => {
		const engine = await networkOf(t);
		const id = await engine.start(['server', 0, 2], [], [0], isolation);
		const port = await engine.port(id);
		const sent = Buffer.alloc(
			5 * 1024 * 1024,
			Uint8Array.from({length: 253}, (_, i) => i),
		);
		for (let i = 0; i < 2; i++) {
			const socket = connect({port, host: '127.0.0.1', allowHalfOpen: true});
			socket.end(sent);
			const got: Buffer[] = [];
			for await (const piece of socket) got.push(piece);
			t.true(sent.equals(Buffer.concat(got)));
		}
		t.like(await engine.said(id), {exitCode: 0, echoed: 2 * sent.length, address: {val: {port, address: [127, 0, 0, 1]}}});
		const [error] = await once(connect({port, host: '127.0.0.1'}), 'error').catch(error => [error]);
		t.is(error.code, 'ECONNREFUSED');
	});
}

test('what a guest wrote before its end arrives', async t => {
	let got = 0;
	const ended = Promise.withResolvers<void>();
	const {port} = await serverOf(t, socket => {
		socket.on('data', data => (got += data.length)).on('end', ended.resolve);
	});
	const {run} = await networkOf(t);
	t.like(await run(['leave', port, 409_600], [`127.0.0.1:${port}`]), {exitCode: 0});
	await ended.promise;
	t.is(got, 409_600);
});

test('A9: what a guest may not reach is denied, with a line in the audit that names what would have to be granted', async t => {
	const {port} = await serverOf(t, echo);
	const {run, start, said, refusals} = await networkOf(t);
	const id = await start(['client', port, 10], ['192.0.2.1:80']);
	t.is((await said(id)).code, 'access-denied');
	t.is((await run(['resolve', 'example.com'])).code, 'access-denied');
	t.is((await run(['datagram', port, 'x'])).code, 'access-denied');
	t.is((await run(['server', 0, 1])).code, 'access-denied');
	const entries = await refusals();
	t.like(entries.at(-1), {
		subject: `container:${id}`,
		object: `tcp 127.0.0.1:${port}`,
		allowed: false,
		reason: `not granted: --allow-net 127.0.0.1:${port}`,
	});
	t.deepEqual(entries.map(({reason}) => reason).slice(0, 3), [
		'not granted: --publish 0.0.0.0:0',
		'not granted: --allow-net HOST:PORT, for a bind to port 0',
		'not granted: --allow-net example.com:*',
	]);
});

test('A10: a guest that is refused in a loop does not fill the audit', async t => {
	const {run, refusals} = await networkOf(t);
	t.like(await run(['pester', 2_000, 300]), {'access-denied': 301});
	const objects = (await refusals()).map(({object}) => object);
	t.is(objects.length, 100);
	t.is(new Set(objects).size, 100);
});

test('a guest sends datagrams and hears the answer', async t => {
	const peer = createSocket('udp4').on('message', (data, {address, port}) => peer.send(`${data}!`, port, address));
	await once(peer.bind(0, '127.0.0.1'), 'listening');
	t.teardown(() => void peer.close());
	const {port} = peer.address();
	const {run} = await networkOf(t);
	t.like(await run(['datagram', port, 'hello'], [`127.0.0.1:${port}`]), {exitCode: 0, data: 'hello!', from: {val: {port}}});
});

test('a guest hears who sends to a port that is published for datagrams, and answers them', async t => {
	const client = createSocket('udp4');
	await once(client.bind(0, '127.0.0.1'), 'listening');
	t.teardown(() => void client.close());
	const {start, said, port} = await networkOf(t);
	const id = await start(['answer', 0, 20, 9], [], [{address: '127.0.0.1', port: 0, protocol: 'udp'}]);
	const at = await port(id);
	for (let i = 0; i < 20; i++) {
		client.send(`hello ${i}`, at, '127.0.0.1');
		const [data] = await once(client, 'message');
		t.is(String(data), `hello ${i}!`);
	}
	t.like(await said(id), {exitCode: 0, code: 'access-denied'});
});

test('E, A9: two guests side by side have what each was granted; killing one leaves the connection of the other', async t => {
	const sockets: Socket[] = [];
	const {port} = await serverOf(t, socket => void sockets.push(socket));
	const other = await serverOf(t, echo);
	const {containers, start, said, run} = await networkOf(t);
	const granted = [`127.0.0.1:${port}`];
	const [one, two] = [await start(['hang', port], granted), await start(['hang', port], granted)];
	while (sockets.length < 2) await delay(10);
	t.is((await run(['client', other.port, 10], granted)).code, 'access-denied');
	t.is((await run(['client', other.port, 10], [`127.0.0.1:${other.port}`])).got, 10);
	await containers.kill(one);
	t.is((await containers.wait(one, 5_000)).state, 'exited');
	for (let i = 0; i < 200 && !sockets.some(socket => socket.readableEnded || socket.destroyed); i++) {
		for (const socket of sockets) socket.resume();
		await delay(10);
	}
	const open = sockets.filter(socket => !socket.readableEnded && !socket.destroyed);
	t.is(open.length, 1);
	open[0]?.end('still here');
	t.like(await said(two), {exitCode: 0, read: 'still here'.length});
});

test('A6: a guest that never drops what it opens has its share and no more, and all of it is closed with it', async t => {
	let open = 0;
	const {port} = await serverOf(t, socket => {
		open++;
		socket
			.on('close', () => open--)
			.on('end', () => socket.end())
			.resume();
	});
	const {run} = await networkOf(t);
	const {code, held} = await run(['hoard', port, 10_000], [`127.0.0.1:${port}`]);
	t.is(code, 'new-socket-limit');
	t.true(held > 100 && held < 1_100, `${held} were held`);
	for (let i = 0; i < 200 && open > 0; i++) await delay(20);
	t.is(open, 0);
});

test('A2: a guest that waits for a peer which says nothing ends with its deadline', async t => {
	const {port} = await serverOf(t, () => undefined);
	const {containers, said} = await networkOf(t);
	const limits = {memory: 64n * 1024n * 1024n, timeout: 1_000n};
	const {id} = await containers.create(specOf(image, {arguments: ['hang', String(port)], egress: [`127.0.0.1:${port}`], limits}));
	await containers.start(id);
	t.is((await said(id)).exitCode, 124);
});
