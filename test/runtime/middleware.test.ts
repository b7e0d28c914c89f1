import {spawnSync} from 'node:child_process';
import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import {type Kernel, listeners, type PluginEntry} from '@forgeone/sdk';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, specOf} from '../support/runtime.ts';

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));

/**
 * Asks over a connection that is not kept: who takes a port over closes those that are idle, as any server of HTTP may (RFC 9112, 9.3.1), and a
 * client that asks over one in that moment has to ask again.
 */
const ask = (port: number): Promise<Response> => fetch(`http://127.0.0.1:${port}/`, {headers: {connection: 'close'}});

/** A server in a process of its own, and its port. */
async function serving(t: ExecutionContext, more: Record<string, PluginEntry> = {}) {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network, ...more});
	const {id} = await containers.create(specOf(app, {publish: [{address: '127.0.0.1', port: 0}], isolation: 'process'}));
	await containers.start(id);
	const list = await (await kernel.link(listeners))().list();
	const port = list[0]?.port ?? 0;
	return {kernel, containers, id, port, guarded: async () => (await ask(port)).headers.has('x-guard')};
}

/** Whether the port is served while this process, which is the kernel's, does nothing. */
function servedByCell(port: number): boolean {
	const script = `fetch('http://127.0.0.1:${port}/', {signal: AbortSignal.timeout(1000)}).then(() => process.exit(0), () => process.exit(1))`;
	return spawnSync(process.execPath, ['-e', script]).status === 0;
}

async function untilCellServes(port: number): Promise<void> {
	await ask(port);
	while (!servedByCell(port)) await pause(20);
}

async function add(kernel: Kernel): Promise<void> {
	await kernel.register('guard', await guest('guard'));
	await kernel.start();
}

test.serial('a cell gives its port back when a middleware comes, and no request passes that by', async t => {
	const {kernel, port, guarded} = await serving(t);
	await untilCellServes(port);
	t.false(await guarded());
	await add(kernel);
	for (let i = 0; i < 20; i++) t.true(await guarded());
	t.false(servedByCell(port));
});

test.serial('a request under way is finished where it began, and the next one over its connection does not pass by', async t => {
	const {kernel, port} = await serving(t);
	await untilCellServes(port);
	const socket = connect(port, '127.0.0.1');
	const all = text(socket);
	socket.write('POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab');
	await pause(100);
	await add(kernel);
	socket.write('cdGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
	const [first = '', ...others] = (await all).split(/(?=HTTP\/1\.1 )/);
	t.regex(first, /^HTTP\/1\.1 200 [\s\S]*abcd|^HTTP\/1\.1 200 [\s\S]*ab[\s\S]*cd/);
	t.true(
		others.every(answer => /^HTTP\/1\.1 503 [\s\S]*FORGE_REQUEST_MOVED/.test(answer)),
		others.join(),
	);
});

test.serial('a cell that starts where there is a middleware is handed no port', async t => {
	const {port, guarded} = await serving(t, {guard: await guest('guard')});
	for (let i = 0; i < 20; i++) t.true(await guarded());
	t.false(servedByCell(port));
});

test.serial('calls that the kernel has under way end where they began when a middleware comes', async t => {
	const {kernel, port, guarded} = await serving(t);
	// They come before the cell has taken the port over.
	const early = Array.from({length: 8}, async () => (await ask(port)).status);
	await pause(5);
	await add(kernel);
	t.deepEqual(await Promise.all(early), Array(8).fill(200));
	t.true(await guarded());
});
