import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {type AnyPlugin, createKernel} from '@forgeone/core';
import runtime from '@forgeone/plugin-runtime';
import {attachment, containers as token} from '@forgeone/sdk';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {type ContainersClient, engineOf, folderOf, held, openPolicy, outputOf, runToEnd, specOf} from '../support/runtime.ts';

const sleeping = () => guest('sleep-forever');

async function started(engine: ContainersClient, more: Parameters<typeof specOf>[1] = {}): Promise<string> {
	const {id} = await engine.create(specOf(await sleeping(), more));
	await engine.start(id);
	return id;
}

test.serial('a container is created, runs and ends, and its record tells of it', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const made = await containers.create(specOf(await guest('env-as'), {name: 'one', arguments: ['x']}));
	t.like(made, {name: 'one', state: 'created', restarts: 0, owner: 'plugin:host'});
	t.regex(made.id, /^[0-9a-f]{12}$/);
	t.regex(made.digest, /^sha256:[0-9a-f]{64}$/);
	t.is((await containers.start('one')).state, 'running');
	const ended = await containers.wait('one', 5000);
	t.like(ended, {state: 'exited', exitCode: 0});
	t.true(made.created <= (ended.started ?? 0n) && (ended.started ?? 0n) <= (ended.finished ?? 0n));
	t.deepEqual(await containers.list(), [ended]);
});

test.serial('a container is found by its name, its id and the beginning of its id', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {id} = await containers.create(specOf(await sleeping(), {name: 'found'}));
	for (const reference of [id, id.slice(0, 4), 'found']) t.is((await containers.inspect(reference)).id, id);
	for (const reference of ['nobody', '', "' or 1=1 --", '%', '../..', 'a\0b', 'a'.repeat(65_536)]) {
		await t.throwsAsync(containers.inspect(reference), {code: 'FORGE_CONTAINER_UNKNOWN'}, reference);
	}
});

test.serial('the beginning of two ids is too vague', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const image = await sleeping();
	const seen = new Set<string>();
	for (;;) {
		const {id} = await containers.create(specOf(image));
		const digit = id.slice(0, 1);
		if (seen.has(digit)) {
			await t.throwsAsync(containers.inspect(digit), {code: 'FORGE_CONTAINER_VAGUE'});
			return;
		}
		seen.add(digit);
	}
});

test.serial('a name is given once', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const spec = specOf(await sleeping(), {name: 'same'});
	const {id} = await containers.create(spec);
	await t.throwsAsync(containers.create(spec), {code: 'FORGE_CONTAINER_NAME'});
	await containers.remove(id, false);
	await t.notThrowsAsync(containers.create(spec));
});

for (const [field, more] of Object.entries({
	name: {name: 'No!'},
	image: {image: 'relative.wasm'},
	memory: {limits: {memory: 1n}},
	timeout: {limits: {memory: 1n << 20n, timeout: 0n}},
	'arguments, environment and config': {arguments: ['a\0b']},
	environment: {environment: [['A=B', 'c'] as [string, string]]},
	'mount target': {mounts: [{source: '/tmp', target: 'data', readOnly: true}]},
})) {
	test.serial(`a spec with a bad ${field} is refused, and leaves no record`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		await t.throwsAsync(containers.create({...specOf(await sleeping()), ...more}), {
			code: 'FORGE_SPEC_INVALID',
			message: new RegExp(`^container spec: ${field}`),
		});
		t.deepEqual(await containers.list(), []);
	});
}

test.serial('an isolation that can not be had is refused, never replaced by a weaker one', async t => {
	const {containers} = await engineOf(t, await folderOf(t), {runtime: {use: runtime, config: {isolations: ['inline', 'thread']}}});
	for (const isolation of ['sandbox', 'process', undefined] as const) {
		await t.throwsAsync(containers.create(specOf(await sleeping(), isolation && {isolation})), {
			code: 'FORGE_ISOLATION_MISSING',
			message: `isolation "${isolation ?? 'process'}" can not be had here: this engine has none`,
		});
	}
});

test.serial('without a policy no container is admitted', async t => {
	const kernel = createKernel({state: await folderOf(t)});
	t.teardown(() => kernel.stop());
	const {setup, ...rest} = openPolicy;
	const half = {
		...rest,
		setup: (context: never) => setup({...(context as object), hooks: onlyLinks(context)} as never),
	};
	await kernel.boot({plugins: {half: half as AnyPlugin, runtime}});
	const containers = (await kernel.link(token))();
	await t.throwsAsync(containers.create(specOf(await sleeping())), {
		code: 'FORGE_ADMISSION_REFUSED',
		message: /no policy answered/,
	});
});

/** The hooks of a context, deaf to all but links. */
function onlyLinks(context: {readonly hooks: {tap(hook: {id: string}, handlers: object): void}}) {
	const {hooks} = context;
	return {
		...hooks,
		tap: (hook: {id: string}, handlers: object) => hook.id.includes('/link@') && hooks.tap(hook, handlers),
	};
}

