import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import network from '@forgeone/plugin-network';
import {listeners} from '@forgeone/sdk';
import test from 'ava';
import {cells, descendants} from '../support/cells.ts';
import {guest} from '../support/guests.ts';
import {isolations} from '../support/isolations.ts';
import {engineOf, folderOf, held, runToEnd, specOf} from '../support/runtime.ts';
import {leastOf, slowest} from '../support/times.ts';
import {commandOf} from '../support/wat.ts';

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));
const publish = [{address: '127.0.0.1', port: 0}];

test.serial('E: killing a container leaves the open request of another unharmed', async t => {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
	const list = (await kernel.link(listeners))();
	const ids = [];
	for (let i = 0; i < 2; i++) {
		const {id} = await containers.create(specOf(app, {publish}));
		await containers.start(id);
		ids.push(id);
	}
	const all = await list.list();
	const port = (id: string | undefined) => all.find(({container}) => container === id)?.port;
	await fetch(`http://127.0.0.1:${port(ids[1])}/`);
	const open = request({port: port(ids[0]), host: '127.0.0.1', path: '/echo', method: 'POST'});
	const answered = new Promise<string>((resolve, reject) => {
		open.on('error', reject);
		open.on('response', async response => resolve(Buffer.concat(await response.toArray()).toString()));
	});
	open.write('before ');
	await new Promise(resolve => setTimeout(resolve, 300));
	await containers.kill(ids[1] ?? '');
	open.end('after');
	t.is(await answered, 'before after');
	await t.throwsAsync(fetch(`http://127.0.0.1:${port(ids[1])}/`));
});

test.serial('E: two containers of one image see only their own folder and environment', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const folder = await folderOf(t);
	for (const name of ['one', 'two']) {
		await mkdir(join(folder, name));
		await writeFile(join(folder, name, name), name);
	}
	const see = async (name: string) => {
		const mounts = [{source: join(folder, name), target: '/data', readOnly: true}];
		const files = runToEnd(containers, specOf(await guest('files-as'), {mounts, arguments: ['ls', '/data']}));
		const environment = [['WHO', name] as [string, string]];
		const variables = runToEnd(containers, specOf(await guest('env-as'), {environment}));
		return [(await files).stdout.trim(), /WHO=\w+/g.exec((await variables).stdout)?.join()];
	};
	t.deepEqual(await Promise.all([see('one'), see('two')]), [
		['one', 'WHO=one'],
		['two', 'WHO=two'],
	]);
});

/** Writes each byte that it reads. */
const repeating = `
	(loop $more
		(call $read (call $stdin) (i64.const 1) (i32.const 16))
		(if (i32.load8_u (i32.const 16)) (then (return (i32.const 0))))
		(call $write (call $stdout) (i32.load (i32.const 20)) (i32.const 1) (i32.const 32))
		(br $more))`;

/** How much longer what a container writes may be on its way to a reader while another floods, for 99 of 100 pieces, in milliseconds. */
const LATER = 20;

test.serial('A10: what a container writes is read as soon while another floods its output as it is without', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {id} = await containers.create(specOf(await commandOf(t, repeating), {interactive: true}));
	await containers.start(id);
	let next = 0n;
	const speak = async () => {
		await containers.write(id, Buffer.from('x'));
		for (const before = next; next === before; ) next += BigInt((await containers.logs(id, next, 5_000)).length);
	};
	const alone = await leastOf(
		5,
		() => slowest(speak),
		() => false,
	);
	const {id: flood} = await containers.create(specOf(await guest('log-flood')));
	await containers.start(flood);
	const beside = await leastOf(
		20,
		() => slowest(speak),
		time => time <= alone + LATER,
	);
	t.log(`${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside a flood`);
	t.true(beside <= alone + LATER, `${beside} ms beside a flood, ${alone} ms alone`);
	t.is((await containers.inspect(flood)).state, 'running');
});

/** Writes to a file and has that on disk, so many times. */
const storming = (times: number) => `
	(i32.store8 (i32.const 32) (i32.const 102))
	(call $folders (i32.const 16))
	(call $openAt (i32.load (i32.load (i32.const 16))) (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 1) (i32.const 2) (i32.const 16))
	(local.set $a (i32.load (i32.const 20)))
	(loop $more
		(call $writeFile (local.get $a) (i32.const 0) (i32.const 4096) (i64.const 0) (i32.const 16))
		(call $sync (local.get $a) (i32.const 16))
		(if (i32.load8_u (i32.const 16)) (then unreachable))
		(local.set $b (i64.add (local.get $b) (i64.const 1)))
		(br_if $more (i64.lt_u (local.get $b) (i64.const ${times}))))
	(return (i32.const 0))`;

