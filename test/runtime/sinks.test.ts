import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {audit, definePlugin, logSink, type PluginEntry} from '@forgeone/sdk';
import type {LogSink, RuntimeTypes} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {type ContainersClient, engineOf, folderOf, outputOf, specOf} from '../support/runtime.ts';

const hello = fileURLToPath(new URL('../../templates/app-cli/build/app-cli.wasm', import.meta.url));

/** A sink in TypeScript. */
const written = (write: (entries: LogSink.Entry[], dropped: bigint) => void | Promise<void>): PluginEntry =>
	definePlugin({
		name: 'written',
		taps: [logSink],
		setup({hooks}) {
			hooks.tap(logSink, {write});
			return {};
		},
	});

/** A container that greets somebody, to its end, and what it wrote. */
async function greet(containers: ContainersClient, whom: string, more: Partial<RuntimeTypes.Spec> = {}) {
	const {id} = await containers.create(specOf(hello, {arguments: [whom], ...more}));
	await containers.start(id);
	const {stdout} = await outputOf(containers, id);
	return {stdout, code: (await containers.inspect(id)).exitCode};
}

/** An engine with these sinks. */
async function sunk(t: ExecutionContext, sinks: Record<string, PluginEntry>) {
	const {kernel, containers} = await engineOf(t, await folderOf(t), sinks);
	return {kernel, containers, recent: (await kernel.link(audit))().recent};
}

async function until(claim: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await claim())) await pause(10);
}

test.serial('a component is told what a container wrote by the time that its end is on record', async t => {
	for (const isolation of ['process', 'inline'] as const) {
		const {containers, recent} = await sunk(t, {sink: await guest('sink')});
		t.regex((await greet(containers, 'ALARM', {name: `loud-${isolation}`, isolation})).stdout, /ALARM/);
		const [entry] = await recent(1);
		t.like(entry, {subject: `container:loud-${isolation}`, action: 'log'});
		t.regex(entry?.object ?? '', /ALARM/);
	}
});

test.serial('every sink gets every piece in its order, as the journal has it', async t => {
	const got: LogSink.Entry[][] = [[], []];
	const sinks = got.map(list => written(entries => void list.push(...entries)));
	const {containers} = await sunk(t, {one: sinks[0] as PluginEntry, two: sinks[1] as PluginEntry});
	const {id} = await containers.create(specOf(hello, {arguments: ['-'], interactive: true, name: 'pipe'}));
	await containers.start(id);
	for (let i = 0; i < 600; i++) await containers.write(id, Buffer.from(`line ${i}\n`));
	await containers.write(id, new Uint8Array());
	await containers.wait(id, 20_000);
	const kept = await containers.logs(id, 0n, 0);
	await until(() => got.every(list => list.length >= kept.length));
	for (const list of got)
		t.deepEqual(list, kept.map(entry => ({container: id, name: 'pipe', ...entry, data: entry.data})) as LogSink.Entry[]);
});

test.serial('a sink that traps or does not end harms no container, and is told what comes after', async t => {
	const {containers, recent} = await sunk(t, {sink: await guest('sink')});
	for (const whom of ['TRAP', 'LOOP']) {
		const {stdout, code} = await greet(containers, whom);
		t.regex(stdout, new RegExp(whom));
		t.is(code, 0);
		await greet(containers, 'ALARM', {name: `after-${whom.toLowerCase()}`});
		await until(async () => (await recent(1))[0]?.subject === `container:after-${whom.toLowerCase()}`);
	}
});

test.serial('a sink that stays down loses what it is told, and nothing else', async t => {
	const {containers, recent} = await sunk(t, {sink: await guest('sink')});
	for (let i = 0; i < 5; i++) t.is((await greet(containers, 'TRAP')).code, 0);
	t.regex((await greet(containers, 'ALARM')).stdout, /ALARM/);
	t.deepEqual(await recent(10), []);
});

test.serial(
	'A10: of a flood that its sink does not take what waits is bounded and the rest counted; others run, and the journal has no gap',
	async t => {
		const {promise: never, resolve} = Promise.withResolvers<void>();
		t.teardown(resolve);
		const {containers} = await sunk(t, {stuck: written(() => never)});
		const {id} = await containers.create(specOf(await guest('log-flood'), {name: 'flood'}));
		await containers.start(id);
		await until(async () => (await containers.stats(id)).dropped > 10_000n);
		t.is((await greet(containers, 'others')).code, 0);
		t.is((await containers.kill(id)).exitCode, 137);
		const kept = await containers.logs(id, 0n, 0);
		t.true(kept.every(({sequence}, i) => sequence === (kept[0]?.sequence ?? 0n) + BigInt(i)));
	},
);

test.serial('a sink is told how much it missed', async t => {
	let dropped = 0n;
	const {promise, resolve} = Promise.withResolvers<void>();
	const {containers} = await sunk(t, {
		late: written((_, missed) => {
			dropped += missed;
			return promise;
		}),
	});
	const {id} = await containers.create(specOf(await guest('log-flood')));
	await containers.start(id);
	await until(async () => (await containers.stats(id)).dropped > 1000n);
	const before = (await containers.stats(id)).dropped;
	await containers.kill(id);
	resolve();
	await until(() => dropped > 0n);
	t.true(dropped >= before);
});
