import {spawn} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import type {Socket} from 'node:net';
import {decoder, encode, type Frame} from '@forgeone/plugin-runtime/frame';
import {pack} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';

const runtime = import.meta.resolve('@forgeone/plugin-runtime');

/** What a cell answers that is to warm up and to load some modules. */
async function warmed(t: ExecutionContext, modules: readonly string[]): Promise<string[]> {
	const cell = new URL('cell/process.js', runtime);
	const child = spawn(process.execPath, [cell.pathname], {stdio: ['ignore', 'ignore', 'inherit', 'pipe']});
	t.teardown(() => child.kill());
	const kernel = child.stdio[3] as Socket;
	const {promise, resolve} = Promise.withResolvers<string>();
	const take = (frame: Frame) => frame.kind === 'answer' && resolve(frame.head);
	kernel.on('data', decoder(take));
	const {bytes} = await pack(await readFile(new URL('rehearsal.wasm', runtime)));
	kernel.write(encode({kind: 'open', call: 0, to: 'warm', head: JSON.stringify(modules)}));
	kernel.write(encode({kind: 'data', call: 0, bytes}));
	kernel.write(encode({kind: 'end', call: 0, trailer: undefined}));
	return JSON.parse(await promise);
}

test('a cell that waits runs commands to their ends', async t => {
	t.deepEqual(await warmed(t, []), []);
});

test('a cell that waits tells what it could not load', async t => {
	const [reason, ...others] = await warmed(t, ['file:///nowhere.js']);
	t.regex(reason ?? '', /nowhere/);
	t.is(others.length, 0);
});
