import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {Client} from '@forgeone/core';
import type {Containers, RuntimeTypes} from '@forgeone/wasm';
import {audit, containers} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {fake} from '../fake.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';
import {subsystems, type Told} from './subsystems.ts';

type Engine = Client<typeof Containers>;
type Spec = RuntimeTypes.Spec;

/** What containers are made of here; `scripts/guest` says what it does. */
const image = fileURLToPath(import.meta.resolve('@forgeone/sdk/testing/guest.wasm'));

/** How long something may take that is sure to come, in milliseconds. */
const PATIENCE = 30_000;

function spec(more: Partial<Spec> = {}): Spec {
	const nothing = {arguments: [], environment: [], config: [], mounts: [], publish: [], egress: [], routes: [], networks: []};
	const quiet = {restart: 'no', attached: false, interactive: false, remove: false} as const;
	return {image, ...nothing, ...quiet, limits: {memory: 16n * 1024n * 1024n}, ...more};
}

/** Starts one, gives it its time to end, and what it is then. */
async function ran(engine: Engine, more: Partial<Spec>): Promise<Containers.Container> {
	const {id} = await engine.create(spec(more));
	await engine.start(id);
	return engine.wait(id, PATIENCE);
}

/** All that one has written, to its end. */
async function written(engine: Engine, id: string): Promise<Containers.Output[]> {
	const all: Containers.Output[] = [];
	for (;;) {
		const cursor = (all.at(-1)?.sequence ?? -1n) + 1n;
		const more = await engine.logs(id, cursor, 1_000);
		assert.ok(
			more.every(({sequence}) => sequence >= cursor),
			'what was read came again',
		);
		all.push(...more);
		if (more.length === 0 && (await engine.inspect(id)).state === 'exited') return all;
	}
}

const said = (output: readonly Containers.Output[], from: string): string =>
	Buffer.concat(output.filter(({source}) => source === from).map(({data}) => data)).toString();

/** The codes with which all of these calls are refused. */
async function codes(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
	const refused = await Promise.allSettled(calls);
	return [...new Set(refused.map(one => (one.status === 'rejected' ? one.reason.code : one.value)))];
}

async function until(what: string, claim: () => Promise<boolean>): Promise<void> {
	const end = Date.now() + PATIENCE;
	while (!(await claim())) {
		assert.ok(Date.now() < end, what);
		await pause(20);
	}
}

/** Declares a test whose containers have a policy and subsystems of their own. */
type Declare = (promise: string, body: (engine: Engine, told: Told) => Promise<void>) => void;