test.serial('E: while 8 guests have their files written to the disk without end, a neighbour has his, and the engine answers', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const spec = async (times: number) => {
		const mounts = [{source: await folderOf(t), target: '/data', readOnly: false}];
		return specOf(await commandOf(t, storming(times)), {mounts});
	};
	const storms: string[] = [];
	for (let i = 0; i < 8; i++) {
		const {id} = await containers.create(await spec(1_000_000_000));
		await containers.start(id);
		storms.push(id);
	}
	const done = await runToEnd(containers, await spec(10));
	t.is(done.exitCode, 0, done.reason);
	const time = await leastOf(
		20,
		() => slowest(async () => containers.list()),
		least => least < 100,
	);
	t.true(time < 100, `${time} ms`);
	for (const id of storms) t.is((await containers.inspect(id)).state, 'running');
});

for (const {isolation, trying, note} of isolations.filter(({isolation}) => isolation === 'process' || isolation === 'sandbox')) {
	trying(`E: where memory runs out, the system ends cells before the engine (${isolation})${note}`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const says = `(call $write (call $stdout) (i32.const 32) (i32.const 1) (i32.const 16)) (call $block (call $timer (i64.const -1)))`;
		const {id} = await containers.create(specOf(await commandOf(t, says), {isolation}));
		await containers.start(id);
		t.is((await containers.logs(id, 0n, 10_000)).length, 1);
		const score = async (pid: number) => Number(await readFile(`/proc/${pid}/oom_score_adj`, 'utf8'));
		const own = await score(process.pid);
		// Around a sandbox is bubblewrap, which has next to nothing.
		const found = (await descendants(process.pid)).filter(({line}) => line.includes('cell/process.js') && !line.startsWith('bwrap'));
		const scores = await Promise.all(found.map(({pid}) => score(pid)));
		t.true(scores.length > (isolation === 'sandbox' ? 1 : 0) && scores.every(each => each > own), `${scores} ${own}`);
	});
}

/** Opens files, a folder, sockets, timers, fields and its streams, drops none of them, and waits for ever. */
const holding = `
	(i32.store8 (i32.const 32) (i32.const 102))
	(call $folders (i32.const 16))
	(local.set $a (i32.load (i32.load (i32.const 16))))
	(loop $more
		(call $openAt (local.get $a) (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 1) (i32.const 2) (i32.const 16))
		(if (i32.load8_u (i32.const 16)) (then unreachable))
		(drop (call $timer (i64.const -1)))
		(drop (call $stdout))
		(drop (call $fields))
		(call $socket (i32.const 0) (i32.const 16))
		(local.set $b (i64.add (local.get $b) (i64.const 1)))
		(br_if $more (i64.lt_u (local.get $b) (i64.const 20))))
	(i32.store8 (i32.const 32) (i32.const 104))
	(call $write (call $stdout) (i32.const 32) (i32.const 1) (i32.const 16))
	(call $block (call $timer (i64.const -1)))`;

/** What this engine has of the machine, once a collector has run: what that has not come to yet is no leak. */
async function settled(state: string) {
	await new Promise(resolve => setTimeout(resolve, 1_000));
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc');
	// What is closed by a collector is collected itself by the next.
	for (let i = 0; i < 3; i++) {
		collect();
		await new Promise(resolve => setImmediate(resolve));
	}
	return {...(await held()), processes: (await cells(state)).length, memory: process.memoryUsage.rss()};
}

for (const {isolation, trying, note} of isolations) {
	const often = isolation === 'inline' || isolation === 'process';
	const rounds = process.env.FORGE_TEST_LONG ? 1_000 : often ? 100 : 20;
	const title = `A6: after ${rounds} containers were stopped that held all they could open (${isolation}), the engine has the descriptors, threads, processes and memory that it had`;
	trying(`${title}${note}`, async t => {
		t.timeout(rounds * 2_000);
		const state = await folderOf(t);
		const {containers} = await engineOf(t, state, {network});
		const mounts = [{source: await folderOf(t), target: '/data', readOnly: false}];
		const spec = specOf(await commandOf(t, holding), {isolation, mounts});
		const round = async () => {
			const {id} = await containers.create(spec);
			await containers.start(id);
			while ((await containers.logs(id, 0n, 5_000)).length === 0) t.is((await containers.inspect(id)).state, 'running');
			await containers.stop(id, 0);
			await containers.remove(id, false);
		};
		for (let i = 0; i < 10; i++) await round();
		const before = await settled(state);
		for (let i = 0; i < rounds; i++) await round();
		let after = await settled(state);
		const more = () => (['descriptors', 'threads', 'processes'] as const).filter(what => after[what] > before[what]);
		// A second cell that was kept warm in a rush goes when that has been over for ten seconds.
		for (let tries = 0; tries < 15 && more().length > 0; tries++) after = await settled(state);
		t.log(`${Math.round((after.memory - before.memory) / 1024)} KiB more`);
		t.deepEqual(more(), [], JSON.stringify({before, after}));
		t.true(after.memory - before.memory < 64 * 2 ** 20, `${after.memory - before.memory} bytes`);
	});
}
