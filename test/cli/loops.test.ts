import {writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {join} from 'node:path';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {leastOf, slowest} from '../support/times.ts';
import {bareOf, fileOf} from '../support/wat.ts';
import {forgeOf, until} from './forge.ts';

/** How long a call of the daemon may take while guests loop, and how long after its deadline a guest may be there, in milliseconds. */
const ANSWER = 100;
const LATE = 250;

/** Where it was when it ended, as `forge inspect` tells. */
interface Told {
	readonly name: string;
	readonly state: string;
	readonly exitCode?: number;
	readonly reason?: string;
	readonly started: string;
	readonly finished: string;
}

/** A question to the daemon's own socket. */
function ask(socketPath: string, path: string): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const call = request({socketPath, path, headers: {host: 'localhost'}}, response =>
			response.resume().on('end', () => resolve(response.statusCode)),
		);
		call.on('error', reject).end();
	});
}

const looping = '(func $spin (loop $again (br $again)))';

test.serial(
	'A1: while 8 guests loop, in their run, their start section and _start, the daemon answers 99 of 100 calls within 100 ms',
	async t => {
		const forge = await forgeOf(t);
		const images = [
			await guest('loop-run'),
			await guest('loop-start'),
			await bareOf(t, `${looping} (start $spin)`),
			await fileOf(t, `(module (memory (export "memory") 1) ${looping} (export "_start" (func $spin)))`),
		];
		const containers = Object.fromEntries([...images, ...images].map((image, i) => [`loop-${i}`, {image, limits: {timeout: '120s'}}]));
		await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({containers}));
		const {code, err} = await forge(['up', '-d']);
		t.is(code, 0, err);
		const socket = join(forge.home, 'run/forge.sock');
		for (const path of ['/v1/info', '/v1/containers']) {
			const time = await leastOf(
				20,
				() => slowest(async () => t.is(await ask(socket, path), 200)),
				least => least < ANSWER,
			);
			t.log(`${path}: ${time.toFixed(1)} ms`);
			t.true(time < ANSWER, `${path}: ${time} ms`);
		}
		const all: Told[] = JSON.parse((await forge(['ps', '-a', '--json'])).out);
		t.deepEqual(
			all.map(({state}) => state),
			Array.from({length: 8}, () => 'running'),
		);
	},
);

test.serial('A1: a daemon ends a guest that loops within 250 ms of its deadline, with 124', async t => {
	const forge = await forgeOf(t);
	const image = await guest('loop-run');
	const late = await leastOf(
		10,
		async () => {
			const {out, err} = await forge(['run', '-d', '--timeout', '500ms', image]);
			const id = out.trim();
			t.regex(id, /^[0-9a-f]{12}$/, err);
			const found = async (): Promise<Told> => JSON.parse((await forge(['inspect', id, '--json'])).out);
			await until(async () => (await found()).state === 'exited');
			const {exitCode, reason, started, finished} = await found();
			t.deepEqual([exitCode, reason], [124, 'deadline of 500 ms exceeded']);
			return Number(finished) - Number(started) - 500;
		},
		least => least <= LATE,
	);
	t.log(`${late} ms`);
	t.true(late <= LATE && late >= -10, `${late} ms`);
});
