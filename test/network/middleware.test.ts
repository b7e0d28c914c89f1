import {definePlugin, type Log, middleware, type PluginEntry, type Provider} from '@forgeone/sdk';
import type {Middleware} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {callPair, kernelCall} from '../support/calls.ts';
import {guest} from '../support/guests.ts';
import {answer, echo, type Handle, networkOf, raw} from '../support/network.ts';

/** A middleware in TypeScript. */
const written = (name: string, taps: Partial<Provider<typeof Middleware>>): PluginEntry =>
	definePlugin({
		name,
		taps: [middleware],
		setup({hooks}) {
			hooks.tap(middleware, {onRequest: step => step, onResponse: headers => headers, ...taps});
			return {};
		},
	});

const field = (name: string, value: string): Middleware.Field => ({name, value});

/** Adds a header to each request. */
const adding = (name: string, value: string) =>
	written(name, {onRequest: step => (step.tag === 'pass' ? {tag: 'pass', val: [...step.val, field(name, value)]} : step)});

/** A log that keeps what is an error, by its code. */
function keeping(): {log: Log; codes: string[]} {
	const codes: string[] = [];
	const log: Log = {
		debug() {},
		info() {},
		warn() {},
		error: ({err, code}: {err?: {code?: string}; code?: string}, message) => void codes.push(`${message}: ${err?.code ?? code}`),
		child: () => log,
	};
	return {log, codes};
}

/** A published container behind these plugins, and what it is asked. */
async function behind(t: ExecutionContext, plugins: Record<string, PluginEntry>, handle: Handle = echo, log?: Log) {
	const parts = await networkOf(t, handle, {gateway: [0]}, plugins, log);
	const port = await parts.publish();
	const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
		fetch(`http://127.0.0.1:${port}${path}`, {...init, headers});
	return {...parts, port, ask};
}

test('a component sees the head of a request before the container, and that of its answer before the client', async t => {
	const {ask} = await behind(t, {guard: await guest('guard')});
	const {status, headers} = await ask('/x?y', {'x-secret': '1', 'x-kept': '2', server: 'mine'});
	const seen = ['x-secret', 'x-kept', 'x-from', 'x-guard', 'server'].map(name => headers.get(name));
	t.deepEqual([status, ...seen], [200, null, '2', 'client', '200 GET', null]);
});

test('a middleware answers in the place of the container, which is not asked; its answer meets those behind it on the way back', async t => {
	const asked: string[] = [];
	const handle: Handle = ({path}, call) => {
		asked.push(path);
		return answer(call);
	};
	const {ask, port} = await behind(t, {guard: await guest('guard')}, handle);
	const answered = await ask('/health', {}, {method: 'POST', body: 'x'.repeat(100_000)});
	t.deepEqual([answered.status, answered.headers.get('x-by'), answered.headers.get('x-guard')], [200, 'guard', '200 POST']);
	t.is(await answered.text(), 'well\n');
	t.regex(await raw(port, 'HEAD /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'), /content-length: 5\r\n(.+\r\n)*\r\n$/);
	const refused = await ask('/hidden');
	t.is(refused.status, 403);
	t.is(await refused.text(), 'the request is refused: nobody sees this (FORGE_REQUEST_REFUSED)\n');
	t.deepEqual(asked, []);
});

test('one after the other they see what the one before left, and the first that answers has the last word', async t => {
	const first = written('first', {
		onRequest: (step, {path}) => (path === '/first' ? {tag: 'answered', val: {status: 299, headers: [], body: new Uint8Array()}} : step),
	});
	const look = written('look', {
		onRequest(step) {
			if (step.tag !== 'pass') return step;
			return {tag: 'pass', val: [field('x-seen', step.val.map(({name}) => name).join())]};
		},
	});
	const {ask} = await behind(t, {first, adding: adding('x-added', '1'), look});
	t.is((await ask('/first')).status, 299);
	t.regex((await ask('/')).headers.get('x-seen') ?? '', /(^|,)x-added(,|$)/);
});

test('it holds for the gateway and for calls from container to container too', async t => {
	const {attach, request, gateway, networking, take} = await behind(t, {guard: await guest('guard')});
	await networking.create('front', []);
	await attach([], request({routes: ['/'], networks: ['front']}, {container: 'b', name: 'b'}));
	await attach([], request({networks: ['front']}, {container: 'a', name: 'a'}));
	const {addresses} = await gateway();
	t.is((await fetch(`http://${addresses[0]}/x`)).headers.get('x-guard'), '200 GET');
	t.is((await fetch(`http://${addresses[0]}/hidden`)).status, 403);
	const call = async (path: string) => {
		const {opener, other} = callPair(
			JSON.stringify({op: 'fetch', method: 'GET', scheme: 'http', authority: 'b.front.internal', path, headers: []}),
		);
		t.true(await take('a', 'network', kernelCall(other)));
		opener.outgoing.end();
		const {status, headers} = JSON.parse(await opener.reply());
		return [status, headers[headers.indexOf('x-from') + 1], headers.indexOf('x-guard') >= 0];
	};
	t.deepEqual(await call('/x'), [200, 'container', true]);
	t.is((await call('/hidden'))[0], 403);
	await t.throwsAsync(call('/trap'), {message: /destination-unavailable/});
	await t.throwsAsync(call('/trap-back'), {message: /connection-terminated/});
});

