import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import {createProcesses, createRuntime} from '@forgeone/plugin-runtime';
import {listeners} from '@forgeone/sdk';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, peakOf, specOf} from '../support/runtime.ts';

/** What a hostile cell may cost the engine: what it may keep unread, and the noise of a collector. */
const COST = 256 * 2 ** 20;

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));

const frames = fileURLToPath(import.meta.resolve('@forgeone/plugin-runtime/frame'));

/** A program that speaks as a cell that was taken over: once it is given a task, it does as `body` says. */
const program = (body: string) => `
	import {Socket} from 'node:net';
	import {writeSync} from 'node:fs';
	import {encode} from ${JSON.stringify(frames)};
	const kernel = new Socket({fd: 3, readable: true, writable: true});
	kernel.on('error', () => undefined);
	let heard = '';
	const say = frame => kernel.write(encode(frame));
	const open = (call, to = 'part:nobody') => encode({kind: 'open', call, to, head: ''});
	/** Writes the chunks that it is given, a gigabyte of them, as fast as they are taken. */
	async function flood(chunk) {
		for (let sent = 0; sent < 2 ** 30; ) {
			const bytes = chunk();
			sent += bytes.length;
			if (!kernel.write(bytes)) await new Promise(resolve => kernel.once('drain', resolve));
		}
	}
	function hear(data) {
		heard += data.toString('latin1');
		const at = heard.indexOf('start\\n');
		if (at < 0) return;
		kernel.off('data', hear);
		const start = Buffer.from(heard, 'latin1').readUIntLE(at - 6, 6);
		attack(start);
	}
	kernel.on('data', hear);
	setInterval(() => undefined, 1000);
	async function attack(start) { ${body} }`;

/** An engine whose cells are such, beside the file that says so. */
async function engineWith(t: ExecutionContext, body: string) {
	const folder = await folderOf(t);
	const file = join(folder, 'cell.mjs');
	await writeFile(file, program(body));
	const runtime = createRuntime([state => createProcesses(state, file)]);
	return {folder, ...(await engineOf(t, join(folder, 'state'), {runtime, network}))};
}

/** Runs a command in such a cell, beside another engine whose container must not notice. */
async function attacked(t: ExecutionContext, body: string) {
	const {folder, containers} = await engineWith(t, body);
	const beside = await engineOf(t, join(folder, 'beside'));
	const {id: quiet} = await beside.containers.create(specOf(await guest('sleep-forever')));
	await beside.containers.start(quiet);
	const {id} = await containers.create(specOf(await guest('sleep-forever'), {limits: {memory: 2n ** 26n, timeout: 6_000n}}));
	const peak = await peakOf(async () => {
		await containers.start(id);
		t.is((await containers.wait(id, 60_000)).state, 'exited');
	});
	t.log(`${Math.round(peak / 2 ** 20)} MiB more in the engine at the peak`);
	t.true(peak < COST, `${peak} bytes`);
	t.is((await beside.containers.inspect(quiet)).state, 'running');
	return containers.inspect(id);
}

for (const [what, body, reason] of [
	['a gigabyte of zeros', 'await flood(() => Buffer.alloc(65536));', /^it broke the protocol: a frame of 0 bytes$/],
	[
		'a gigabyte of noise',
		"const noise = (await import('node:crypto')).randomBytes(65536); await flood(() => noise);",
		/^it broke the protocol: a frame of \d+ bytes$/,
	],
	[
		'of a call with a forged number',
		"say({kind: 'data', call: 4096, bytes: new Uint8Array(1)});",
		/^it broke the protocol: a word about the call 4096/,
	],
	["with the kernel's own numbers", 'kernel.write(open(start));', /^it broke the protocol: a call of the number \d+$/],
	['to whom there is not', "kernel.write(open(1, '__proto__'));", /^it broke the protocol: a call to "__proto__"$/],
	[
		'twice on its standard output',
		"kernel.write(open(1, 'stdout')); kernel.write(open(3, 'stdout'));",
		/^it broke the protocol: a second call to "stdout"$/,
	],
	[
		'that there is room, again and again',
		"for (;;) say({kind: 'credit', call: start, bytes: 1_000_000});",
		/^it broke the protocol: more room than there is$/,
	],
	[
		'an end that is no JSON',
		"say({kind: 'answer', call: start, head: 'nonsense'});",
		/^it broke the protocol: Unexpected token|^it broke the protocol: .*JSON/,
	],
	['an end that is null', "say({kind: 'answer', call: start, head: 'null'});", /^it broke the protocol: .*null/],
] as const) {
	test.serial(`A11: a cell that speaks ${what} is ended, alone, with the reason`, async t => {
		const {exitCode, reason: told} = await attacked(t, body);
		t.is(exitCode, 137);
		t.regex(told ?? '', reason);
	});
}

for (const [what, body] of [
	[
		'opens calls without end and reads no answer',
		'kernel.pause(); let call = -1; await flood(() => Buffer.concat(Array.from({length: 1000}, () => open((call += 2)))));',
	],
	[
		'opens calls without end and reads the answers',
		"kernel.on('data', () => undefined); let call = -1; await flood(() => Buffer.concat(Array.from({length: 1000}, () => open((call += 2)))));",
	],
	[
		'floods its output',
		"kernel.write(open(1, 'stdout')); await flood(() => encode({kind: 'data', call: 1, bytes: Buffer.alloc(65536, 'x')}));",
	],
	['floods its standard error', 'for (let i = 0; i < 2 ** 14; i++) writeSync(2, Buffer.alloc(65536));'],
	['does nothing at all', ''],
] as const) {
	test.serial(`A11: a cell that ${what} costs the engine no more memory, and is ended at its deadline at the latest`, async t => {
		const {exitCode, reason} = await attacked(t, body);
		t.log(reason);
		t.true(exitCode === 124 || (exitCode === 137 && /^it broke the protocol: more /.test(reason ?? '')), reason);
	});
}

test.serial('A11: a cell that leaves its channel and lives on is ended', async t => {
	t.like(await attacked(t, 'kernel.destroy();'), {exitCode: 137, reason: 'its cell has left the kernel'});
});

test.serial('A11: the way for listeners is shut when a cell gets its guest', async t => {
	// What it writes at first may cross with the kernel's shutting it.
	const body = `
		try {
			for (;;) {
				writeSync(4, 'x');
				await new Promise(resolve => setTimeout(resolve, 10));
			}
		} catch ({code}) {
			say({kind: 'cancel', call: start, reason: ''});
			say({kind: 'answer', call: 4096, head: code});
		}`;
	const {reason} = await attacked(t, body);
	t.is(reason, 'it broke the protocol: a word about the call 4096, which there is not');
});

test.serial('A11: what a cell says as it breaks is told to the operator, and to no client', async t => {
	const {kernel, containers} = await engineWith(t, "throw new Error('no /home/operator/file');");
	const {id} = await containers.create(specOf(app, {publish: [{address: '127.0.0.1', port: 0}]}));
	await containers.start(id);
	const [listener] = await (await kernel.link(listeners))().list();
	const response = await fetch(`http://127.0.0.1:${listener?.port}/`);
	t.is(response.status, 502);
	// Its channel may be lost before its end is known.
	t.regex(await response.text(), /^(it is gone|its cell ended with exit code 1)\n?$/);
	const {id: command} = await containers.create(specOf(await guest('sleep-forever')));
	await containers.start(command);
	t.like(await containers.wait(command, 20_000), {exitCode: 125, reason: 'its cell ended with exit code 1: Error: no /home/operator/file'});
});
