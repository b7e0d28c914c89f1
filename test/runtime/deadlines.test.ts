import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import {listeners} from '@forgeone/sdk';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {isolations} from '../support/isolations.ts';
import {engineOf, folderOf, specOf} from '../support/runtime.ts';
import {leastOf, slowest} from '../support/times.ts';
import {fileOf} from '../support/wat.ts';

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));
const memory = 64n * 2n ** 20n;

/** A handler of requests that loops. */
const spinning = `(component
	(import "wasi:http/types@0.2.0" (instance $types
		(export "incoming-request" (type (sub resource)))
		(export "response-outparam" (type (sub resource)))))
	(alias export $types "incoming-request" (type $request))
	(alias export $types "response-outparam" (type $out))
	(core module $guest (func (export "handle") (param i32 i32) (loop $again (br $again))))
	(core instance $guest (instantiate $guest))
	(func $handle (param "request" (own $request)) (param "response-out" (own $out)) (canon lift (core func $guest "handle")))
	(instance $exports (export "handle" (func $handle)))
	(export "wasi:http/incoming-handler@0.2.0" (instance $exports)))`;

const spinningStart = '(module (memory (export "memory") 1) (func (export "_start") (loop $again (br $again))))';

/** How long after its deadline a guest may still be there, in milliseconds. */
const LATE = 250;

for (const [where, image] of [
	['its run', () => guest('loop-run')],
	['its start section', () => guest('loop-start')],
] as const) {
	for (const {isolation, trying, note} of isolations.filter(({isolation}) => isolation !== 'inline')) {
		trying(`A1: a guest that loops in ${where} (${isolation}) is ended within 250 ms of its deadline, with 124${note}`, async t => {
			const {containers} = await engineOf(t, await folderOf(t));
			const spec = specOf(await image(), {isolation, limits: {memory, timeout: 500n}});
			const round = async () => {
				const {id} = await containers.create(spec);
				await containers.start(id);
				const {exitCode, reason, started = 0n, finished = 0n} = await containers.wait(id, 30_000);
				t.deepEqual([exitCode, reason], [124, 'deadline of 500 ms exceeded']);
				// Timers and the clock of the day may differ by a little.
				t.true(finished - started >= 490n, `${finished - started} ms`);
				return Number(finished - started) - 500;
			};
			const late = await leastOf(10, round, least => least <= LATE);
			t.log(`ended ${late} ms after its deadline`);
			t.true(late <= LATE, `${late} ms`);
		});
	}
}

test.serial('A1: a guest for preview1 that loops in _start is ended at its deadline, with 124', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {id} = await containers.create(specOf(await fileOf(t, spinningStart), {limits: {memory, timeout: 1_000n}}));
	await containers.start(id);
	t.like(await containers.wait(id, 30_000), {exitCode: 124, reason: 'deadline of 1000 ms exceeded'});
});

test.serial('A1: a handler that loops is ended at the deadline of a request, and another cell answers the next', async t => {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
	const spec = specOf(await fileOf(t, spinning), {publish: [{address: '127.0.0.1', port: 0}], limits: {memory, timeout: 1_000n}});
	const {id} = await containers.create(spec);
	await containers.start(id);
	const [listener] = await (await kernel.link(listeners))().list();
	for (let i = 0; i < 2; i++) {
		const before = Date.now();
		const ask = () => fetch(`http://127.0.0.1:${listener?.port}/`);
		// A connection that waited at the cell which is ended is reset with it: its client asks again.
		const {status} = await ask().catch(ask);
		const late = Date.now() - before - 1_000;
		t.true(status >= 500, String(status));
		t.true(late > -100, `${late} ms`);
		t.log(`${status} ${late} ms after the deadline`);
		t.is((await containers.inspect(id)).state, 'running');
	}
});

/** How long 99 of 100 calls may take while guests loop, in milliseconds. */
const ANSWER = 100;

test.serial('A1: while 8 guests loop, the engine answers 99 of 100 calls within 100 ms, and a server beside them too', async t => {
	const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
	const {id: quiet} = await containers.create(specOf(app, {publish: [{address: '127.0.0.1', port: 0}]}));
	await containers.start(quiet);
	const [listener] = await (await kernel.link(listeners))().list();
	const url = `http://127.0.0.1:${listener?.port}/`;
	await fetch(url).then(answer => answer.text());
	const loop = specOf(await guest('loop-run'), {limits: {memory, timeout: 120_000n}});
	const ids = await Promise.all(Array.from({length: 8}, async () => (await containers.create(loop)).id));
	await Promise.all(ids.map(id => containers.start(id)));
	await pause(1_000);
	for (const [what, ask] of [
		['the engine', () => containers.inspect(quiet)],
		['a server', () => fetch(url).then(answer => answer.text())],
	] as const) {
		const time = await leastOf(
			20,
			() => slowest(ask),
			least => least < ANSWER,
		);
		t.log(`${what}: ${time.toFixed(1)} ms`);
		t.true(time < ANSWER, `${what}: ${time} ms`);
	}
	for (const {state} of await containers.list()) t.is(state, 'running');
	await Promise.all(ids.map(id => containers.kill(id)));
});
