import {execFile} from 'node:child_process';
import {copyFile, rm, writeFile} from 'node:fs/promises';
import {Agent, createServer as createHttpServer, get} from 'node:http';
import {type AddressInfo, createServer} from 'node:net';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {promisify} from 'node:util';
import type {PluginEntry} from '@forgeone/core';
import network from '@forgeone/plugin-network';
import {attachment, audit, definePlugin, listeners, networks} from '@forgeone/sdk';
import type {RuntimeTypes} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, specOf} from '../support/runtime.ts';

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));

/** A container that serves, and the address where it does. */
async function serving(
	t: ExecutionContext,
	image: string,
	limits: RuntimeTypes.Spec['limits'] = {memory: 64n * 2n ** 20n},
	more: Readonly<Record<string, PluginEntry>> = {},
) {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network, ...more});
	const {id} = await containers.create(specOf(image, {publish: [{address: '127.0.0.1', port: 0}], limits}));
	await containers.start(id);
	const list = await (await kernel.link(listeners))().list();
	return {containers, id, url: `http://127.0.0.1:${list[0]?.port}`};
}

for (const [title, image] of [
	['AssemblyScript', async () => app],
	['JavaScript', () => guest('http-js')],
] as const) {
	test.serial(`a handler in ${title} answers, echoes, and answers again`, async t => {
		const {url} = await serving(t, await image());
		for (let i = 0; i < 3; i++) t.regex(await (await fetch(url)).text(), /Hello/);
		const body = Buffer.alloc(300_000, 'forge');
		const echoed = await fetch(`${url}/echo`, {method: 'POST', body});
		const back = Buffer.from(await echoed.arrayBuffer());
		t.true(back.equals(body), back.subarray(0, 200).toString());
		t.is((await fetch(`${url}/nothing`)).status, 404);
	});
}

test.serial('a handler that answers once in its life gets an instance for each request', async t => {
	const {url} = await serving(t, await guest('fetch-js'));
	for (let i = 0; i < 5; i++) t.is(await (await fetch(`${url}/${i}`)).text(), `Hello from /${i}\n`);
});

/** The status of the last of many answers, one after the other. */
async function lastStatus(url: string, count: number): Promise<number> {
	const agent = new Agent({keepAlive: true});
	const ask = () =>
		new Promise<number | undefined>((resolve, reject) => {
			get(url, {agent}, answer => answer.resume().on('end', () => resolve(answer.statusCode))).on('error', reject);
		});
	for (let i = 1; i < count; i++) await ask();
	return (await ask()) ?? 0;
}

test.serial('an instance goes on answering while it keeps little, and is replaced before it has taken all of its memory', async t => {
	const limits = {memory: 64n * 2n ** 20n, instances: 1};
	const modest = await serving(t, await guest('counter-as'), limits);
	t.is(await lastStatus(`${modest.url}/?100`, 2_051), 200 + (2_050 % 300));
	const greedy = await serving(t, await guest('counter-as'), limits);
	t.is(await lastStatus(`${greedy.url}/?24000`, 2_051), 200 + 50);
});

test.serial('what a handler has answered is sent, though it traps right after that', async t => {
	const {url} = await serving(t, await guest('counter-as'));
	for (let i = 0; i < 3; i++) t.is(await lastStatus(`${url}/?-1`, 1), 200);
});

test.serial('whoever asks a server whose image is gone is told so, and not where it was', async t => {
	const image = join(await folderOf(t), 'secret.wasm');
	await copyFile(app, image);
	const {url} = await serving(t, image);
	await rm(image);
	const response = await fetch(url);
	t.is(response.status, 503);
	t.is(await response.text(), 'the container could not be asked (FORGE_IMAGE_MISSING)\n');
});

test.serial('32 clients at once are all answered', async t => {
	const {url} = await serving(t, app);
	const answers = await Promise.all(Array.from({length: 32}, async () => (await fetch(url)).status));
	t.deepEqual([...new Set(answers)], [200]);
});

/** A program of its own: many clients, one after the other, that do not wait for each other. */
const crowd = `
	const clients = [];
	for (let i = 0; i < 300; i++) {
		clients.push(fetch(process.argv[1], {signal: AbortSignal.timeout(20_000)}).then(({status}) => status, String));
		await new Promise(resolve => setTimeout(resolve, 1));
	}
	console.log([...new Set(await Promise.all(clients))].join());`;

/** Adds a part to containers whose module takes half a second to load: for so long a cell has its port and does not listen. */
async function lingering(t: ExecutionContext): Promise<PluginEntry> {
	const file = join(await folderOf(t), 'half.mjs');
	const text = 'await new Promise(resolve => setTimeout(resolve, 500)); export default () => ({host: () => ({imports: {}})});';
	await writeFile(file, text);
	const part = {plugin: 'lingering', module: pathToFileURL(file).href, data: '{}', folders: [], listeners: []};
	return definePlugin({
		name: 'lingering',
		taps: [attachment],
		setup({hooks}) {
			hooks.tap(attachment, {attach: parts => [...parts, part], detach: () => undefined});
			return {};
		},
	});
}

test.serial('whoever connects as a cell takes over the port is answered, though the kernel is busy and the cell not ready', async t => {
	const {url} = await serving(t, app, undefined, {lingering: await lingering(t)});
	const said = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', crowd, url]);
	// While it is held, nobody but the cell accepts a connection.
	const busy = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40), 1);
	t.teardown(() => clearInterval(busy));
	const {stdout} = await said;
	t.is(stdout.trim(), '200');
});