test.serial('a running container is killed, stopped and removed', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const [a, b, c] = [await started(containers), await started(containers), await started(containers)];
	t.like(await containers.kill(a), {state: 'exited', exitCode: 137, reason: 'killed'});
	t.like(await containers.stop(b, 50), {state: 'exited', exitCode: 137, reason: 'stopped after 50 ms'});
	await t.throwsAsync(containers.start(c), {code: 'FORGE_CONTAINER_BUSY'});
	await t.throwsAsync(containers.remove(c, false), {code: 'FORGE_CONTAINER_BUSY'});
	await containers.remove(c, true);
	await containers.remove(a, false);
	t.deepEqual(
		(await containers.list()).map(({id}) => id),
		[b],
	);
	t.is((await containers.kill(b)).exitCode, 137);
});

test.serial('an ended container can be started again, and its output goes on', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {id} = await containers.create(specOf(await guest('env-as'), {arguments: ['once']}));
	for (let i = 0; i < 2; i++) {
		await containers.start(id);
		t.is((await containers.wait(id, 30_000)).state, 'exited');
	}
	t.is((await outputOf(containers, id)).stdout.match(/once/g)?.length, 2);
});

test.serial('waiting ends with its time, too', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	t.is((await containers.wait(await started(containers), 50)).state, 'running');
});

test.serial('a container that fails is started again, until it is stopped by hand', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {id} = await containers.create(specOf(await guest('fail'), {restart: 'on-failure'}));
	await containers.start(id);
	for (;;) {
		const {restarts} = await containers.inspect(id);
		if (restarts >= 2) break;
		await new Promise(resolve => setTimeout(resolve, 20));
	}
	await containers.stop(id, 0);
	const {restarts} = await containers.inspect(id);
	await new Promise(resolve => setTimeout(resolve, 1000));
	t.like(await containers.inspect(id), {state: 'exited', restarts});
});

test.serial('what is to be removed is gone when it has ended', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {id} = await containers.create(specOf(await guest('env-as'), {remove: true}));
	await containers.start(id);
	while ((await containers.list()).length > 0) await new Promise(resolve => setTimeout(resolve, 10));
	await t.throwsAsync(containers.inspect(id), {code: 'FORGE_CONTAINER_UNKNOWN'});
});

test.serial('records outlive the engine, and what ran in it is told as ended', async t => {
	const state = await folderOf(t);
	const {kernel, containers} = await engineOf(t, state);
	const id = await started(containers, {name: 'lasting'});
	await kernel.stop();
	const {containers: later} = await engineOf(t, state);
	t.like(await later.inspect('lasting'), {id, state: 'exited', exitCode: 137, reason: 'its engine was stopped'});
});

test.serial('two engines on one folder see the same records, and neither ends what the other runs', async t => {
	const state = await folderOf(t);
	const [one, two] = [await engineOf(t, state), await engineOf(t, state)];
	const id = await started(one.containers);
	t.is((await two.containers.inspect(id)).state, 'running');
	await t.throwsAsync(two.containers.kill(id), {code: 'FORGE_CONTAINER_ELSEWHERE', message: new RegExp(String(process.pid))});
	t.is((await one.containers.kill(id)).state, 'exited');
});

test.serial('a subsystem that attaches nothing for a container refuses it, and takes everything back', async t => {
	const detached: string[] = [];
	const picky: AnyPlugin = {
		name: 'picky',
		taps: [attachment],
		setup({hooks}) {
			hooks.tap(attachment, {
				attach() {
					throw new Error('out of stock');
				},
				detach: container => void detached.push(container),
			});
			return {};
		},
	};
	const {containers} = await engineOf(t, await folderOf(t), {picky});
	const {id} = await containers.create(specOf(await sleeping()));
	await t.throwsAsync(containers.start(id), {code: 'FORGE_PLUGIN_FAILED', message: /"picky" .* out of stock/});
	t.deepEqual(detached, [id]);
	t.is((await containers.inspect(id)).state, 'created');
});

test.serial('imports that nobody hosts are listed', async t => {
	const folder = await folderOf(t);
	const {containers} = await engineOf(t, folder);
	const file = join(folder, 'lonely.wasm');
	await writeFile(
		file,
		await parse(`(component
			(import "test:nobody/here@1.0.0" (instance (export "one" (func)) (export "two" (func))))
			(core module $m (func (export "run") (result i32) (i32.const 0)))
			(core instance $i (instantiate $m))
			(func $run (result (result)) (canon lift (core func $i "run")))
			(instance $out (export "run" (func $run)))
			(export "wasi:cli/run@0.2.0" (instance $out)))`),
	);
	const {exitCode, reason} = await runToEnd(containers, specOf(file));
	t.is(exitCode, 125);
	t.is(reason, 'missing imports: test:nobody/here@1.0.0 (FORGE_IMPORT_MISSING)');
});

test.serial('40 containers, started and stopped, leave no thread and no descriptor behind', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const round = async () => {
		const id = await started(containers);
		await containers.kill(id);
		await containers.remove(id, false);
	};
	for (let i = 0; i < 3; i++) await round();
	await pause(500);
	const before = await held();
	for (let i = 0; i < 40; i++) await round();
	// The last cell is still being buried, and the next one made.
	let after = await held();
	for (let i = 0; i < 20 && (after.threads > before.threads || after.descriptors > before.descriptors); i++) {
		await pause(250);
		after = await held();
	}
	t.true(after.threads <= before.threads && after.descriptors <= before.descriptors, JSON.stringify({before, after}));
});
