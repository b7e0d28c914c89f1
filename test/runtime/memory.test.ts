import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import {createProcesses, createRuntime} from '@forgeone/plugin-runtime';
import {listeners} from '@forgeone/sdk';
import type {Containers, RuntimeTypes} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {type ContainersClient, engineOf, folderOf, specOf} from '../support/runtime.ts';
import {bareOf, commandOf} from '../support/wat.ts';

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));
const MiB = 2 ** 20;

/** What a cell has without a guest, and what it may have beside the guest's memory. */
const BASE = 80 * MiB;
const BESIDE = 64 * MiB;

test.serial('A3: a server of several instances has no more memory than its limit, and a cell beside it', async t => {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
	const memory = 64n * 2n ** 20n;
	const publish = [{address: '127.0.0.1', port: 0}];
	const {id} = await containers.create(specOf(app, {publish, limits: {memory, instances: 4}}));
	await containers.start(id);
	const [listener] = await (await kernel.link(listeners))().list();
	const body = Buffer.alloc(500_000, 'forge');
	let highest = 0;
	let instances = 0;
	const look = setInterval(async () => {
		const {memory: has, instances: there} = await containers.stats(id);
		highest = Math.max(highest, Number(has));
		instances = Math.max(instances, there);
	}, 50);
	for (let round = 0; round < 10; round++) {
		const ask = () => fetch(`http://127.0.0.1:${listener?.port}/echo`, {method: 'POST', body}).then(answer => answer.arrayBuffer());
		const answers = await Promise.all(Array.from({length: 8}, ask));
		t.true(answers.every(({byteLength}) => byteLength === body.length));
	}
	await new Promise(resolve => setTimeout(resolve, 600));
	clearInterval(look);
	t.log(`${Math.round(highest / MiB)} MiB in the cell, ${instances} instances`);
	t.true(highest > 0 && highest <= Number(memory) + BASE + BESIDE, `${highest} bytes`);
	t.true(instances >= 1 && instances <= 4, String(instances));
});

test.serial('A3: a guest that takes all that it may has no more than its limit, and a cell beside it', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const memory = 256n * 2n ** 20n;
	const fill = `(memory 1)
		(func $fill (local $page i32)
			(loop $more
				(local.set $page (memory.grow (i32.const 1)))
				(br_if $more (i32.eq (local.get $page) (i32.const -1)))
				(memory.fill (i32.shl (local.get $page) (i32.const 16)) (i32.const 1) (i32.const 65536))
				(br $more)))
		(start $fill)`;
	const {id} = await containers.create(specOf(await bareOf(t, fill), {limits: {memory}}));
	await containers.start(id);
	let highest = 0;
	for (let i = 0; i < 100 && highest < Number(memory); i++) {
		highest = Number((await containers.stats(id)).memory);
		await new Promise(resolve => setTimeout(resolve, 100));
	}
	t.log(`${Math.round(highest / MiB)} MiB`);
	t.is((await containers.inspect(id)).state, 'running');
	await containers.kill(id);
	t.true(highest >= Number(memory) && highest <= Number(memory) + BASE + BESIDE, `${highest} bytes`);
});

/** A process that speaks as a cell, and takes four megabytes again and again. */
const greedy = `
	import {Socket} from 'node:net';
	new Socket({fd: 3, readable: true, writable: true}).on('data', () => undefined).on('close', () => process.exit());
	const held = [];
	setInterval(() => held.push(Buffer.alloc(2 ** 21, 1)), 50);`;

/** A guest that has the host keep fields for it, a few megabytes in a second. */
const hoarding = `
	(drop (memory.grow (i32.const 2)))
	(memory.fill (i32.const 65536) (i32.const 120) (i32.const 120000))
	(loop $more
		(call $append (call $fields) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const 120000) (i32.const 16))
		(call $block (call $timer (i64.const 2000000)))
		(br $more))`;

/** Runs it to its end, and gives the most memory that its cell was seen to have. */
async function outgrown(containers: ContainersClient, spec: RuntimeTypes.Spec): Promise<{highest: number; ended: Containers.Container}> {
	const {id} = await containers.create(spec);
	await containers.start(id);
	let highest = 0;
	for (;;) {
		const ended = await containers.wait(id, 20);
		if (ended.state === 'exited') return {highest, ended};
		const {memory} = await containers.stats(id).catch(() => ({memory: 0n}));
		highest = Math.max(highest, Number(memory));
	}
}

for (const [what, image, plugins] of [
	['that is no guest', () => guest('sleep-forever'), async (t: ExecutionContext) => ({runtime: createRuntime([await greedyCells(t)])})],
	['that its host keeps for the guest', (t: ExecutionContext) => commandOf(t, hoarding), async () => ({network})],
] as const) {
	test.serial(`A3: a cell that has more than its limit and 64 MiB, by memory ${what}, is ended with 137 and the reason`, async t => {
		const {containers} = await engineOf(t, await folderOf(t), await plugins(t));
		const memory = 16 * MiB;
		const {highest, ended} = await outgrown(containers, specOf(await image(t), {limits: {memory: BigInt(memory), timeout: 60_000n}}));
		t.is(ended.exitCode, 137, ended.reason);
		t.regex(ended.reason ?? '', /^out of memory: its cell has \d+ bytes \(FORGE_CONTAINER_MEMORY\)$/);
		t.log(`${Math.round(highest / MiB)} MiB, ${ended.reason}`);
		t.true(highest > BESIDE && highest <= memory + BASE + BESIDE, `${highest} bytes`);
	});
}

async function greedyCells(t: ExecutionContext): Promise<(state: string) => ReturnType<typeof createProcesses>> {
	const file = join(await folderOf(t), 'cell.mjs');
	await writeFile(file, greedy);
	return state => createProcesses(state, file);
}