test.serial('a server stops when it has answered what it was asked, and its port is free again', async t => {
	const {containers, id, url} = await serving(t, app);
	t.like(await containers.stop(id, 2000), {state: 'exited', exitCode: 0, reason: 'stopped'});
	await t.throwsAsync(fetch(url));
	const server = createServer();
	await new Promise<void>(resolve => server.listen(Number(new URL(url).port), '127.0.0.1', resolve));
	server.close();
});

test.serial('a port in use is refused by name, and the container stays as it was', async t => {
	const {url} = await serving(t, app);
	const {containers} = await engineOf(t, await folderOf(t), {network});
	const port = Number(new URL(url).port);
	const {id} = await containers.create(specOf(app, {publish: [{address: '127.0.0.1', port}]}));
	await t.throwsAsync(containers.start(id), {code: 'FORGE_PORT_IN_USE', message: new RegExp(String(port))});
	t.is((await containers.inspect(id)).state, 'created');
});

/** Two containers of one kernel: what each is to be, and where each is reached. */
async function several(t: ExecutionContext, specs: readonly Partial<RuntimeTypes.Spec>[], images: readonly string[]) {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
	const networking = (await kernel.link(networks))();
	for (const name of specs.flatMap(({networks = []}) => networks)) await networking.create(name, []);
	const urls: string[] = [];
	for (const [index, more] of specs.entries()) {
		const {id} = await containers.create(specOf(images[index] as string, {publish: [{address: '127.0.0.1', port: 0}], ...more}));
		await containers.start(id);
		const list = await (await kernel.link(listeners))().list();
		urls.push(`http://127.0.0.1:${list.find(({container}) => container === id)?.port}`);
	}
	return {containers, urls, recent: (await kernel.link(audit))().recent};
}

test.serial('a guest asks a server that it was granted, and no other; that is on record', async t => {
	const server = createHttpServer((incoming, outgoing) => void incoming.pipe(outgoing));
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const {urls, recent} = await several(t, [{egress: [`127.0.0.1:${port}`]}, {}], [await guest('relay-js'), await guest('relay-js')]);
	const asked = (url = '') => fetch(`${url}/?${encodeURIComponent(`http://127.0.0.1:${port}/`)}`, {method: 'POST', body: 'ping'});
	t.is(await (await asked(urls[0])).text(), 'ping');
	t.is((await asked(urls[1])).status, 502);
	const [entry] = await recent(1);
	t.like(entry, {action: 'net', object: `http 127.0.0.1:${port}`, allowed: false, reason: `not granted: --allow-net 127.0.0.1:${port}`});
});

test.serial('a request under way is answered while its container stops, and nobody else is let in', async t => {
	const asked = Promise.withResolvers<void>();
	const release = Promise.withResolvers<void>();
	const server = createHttpServer(async (_, outgoing) => {
		asked.resolve();
		await release.promise;
		outgoing.end('late');
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const {containers, urls} = await several(t, [{name: 'relay', egress: [`127.0.0.1:${port}`]}], [await guest('relay-js')]);
	const under = fetch(`${urls[0]}/?${encodeURIComponent(`http://127.0.0.1:${port}/`)}`);
	await asked.promise;
	const stopped = containers.stop('relay', 20_000);
	setTimeout(release.resolve, 300);
	t.is(await (await under).text(), 'late');
	t.like(await stopped, {state: 'exited', exitCode: 0, reason: 'stopped'});
	await t.throwsAsync(fetch(urls[0] as string));
});

test.serial('a guest reaches its neighbour by name, and nobody of another network', async t => {
	const specs = [{networks: ['front']}, {name: 'web', networks: ['front'], publish: []}, {name: 'secret', networks: ['back'], publish: []}];
	const {urls} = await several(t, specs, [await guest('relay-js'), app, app]);
	const asked = (to: string) => fetch(`${urls[0]}/?${encodeURIComponent(to)}`);
	t.regex(await (await asked('http://web.front.internal/')).text(), /Hello from ForgeOne/);
	t.is((await asked('http://web.front.internal/nothing')).status, 404);
	t.regex(await (await asked('http://secret.back.internal/')).text(), /^refused/);
});

test.serial('a guest whose neighbour is killed before it has answered is told so, and answers itself', async t => {
	const asked = Promise.withResolvers<void>();
	const server = createHttpServer(() => asked.resolve());
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.closeAllConnections());
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const relay = await guest('relay-js');
	const specs = [{networks: ['front']}, {name: 'slow', networks: ['front'], publish: [], egress: [`127.0.0.1:${port}`]}];
	const {containers, urls} = await several(t, specs, [relay, relay]);
	const through = `http://slow.front.internal/?${encodeURIComponent(`http://127.0.0.1:${port}/`)}`;
	const under = fetch(`${urls[0]}/?${encodeURIComponent(through)}`);
	await asked.promise;
	await containers.kill('slow');
	const response = await under;
	t.is(response.status, 502);
	t.regex(await response.text(), /^refused/);
});

test.serial('each request for which a guest waits too long is answered with 504, not before its own time is over', async t => {
	const server = createHttpServer(() => undefined);
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.closeAllConnections());
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const limits = {memory: 512n * 1024n ** 2n, instances: 2, timeout: 1_500n};
	const {urls} = await several(t, [{egress: [`127.0.0.1:${port}`], limits}], [await guest('relay-js')]);
	const asked = async () => {
		const begun = performance.now();
		const {status} = await fetch(`${urls[0]}/?${encodeURIComponent(`http://127.0.0.1:${port}/`)}`);
		return {status, time: performance.now() - begun};
	};
	const first = asked();
	await new Promise(resolve => setTimeout(resolve, 700));
	for (const {status, time} of await Promise.all([first, asked()])) {
		t.is(status, 504);
		t.true(time >= 1_490, `${time} ms`);
	}
});