function lives(promise: Declare): void {
	promise('one is created, runs and ends, and its record tells of it', async engine => {
		const made = await engine.create(spec({name: 'first'}));
		assert.match(made.id, /^[0-9a-f]{12}$/);
		assert.equal(
			made.digest,
			`sha256:${createHash('sha256')
				.update(await readFile(image))
				.digest('hex')}`,
		);
		assert.deepEqual(made.spec, spec({name: 'first'}));
		const {name, state, owner, restarts, exitCode, started} = made;
		assert.deepEqual([name, state, owner, restarts], ['first', 'created', 'user:one', 0]);
		assert.deepEqual([exitCode, started], [undefined, undefined]);
		assert.equal((await engine.start(made.id)).state, 'running');
		const ended = await engine.wait(made.id, PATIENCE);
		assert.deepEqual([ended.state, ended.exitCode], ['exited', 1]);
		assert.ok(made.created <= (ended.started ?? 0n) && (ended.started ?? 0n) <= (ended.finished ?? 0n));
		assert.deepEqual(await engine.list(), [ended]);
	});

	promise('what it writes is kept as it was, in order, until it is removed', async engine => {
		const {id} = await ran(engine, {});
		const output = await written(engine, id);
		assert.deepEqual([said(output, 'stdout'), said(output, 'stderr')], ['out\n', 'err\n']);
		assert.deepEqual(
			output.map(({sequence}) => sequence),
			output.map((_, index) => BigInt(index)),
		);
		assert.deepEqual(await engine.logs(id, 1n, 0), output.slice(1));
		await engine.remove(id, false);
		await assert.rejects(engine.logs(id, 0n, 0), {code: 'FORGE_CONTAINER_UNKNOWN'});
	});

	promise('its input reaches it as it is written, and ends', async engine => {
		const {id} = await engine.create(spec({arguments: ['echo'], interactive: true, attached: true}));
		await engine.start(id);
		await engine.write(id, Buffer.from('one'));
		const [first] = await engine.logs(id, 0n, PATIENCE);
		assert.equal(String(Buffer.from(first?.data ?? [])), 'one');
		await engine.write(id, Buffer.from('two'));
		await engine.write(id, new Uint8Array());
		assert.equal(said(await written(engine, id), 'stdout'), 'onetwo');
		assert.equal((await engine.inspect(id)).exitCode, 0);
		await assert.rejects(engine.write(id, Buffer.from('more')), {code: 'FORGE_CONTAINER_EXITED'});
	});

	promise('what breaks, and what takes too long, ends with the code of that', async engine => {
		assert.equal((await ran(engine, {arguments: ['trap']})).exitCode, 134);
		assert.equal((await ran(engine, {arguments: ['loop'], limits: {...spec().limits, timeout: 300n}})).exitCode, 124);
	});

	promise('one that fails is started again where it is to be, until it is ended by hand', async engine => {
		const {id} = await engine.create(spec({restart: 'on-failure'}));
		await engine.start(id);
		await until('it was not started again', async () => (await engine.inspect(id)).restarts >= 2);
		assert.equal((await engine.stop(id, 0)).state, 'exited');
		const {restarts} = await engine.inspect(id);
		await pause(1_000);
		assert.equal((await engine.inspect(id)).restarts, restarts);
	});

	promise('one that is to be forgotten is, once it has ended', async engine => {
		const {id} = await engine.create(spec({remove: true}));
		await engine.start(id);
		await until('it was not forgotten', async () => (await engine.list()).length === 0);
		await assert.rejects(engine.inspect(id), {code: 'FORGE_CONTAINER_UNKNOWN'});
	});
}