test('one that traps, does not end, or gives too much fails that request with a code, and the next one finds it well', async t => {
	for (const [path, code] of [
		['/trap', 'FORGE_PLUGIN_FAILED'],
		['/trap-back', 'FORGE_PLUGIN_FAILED'],
		['/loop', 'FORGE_PLUGIN_FAILED'],
		['/flood', 'FORGE_PLUGIN_FAILED'],
	] as const) {
		const {log, codes} = keeping();
		const {ask} = await behind(t, {guard: await guest('guard')}, echo, log);
		const failed = await ask(path);
		t.is(failed.status, 502, path);
		t.regex(await failed.text(), new RegExp(`^plugin "guard" failed in "forgeone:network/middleware#on.*\\(${code}\\)\n$`), path);
		t.true(codes.includes(`a middleware failed: ${code}`), path);
		t.is((await ask('/')).headers.get('x-guard'), '200 GET', path);
	}
});

test('one that breaks too often stays down, and nobody gets past it', async t => {
	const asked: string[] = [];
	const handle: Handle = ({path}, call) => {
		asked.push(path);
		return answer(call);
	};
	const {ask} = await behind(t, {guard: await guest('guard')}, handle);
	for (let i = 0; i < 4; i++) t.is((await ask('/trap')).status, 502);
	const down = await ask('/');
	t.is(down.status, 502);
	t.regex(await down.text(), /plugin "guard" is not running.*\(FORGE_PLUGIN_DOWN\)/);
	t.deepEqual(asked, []);
});

test('one that gives what can not be sent fails the request, and changes neither the length of a body nor the connection', async t => {
	const pass = (...headers: Middleware.Field[]): Middleware.Step => ({tag: 'pass', val: headers});
	const answered = (more: Partial<Middleware.Response>): Middleware.Step => ({
		tag: 'answered',
		val: {status: 200, headers: [], body: new Uint8Array(), ...more},
	});
	const given: Record<string, Middleware.Step> = {
		'/name': pass(field('a b', '')),
		'/value': pass(field('x', 'a\r\ny: z')),
		'/wide': pass(field('x', '\u0101')),
		'/many': pass(...Array.from({length: 1025}, () => field('x', ''))),
		'/long': pass(field('x', 'x'.repeat(65 * 1024))),
		'/status': answered({status: 101}),
		'/text': answered({body: 'text' as never}),
		'/nothing': {tag: 'pass', val: undefined as never},
		'/body': answered({body: new Uint8Array(64 * 1024 + 1)}),
		'/fixed': pass(...['content-length', 'host', 'connection', 'transfer-encoding', 'x'].map(name => field(name, '1'))),
	};
	const bad = written('bad', {onRequest: (step, {path}) => given[path] ?? step});
	const {ask} = await behind(t, {bad});
	for (const path of Object.keys(given).filter(path => path !== '/fixed')) {
		const failed = await ask(path);
		t.is(failed.status, 502, path);
		t.regex(await failed.text(), /^a middleware gave what can not be sent: .*\(FORGE_MIDDLEWARE_INVALID\)\n$/, path);
	}
	const fixed = await ask('/fixed', {}, {method: 'POST', body: 'abc'});
	t.deepEqual([fixed.status, fixed.headers.get('x'), await fixed.text()], [200, '1', 'abc']);
});

test('one that passes all on changes nothing, whatever the headers are', async t => {
	const {port, kernel} = await behind(t, {pass: written('pass', {})});
	const ask = async (headers: readonly (readonly [string, string])[]) => {
		const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
		const answer = await raw(port, `GET / HTTP/1.1\r\nHost: h\r\n${lines}Connection: close\r\n\r\n`);
		return answer.replace(/\r\nDate: [^\r]*/i, '');
	};
	const name = fc.stringMatching(/^x-[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/);
	const value = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,40}[\x21-\x7e])?$/);
	const asked = fc.array(fc.tuple(name, value), {maxLength: 20});
	const cases = fc.sample(asked, 50);
	const through = await Promise.all(cases.map(ask));
	await kernel.swap('pass', {name: 'silent', setup: () => ({})});
	t.deepEqual(through, await Promise.all(cases.map(ask)));
});

test('one that does not answer in time is a request that took too long', async t => {
	const {promise, resolve} = Promise.withResolvers<Middleware.Step>();
	const slow = written('slow', {onRequest: () => promise});
	const {ask} = await behind(t, {slow});
	const late = await ask('/');
	t.is(late.status, 504);
	t.regex(await late.text(), /FORGE_TIMEOUT/);
	resolve({tag: 'pass', val: []});
});

test('one that is swapped, added or gone counts from the next request on', async t => {
	const {kernel, ask} = await behind(t, {one: adding('x-one', '1')});
	const seen = async () => {
		const {headers} = await ask('/');
		return ['x-one', 'x-two', 'x-three'].filter(name => headers.has(name));
	};
	t.deepEqual(await seen(), ['x-one']);
	await kernel.swap('one', adding('x-two', '1'));
	t.deepEqual(await seen(), ['x-two']);
	await kernel.register('three', adding('x-three', '1'));
	await kernel.start();
	t.deepEqual(await seen(), ['x-two', 'x-three']);
	await kernel.swap('one', {name: 'silent', setup: () => ({})});
	t.deepEqual(await seen(), ['x-three']);
});

test('a response of a cell that is none is told as such, whether it would meet a middleware or not', async t => {
	const handle: Handle = async (_, call) => {
		await call.answer(JSON.stringify({status: 200, headers: ['x', 5]}));
		await call.finish(undefined);
	};
	const {ask} = await behind(t, {one: adding('x-one', '1')}, handle);
	const failed = await ask('/');
	t.deepEqual([failed.status, /FORGE_RESPONSE_INVALID/.test(await failed.text())], [502, true]);
});
