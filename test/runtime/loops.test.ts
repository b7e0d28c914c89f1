import {readFile} from 'node:fs/promises';
import {Agent, get} from 'node:http';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import {listeners} from '@forgeone/sdk';
import test from 'ava';
import {cells} from '../support/cells.ts';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, specOf} from '../support/runtime.ts';
import {leastOf, slowest} from '../support/times.ts';
import {commandOf} from '../support/wat.ts';

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));
const publish = [{address: '127.0.0.1', port: 0}];
const limits = {memory: 64n * 2n ** 20n, timeout: 120_000n};

/** The cells that have a processor all the time; a cell that only begins has one for a while. Looks again until they are so many, for a minute at most. */
async function computing(state: string, wanted: number): Promise<number[]> {
	let found: number[] = [];
	for (let i = 0; i < 30 && found.length !== wanted; i++) {
		const before = new Map((await cells(state)).map(({pid, cpu}) => [pid, cpu]));
		await pause(2_000);
		found = (await cells(state)).filter(({pid, cpu}) => cpu - (before.get(pid) ?? cpu) > 2).map(({pid}) => pid);
	}
	return found;
}

test.serial(
	'E: beside 4 guests that loop, a server takes for all but one of a hundred requests no more than twice the time that it takes alone',
	async t => {
		const state = await folderOf(t);
		const {kernel, containers} = await engineOf(t, state, {network});
		const {id} = await containers.create(specOf(app, {publish}));
		await containers.start(id);
		const [listener] = await (await kernel.link(listeners))().list();
		const agent = new Agent({keepAlive: true});
		t.teardown(() => agent.destroy());
		const ask = () =>
			new Promise(resolve => get({agent, host: '127.0.0.1', port: listener?.port}, response => response.resume().on('end', resolve)));
		await slowest(ask);

		const loop = specOf(await guest('loop-run'), {limits});
		for (let i = 0; i < 4; i++) await containers.start((await containers.create(loop)).id);
		// As long as it takes to see that they do nothing else.
		await pause(3_000);
		const loops = await computing(state, 4);
		t.is(loops.length, 4);
		const signal = (name: NodeJS.Signals) => loops.forEach(pid => void process.kill(pid, name));

		// They are stopped and go on in turn, so that whatever else this machine does is beside both.
		let alone = Number.POSITIVE_INFINITY;
		const beside = await leastOf(
			60,
			async () => {
				signal('SIGSTOP');
				alone = Math.min(alone, await slowest(ask));
				signal('SIGCONT');
				// Who was stopped is first served as one who has waited.
				await pause(100);
				return slowest(ask);
			},
			time => time <= 2 * Math.max(alone, 1),
		);
		t.log(`${alone.toFixed(2)} ms alone, ${beside.toFixed(2)} ms beside loops`);
		// Below a millisecond it is the machine's timers that are measured.
		t.true(beside <= 2 * Math.max(alone, 1), `${beside} ms beside loops, ${alone} ms alone`);
	},
);

test.serial('E: who has computed for a second yields to others, and no longer once he waits', async t => {
	const state = await folderOf(t);
	const {containers} = await engineOf(t, state);
	const image = await commandOf(
		t,
		`(local.set $b (i64.add (call $now) (i64.const 2500000000)))
		(loop $again (br_if $again (i64.lt_u (call $now) (local.get $b))))
		(call $block (call $timer (i64.const -1)))`,
	);
	await containers.start((await containers.create(specOf(image, {limits}))).id);
	const nice = async (pid: number) => Number((await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ').at(-1)?.split(' ')[16]);
	const found: number[] = [];
	// To yield less again takes a privilege.
	const wanted = process.getuid?.() === 0 ? [5, 10, 5] : [5, 10];
	for (let i = 0; i < 400 && found.length < wanted.length; i++) {
		await pause(50);
		const [cell] = (await cells(state)).sort((one, other) => other.cpu - one.cpu);
		const now = cell && (await nice(cell.pid));
		if (now !== undefined && now !== found.at(-1)) found.push(now);
	}
	t.deepEqual(found, wanted);
});
