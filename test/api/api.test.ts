import {lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {chmod} from 'node:fs/promises';
import {connect as dial} from 'node:net';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {setTimeout as pause} from 'node:timers/promises';
import api from '@forgeone/plugin-api';
import {connect, type Engine, hasCode} from '@forgeone/sdk/client';
import {routes} from '@forgeone/sdk/routes';
import type {Containers} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';
import {createBucket} from '../../plugins/api/src/bucket.ts';
import {apiOf, bare} from './fixture.ts';

const piece = (sequence: number): Containers.Output => ({
	sequence: BigInt(sequence),
	time: 2n ** 60n,
	source: 'stdout',
	data: new Uint8Array([0, 255, sequence % 256]),
});

test('a call of the client arrives as it was made, in the name of the owner of the socket', async t => {
	const {remote, calls} = await apiOf(t);
	const {engine} = await remote();
	const spec: Containers.Spec = {
		...bare,
		name: 'a',
		image: '/a b/ü.wasm',
		arguments: ['', '--', 'ü\n'],
		environment: [['A', '=']],
		limits: {memory: 2n ** 63n, timeout: 1n},
		isolation: 'thread',
	};
	const made = await engine.containers.create(spec);
	t.deepEqual(made.spec, spec);
	await engine.containers.stop('a', 7);
	await engine.containers.remove('a', true);
	await engine.containers.write('a', new Uint8Array([0, 10, 255]));
	await engine.containers.write('a', new Uint8Array());
	const seen = calls.map(([{subject, via}, ...call]) => ({subject, via, call}));
	t.deepEqual(
		seen.map(({call}) => call),
		[
			['create', spec],
			['stop', 'a', 7],
			['remove', 'a', true],
			['write', 'a', new Uint8Array([0, 10, 255])],
			['write', 'a', new Uint8Array()],
		],
	);
	for (const {subject, via} of seen) t.deepEqual({subject, via}, {subject: `user:${process.getuid?.()}`, via: ['api']});
});

test('an error of the engine is thrown again by the client as it was', async t => {
	const {remote, ask} = await apiOf(t);
	const {engine} = await remote();
	await engine.containers.create({...bare, image: '/a'});
	await t.throwsAsync(engine.containers.start('refused'), {code: 'FORGE_TEST_REFUSED', message: 'no "refused" here'});
	t.is((await ask('/v1/containers/refused/start', {method: 'POST'})).status, 403);
	const broken = await engine.containers.start('broken').catch(error => error);
	t.true(hasCode(broken, 'FORGE_PLUGIN_FAILED'));
	t.false(hasCode(broken, 'FORGE_PLUGIN_DOWN'));
	// @ts-expect-error there is no such code
	t.false(hasCode(broken, 'FORGE_PLUGIN_FALIED'));
	const failed = await ask('/v1/containers/broken/start', {method: 'POST'});
	t.is(failed.status, 500);
	t.is(JSON.parse(failed.text).code, 'FORGE_PLUGIN_FAILED');
	t.notRegex(failed.text, / at /);
});

test('what is known about an artifact is asked over the API, and evidence that is none is refused', async t => {
	const {remote, post} = await apiOf(t);
	const {engine} = await remote();
	const vector = await engine.appraisal.appraise({digest: 'sha256:0', imports: [], powers: [], isolation: 'inline'});
	t.is(vector.integrity, 0);
	t.is(Object.keys(vector).length, 8);
	const {status, text} = await post('/v1/appraisals', '{"digest": "sha256:0", "imports": [], "powers": [], "isolation": "cellar"}');
	t.is(`${status} ${JSON.parse(text).code}`, '400 FORGE_API_REQUEST');
});

test('what a request leaves out has its default', async t => {
	const {post} = await apiOf(t);
	const {status, text} = await post('/v1/containers', '{"image": "/a"}');
	t.is(status, 200);
	t.is(JSON.parse(text).spec.limits.memory, 134_217_728);
});

test('logs come as bytes and numbers of 64 bits, and as lines for one who follows', async t => {
	const output = Array.from({length: 25}, (_, sequence) => piece(sequence));
	const {remote, ask} = await apiOf(t, output);
	const {engine} = await remote();
	t.deepEqual(await engine.containers.logs('a', 20n, 0), output.slice(20));
	const {headers, text} = await ask('/v1/containers/a/logs', {headers: {host: 'localhost', accept: 'application/x-ndjson'}});
	t.is(headers['content-type'], 'application/x-ndjson');
	const lines = text.trimEnd().split('\n');
	t.is(lines.length, 25);
	t.regex(lines[3] ?? '', /"time":1152921504606846976,/);
});

test('names that are no names are 400, whatever they are', async t => {
	const {ask, calls} = await apiOf(t);
	const names = ['%2e%2e', '..%2f..', '%00', ';', 'a%0d%0ab', 'A', '%F0%9F%92%A9', '%', '%ff', 'a'.repeat(64), '-a', '__proto__', ' '];
	for (const name of names.map(name => name.replace(' ', '%20'))) {
		const {status, text} = await ask(`/v1/containers/${name}/start`, {method: 'POST'});
		t.true(status === 400 || status === 404, `${name}: ${status} ${text}`);
		t.regex(JSON.parse(text).code, /^FORGE_API_/);
	}
	t.deepEqual(calls, []);
});

test('bodies that are too large, too deep, no JSON, no UTF-8 or not of the schema are refused by name', async t => {
	const {post, calls} = await apiOf(t);
	const refused = async (body: string | Uint8Array, type?: string) => {
		const {status, text} = await post('/v1/containers', body, type);
		return `${status} ${JSON.parse(text).code}`;
	};
	t.is(await refused('x'.repeat(2 ** 20 + 1)), '413 FORGE_API_LARGE');
	t.is(await refused('['.repeat(100_000)), '400 FORGE_API_REQUEST');
	t.is(await refused('{'), '400 FORGE_API_REQUEST');
	t.is(await refused(new Uint8Array([34, 255, 34])), '400 FORGE_API_REQUEST');
	t.is(await refused('{"image": "/a"}', 'text/plain'), '415 FORGE_API_MEDIA');
	const bodies = ['null', '[]', '1', '{}', '{"image": 1}', '{"image": "/a", "x": 1}', '{"image": "/a", "__proto__": {}}'];
	const limits = ['-1', '1e400', '1.5', '"1"', '18446744073709551616', 'null'].map(n => `{"image": "/a", "limits": {"memory": ${n}}}`);
	for (const body of [...bodies, ...limits]) t.is(await refused(body), '400 FORGE_API_REQUEST', body);
	t.deepEqual(calls, []);
});

test('a browser is refused: another host, or any origin', async t => {
	const {ask} = await apiOf(t);
	for (const headers of [{host: 'evil.test'}, {host: 'localhost', origin: 'null'}, {host: 'localhost', origin: 'http://localhost'}]) {
		const {status, text} = await ask('/v1/info', {headers});
		t.is(`${status} ${JSON.parse(text).code}`, '403 FORGE_API_HOST');
	}
});

test('E: a flood over the burst is answered with 429, a code and when to ask again, and then is answered again', async t => {
	const {ask, calls} = await apiOf(t, [], {rate: 10});
	const flood = await Promise.all(Array.from({length: 200}, () => ask('/v1/containers/a', {method: 'DELETE'})));
	const refused = flood.filter(({status}) => status === 429);
	for (const {text, headers} of refused) t.like({...JSON.parse(text), ...headers}, {code: 'FORGE_API_RATE', 'retry-after': '1'});
	t.true(refused.length > 0 && refused.length <= 180);
	t.is(calls.length, 200 - refused.length);
	await pause(1_000);
	t.is((await ask('/v1/containers/a', {method: 'DELETE'})).status, 204);
});

test('E: what is refused for another reason counts too', async t => {
	const {ask} = await apiOf(t, [], {rate: 10});
	const flood = await Promise.all(Array.from({length: 200}, () => ask('/v1/info', {headers: {host: 'evil.test'}})));
	t.true(new Set(flood.map(({status}) => status)).isSupersetOf(new Set([403, 429])));
});

test('E: a client that came too fast waits, and all that it asks for is done once', async t => {
	const {remote, calls} = await apiOf(t, [], {rate: 50});
	const {engine} = await remote();
	await Promise.all(Array.from({length: 200}, (_, index) => engine.containers.write(`c${index}`, new Uint8Array(2 ** 16))));
	t.is(new Set(calls.map(([_caller, _name, id]) => id)).size, 200);
	t.is(calls.length, 200);
});

test('E: no span of time sees more than the burst and what the rate adds, and who waits as told is let in', t => {
	const steps = fc.array(fc.oneof(fc.constant(0), fc.double({min: 0, max: 3_000, noNaN: true})), {maxLength: 200});
	const figures = {rate: fc.integer({min: 1, max: 50}), burst: fc.integer({min: 1, max: 20})};
	const law = fc.property(fc.record(figures), steps, ({rate, burst}, steps) => {
		let time = 0;
		const take = createBucket({rate, burst}, () => time);
		const taken: number[] = [];
		for (const step of steps) {
			time += step;
			const wait = take();
			if (wait === 0) taken.push(time);
			else {
				time += wait + 1e-6;
				if (take() !== 0) return false;
				taken.push(time);
			}
		}
		return taken.every((from, first) => taken.slice(first).every((to, more) => more + 1 <= burst + ((to - from) * rate) / 1000 + 1e-6));
	});
	t.notThrows(() => fc.assert(law));
});

test('headers that are too large, and what is no HTTP, end the connection', async t => {
	const {socket, ask} = await apiOf(t);
	const raw = async (bytes: string) => {
		const connection = dial(socket).on('error', () => undefined);
		connection.write(bytes);
		return (await text(connection).catch(() => '')).split('\r\n', 1)[0];
	};
	t.is(
		await raw(`GET /v1/info HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`),
		'HTTP/1.1 431 Request Header Fields Too Large',
	);
	t.is(await raw('nonsense\r\n\r\n'), 'HTTP/1.1 400 Bad Request');
	t.is(
		await raw('POST /v1/containers HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
		'HTTP/1.1 400 Bad Request',
	);
	t.is((await ask('/v1/info')).status, 200);
});

test('the OpenAPI document has every route', async t => {
	const {ask} = await apiOf(t);
	const document = JSON.parse((await ask('/v1/openapi.json')).text);
	t.is(document.openapi, '3.1.0');
	const described = Object.entries(document.paths as Record<string, Record<string, {operationId?: string}>>).flatMap(([path, methods]) =>
		Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
	);
	const wanted = routes.map(({method, path}) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
	t.deepEqual(described.sort(), [...wanted, 'GET /v1/info'].sort());
});

test('what is not there is 404 with a code', async t => {
	const {ask} = await apiOf(t);
	const {status, text} = await ask('/v1/nothing');
	t.is(`${status} ${JSON.parse(text).code}`, '404 FORGE_API_ROUTE');
});

test('only the owner can enter the folder of the socket, which is gone once the API has stopped', async t => {
	const {socket, folder, kernel} = await apiOf(t);
	t.is(lstatSync(join(folder, 'run')).mode & 0o777, 0o700);
	await kernel.stop();
	t.throws(() => lstatSync(socket), {code: 'ENOENT'});
	t.is(await connect(socket), undefined);
});

/** Starts the API plugin alone, with stand-ins for what it uses. */
async function listenAt(socket: string): Promise<void> {
	let then: (() => unknown) | undefined;
	const nothing = () => ({user: async () => ({})}) as unknown as Engine;
	const ends: (() => unknown)[] = [];
	const context = {
		scope: {defer: (end: () => unknown) => ends.push(end)},
		log: {info() {}},
		mode: 'production',
		state: '/',
		uses: {
			principals: nothing,
			containers: nothing,
			volumes: nothing,
			plugins: nothing,
			listeners: nothing,
			networks: nothing,
			appraisal: nothing,
			audit: nothing,
		},
		config: {socket},
		ready: (work: () => unknown) => {
			then = work;
		},
	};
	await api.setup(context as never);
	try {
		await then?.();
	} finally {
		for (const end of ends.reverse()) await end();
	}
}

test('a socket that was left behind is replaced; anything else that is there is left, and refused', async t => {
	const {socket: taken, folder} = await apiOf(t);
	await t.throwsAsync(listenAt(taken), {code: 'FORGE_API_SOCKET', message: /another daemon/});
	const run = join(folder, 'other');
	const socket = join(run, 'forge.sock');
	mkdirSync(run, {mode: 0o700});
	writeFileSync(socket, 'kept');
	await t.throwsAsync(listenAt(socket), {code: 'FORGE_API_SOCKET', message: /no socket/});
	t.true(lstatSync(socket).isFile());
	rmSync(socket);
	symlinkSync(taken, socket);
	await t.throwsAsync(listenAt(socket), {code: 'FORGE_API_SOCKET', message: /no socket/});
	t.true(lstatSync(taken).isSocket());
	rmSync(socket);
	await chmod(run, 0o755);
	await t.throwsAsync(listenAt(socket), {code: 'FORGE_API_SOCKET', message: /open to others/});
	symlinkSync(run, join(folder, 'link'));
	await t.throwsAsync(listenAt(join(folder, 'link/forge.sock')), {code: 'FORGE_API_SOCKET', message: /link/});
	await t.throwsAsync(listenAt(join(folder, 'x'.repeat(120), 'forge.sock')), {code: 'FORGE_API_SOCKET', message: /107 bytes/});
});