function rules(promise: Declare): void {
	promise('it is found by its id, by the beginning of that and by its name, and nothing else is', async engine => {
		const {id} = await engine.create(spec({name: 'found'}));
		for (const reference of [id, id.slice(0, 11), 'found']) assert.equal((await engine.inspect(reference)).id, id);
		const {inspect, start, stop, kill, wait, remove, logs, write, stats} = engine;
		for (const none of ['', 'nobody', '%', '../..', 'found\0', '__proto__']) {
			const asked = [inspect(none), start(none), stop(none, 0), kill(none), wait(none, 0), remove(none, true), logs(none, 0n, 0)];
			const all = await codes([...asked, write(none, new Uint8Array()), stats(none)]);
			assert.deepEqual(all, ['FORGE_CONTAINER_UNKNOWN'], JSON.stringify(none));
		}
	});

	promise('a name is that of one container, until that is removed', async engine => {
		const {id} = await engine.create(spec({name: 'same'}));
		await assert.rejects(engine.create(spec({name: 'same'})), {code: 'FORGE_CONTAINER_NAME'});
		await engine.remove(id, false);
		await engine.create(spec({name: 'same'}));
		const [one, two] = [await engine.create(spec()), await engine.create(spec())];
		assert.notEqual(one.name, two.name);
	});

	promise('what is no spec, and an image that is not there, is refused and leaves no record', async engine => {
		const {limits} = spec();
		const bad: Partial<Spec>[] = [
			{name: 'No!'},
			{name: ''},
			{image: 'relative.wasm'},
			{limits: {...limits, memory: 1n}},
			{limits: {...limits, timeout: 0n}},
			{arguments: ['a\0b']},
			{environment: [['A=B', 'c']]},
			{mounts: [{source: '/tmp', target: 'data', readOnly: true}]},
		];
		for (const more of bad) await assert.rejects(engine.create(spec(more)), {code: 'FORGE_SPEC_INVALID'}, Object.keys(more).join());
		await assert.rejects(engine.create(spec({image: join(image, '../nothing.wasm')})), {code: 'FORGE_IMAGE_MISSING'});
		assert.deepEqual(await engine.list(), []);
	});

	promise('one that runs is not started again and not removed; it is killed, stopped, or removed by force', async engine => {
		const run = async () => (await engine.start((await engine.create(spec({arguments: ['loop']}))).id)).id;
		const [killed, stopped, forced] = [await run(), await run(), await run()];
		assert.equal((await engine.wait(killed, 20)).state, 'running');
		assert.ok((await engine.stats(killed)).instances <= 1);
		assert.deepEqual(await codes([engine.start(killed), engine.remove(killed, false)]), ['FORGE_CONTAINER_BUSY']);
		for (const {state, exitCode} of [await engine.kill(killed), await engine.stop(stopped, 20)])
			assert.deepEqual([state, exitCode], ['exited', 137]);
		await assert.rejects(engine.stats(killed), {code: 'FORGE_CONTAINER_EXITED'});
		await engine.remove(forced, true);
		assert.deepEqual((await engine.list()).map(({id}) => id).sort(), [killed, stopped].sort());
		assert.equal((await engine.start(killed)).state, 'running');
	});

	promise('nothing is made that policy does not admit, and it is granted what policy grants', async (engine, {asked}) => {
		await assert.rejects(engine.create(spec({name: 'refused'})), {code: 'FORGE_ADMISSION_REFUSED'});
		assert.deepEqual(await engine.list(), []);
		const {grants, digest} = await engine.create(spec({egress: ['example.com:443'], networks: ['front']}));
		assert.deepEqual([grants.egress, grants.networks], [[], []]);
		assert.deepEqual(
			asked.map(({subject, spec}) => [subject, spec.name]),
			[
				['user:one', 'refused'],
				['user:one', undefined],
			],
		);
		assert.equal(asked[1]?.digest, digest);
	});

	promise('subsystems attach what was granted before it runs, and take it back', async (engine, {attached, detached}) => {
		const {id, grants} = await ran(engine, {name: 'attached'});
		assert.deepEqual([attached.map(one => [one.container, one.name, one.grants]), detached], [[[id, 'attached', grants]], [id]]);
		const {id: other} = await engine.create(spec({name: 'unattached'}));
		await assert.rejects(engine.start(other), /out of stock/);
		assert.equal((await engine.inspect(other)).state, 'created');
		assert.deepEqual(detached, [id, other]);
	});

	promise('each isolation that it names runs one, or is refused with what is lacking', async engine => {
		const strengths = ['inline', 'thread', 'process', 'sandbox'];
		const found = await engine.isolations();
		const names = found.map(({isolation}) => isolation);
		assert.deepEqual(
			names,
			strengths.filter(name => names.some(one => one === name)),
		);
		for (const {isolation, lack} of found) {
			if (lack === undefined) assert.deepEqual((await ran(engine, {isolation})).grants.isolation, isolation);
			else await assert.rejects(engine.create(spec({isolation})), {code: 'FORGE_ISOLATION_MISSING'});
		}
	});
}

/**
 * What every provider of `forgeone:runtime/containers` keeps, but for what is to outlive it. Admission and attachment are the suite's own; the audit
 * is faked, unless something else is named.
 */
export function containersContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const {with: others = [fake(audit, {append() {}})], ...rest} = options;
	const promise: Declare = (title, body) => {
		const told: Told = {asked: [], attached: [], detached: []};
		const declare = suite(test, 'containers', plugin, {...rest, with: [subsystems(told), ...others]});
		declare(title, kernel => body(kernel.as('one')(containers), told));
	};
	lives(promise);
	rules(promise);
}
