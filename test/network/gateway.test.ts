import {once} from 'node:events';
import {request as ask} from 'node:http';
import {text} from 'node:stream/consumers';
import {setTimeout} from 'node:timers/promises';
import network from '@forgeone/plugin-network';
import {CallCancelled} from '@forgeone/sdk/cell';
import test from 'ava';
import {callPair, kernelCall} from '../support/calls.ts';
import {answer, echo, type Handle, local, networkOf, raw} from '../support/network.ts';

/** Who answers, at what. */
const say: Handle = ({container, path}, call) => answer(call, 200, [], `${container} ${path}`);

test('the gateway sends a request to the container whose host fits best, and among those the longest path', async t => {
	const {attach, detach, request, gateway} = await networkOf(t, say, {gateway: [0]});
	const routes = {a: ['a.example/api', '*.example'], b: ['a.example'], c: ['/', '/api/deep'], d: ['/api']};
	for (const [container, mine] of Object.entries(routes)) await attach([], request({routes: mine}, {container}));
	const {addresses} = await gateway();
	const port = Number(addresses[0]?.split(':').at(-1));
	const ask = async (host: string, path: string) =>
		(await raw(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
			.split('\r\n')
			.find(line => / \//.test(line) && !/HTTP/.test(line));
	t.is(await ask('a.example', '/api/x?y'), 'a /api/x?y');
	t.is(await ask('A.Example:80', '/apix'), 'b /apix');
	t.is(await ask('b.a.example', '/'), 'a /');
	t.is(await ask('other', '/api'), 'd /api');
	t.is(await ask('other', '/api/deep/er'), 'c /api/deep/er');
	t.is(await ask('127.0.0.1', '/x'), 'c /x');
	await detach('c');
	t.regex(await raw(port, 'GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 404 [\s\S]*FORGE_ROUTE_MISSING/);
});

test('a route that is taken, that is none, or that has no gateway is refused', async t => {
	const {attach, request} = await networkOf(t, say, {gateway: [0]});
	await attach([], request({routes: ['a.example/x']}, {container: 'a'}));
	await t.throwsAsync(async () => attach([], request({routes: ['/y', 'A.example/x/']}, {container: 'b'})), {code: 'FORGE_ROUTE_TAKEN'});
	for (const route of ['', 'a b', 'a.example/a b', '/a?b', '/a/../b', 'http://a.example/', '*.127.0.0.1', '*.[::1]', '*.0x7f.1'])
		await t.throwsAsync(async () => attach([], request({routes: [route]}, {container: 'b'})), {code: 'FORGE_ROUTE_INVALID'}, route);
	const bare = await networkOf(t);
	await t.throwsAsync(async () => bare.attach([], bare.request({routes: ['/']})), {code: 'FORGE_GATEWAY_MISSING'});
	const wrong: [unknown, RegExp][] = [
		[{gatway: 1}, /"plugins.network.config.gatway": there is no such key/],
		[{gateway: 'x'}, /"plugins.network.config.gateway": it is not a port/],
		[{gateway: 70_000}, /config.gateway": it is above 65535/],
		[{gateway: ['80:80']}, /config.gateway.0": it is not a port/],
		[{gateway: ['[::1]:65536']}, /config.gateway.0": it is not a port/],
		[{body: -1}, /config.body": it is below 1/],
		[[], /"plugins.network.config": it is not of type object/],
	];
	for (const [config, message] of wrong)
		await t.throwsAsync(networkOf(t, say, config), {code: 'FORGE_PLUGIN_CONFIG', message}, JSON.stringify(config));
});

test('a body above the configured limit is 413, whether it says so or not', async t => {
	const {publish} = await networkOf(t, echo, {body: 100_000});
	const port = await publish();
	const body = new Uint8Array(100_001);
	t.is((await fetch(`http://127.0.0.1:${port}/`, {method: 'POST', body})).status, 413);
	const chunked = ask({port, method: 'POST'});
	chunked.on('error', () => undefined);
	chunked.write(body);
	chunked.end();
	const [response] = await once(chunked, 'response');
	// The echo had begun by then, or not.
	t.true(response.statusCode === 413 || (await text(response).catch(() => 'cut')) === 'cut');
});

test('containers on one network reach each other by name; across networks nobody is reached, and that is on record', async t => {
	const {attach, request, networking, take, entries} = await networkOf(t, async ({container, authority}, call) => {
		await call.answer(JSON.stringify({status: 200, headers: ['x-authority', authority]}));
		await call.write(Buffer.from(`${container} got `));
		for (let bytes = await call.read(); bytes; bytes = await call.read()) await call.write(bytes);
		await call.finish('["x-sum","1"]');
	});
	await t.throwsAsync(async () => attach([], request({networks: ['front']})), {code: 'FORGE_NETWORK_MISSING'});
	await networking.create('front', ['API.example.com:443']);
	await networking.create('back', []);
	const on = (container: string, name: string, networks: string[]) =>
		attach([], request({networks}, {container, name, imports: ['wasi:http/outgoing-handler@0.2.0']}));
	await on('1', 'web', ['front']);
	await on('2', 'users', ['front', 'back']);
	await on('3', 'stranger', []);
	t.deepEqual(await networking.inspect('front'), {
		...(await networking.inspect('front')),
		egress: ['api.example.com:443'],
		containers: ['web', 'users'],
	});
	await t.throwsAsync(networking.remove('front'), {code: 'FORGE_NETWORK_BUSY'});

	const asks = async (container: string, authority: string) => {
		const {opener, other} = callPair(JSON.stringify({op: 'fetch', method: 'POST', scheme: 'http', authority, path: '/', headers: []}));
		const guest = kernelCall(opener);
		t.true(await take(container, 'network', kernelCall(other)));
		try {
			await guest.write(Buffer.from('ping'));
			await guest.finish(undefined);
			const {headers} = JSON.parse(await guest.reply());
			const all: Uint8Array[] = [];
			for (let bytes = await guest.read(); bytes; bytes = await guest.read()) all.push(bytes);
			return `${Buffer.concat(all)} at ${headers[1]} ${await guest.trailer()}`;
		} catch (error) {
			if (!(error instanceof CallCancelled)) throw error;
			return JSON.parse(error.reason).tag;
		}
	};
	t.is(await asks('1', 'users.front.internal'), '2 got ping at users.front.internal ["x-sum","1"]');
	t.is(await asks('2', 'WEB.front.internal:80'), '1 got ping at web.front.internal ["x-sum","1"]');
	t.is(await asks('1', 'nobody.front.internal'), 'DNS-error');
	t.is(await asks('1', 'users.back.internal'), 'HTTP-request-denied');
	t.is(await asks('3', 'web.front.internal'), 'HTTP-request-denied');
	const told = entries.map(({subject, object, reason}) => `${subject} ${object}: ${reason}`);
	t.deepEqual(told, [
		'container:1 http users.back.internal: not granted: --network back',
		'container:3 http web.front.internal: not granted: --network front',
	]);
});

test('a swap of the plugin leaves the ports, the routes and the networks of containers that run as they are', async t => {
	const {kernel, attach, request, list, gateway, networking, take} = await networkOf(t, say, {gateway: [0]});
	await networking.create('front', []);
	const grants = {publish: [local], routes: ['/'], networks: ['front']};
	await attach([], request(grants, {container: 'a', imports: ['wasi:http/outgoing-handler@0.2.0']}));
	const [before] = await list();
	const asks = () => raw(before?.port ?? 0, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
	await kernel.swap('network', {use: network, config: {gateway: [0]}});
	t.deepEqual(await list(), [before]);
	// The old generation is let go.
	await setTimeout(1_500);
	t.regex(await asks(), /a \//);
	t.is((await gateway()).routes.length, 1);
	t.is((await fetch(`http://${(await gateway()).addresses[0]}/x`)).status, 200);
	const {opener, other} = callPair(
		JSON.stringify({op: 'fetch', method: 'GET', scheme: 'http', authority: 'web.front.internal', path: '/', headers: []}),
	);
	opener.outgoing.end();
	t.true(await take('a', 'network', kernelCall(other)));
	t.is(JSON.parse(await opener.reply()).status, 200);
});
