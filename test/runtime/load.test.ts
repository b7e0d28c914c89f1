import {Agent, get} from 'node:http';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import network from '@forgeone/plugin-network';
import {listeners} from '@forgeone/sdk';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {engineOf, folderOf, specOf} from '../support/runtime.ts';

/** How long the load lasts, in seconds: in a long test, a minute. */
const SECONDS = process.env.FORGE_TEST_LONG ? 60 : 3;

const CLIENTS = 64;

/** What a cell may grow by once it is warm, in bytes: garbage that was not collected yet. */
const NOISE = 96 * 1024 * 1024;

const app = fileURLToPath(new URL('../../templates/app-http-assemblyscript/build/app-http-assemblyscript.wasm', import.meta.url));

/** Asks again and again, from half of the clients each, until the time is over; how often it was answered. */
async function load(urls: readonly string[], milliseconds: number): Promise<number> {
	const agent = new Agent({keepAlive: true, maxSockets: CLIENTS});
	const end = performance.now() + milliseconds;
	let answered = 0;
	const client = async (url: string) => {
		while (performance.now() < end) {
			const response = await new Promise<Parameters<NonNullable<Parameters<typeof get>[2]>>[0]>((resolve, reject) =>
				get(url, {agent}, resolve).on('error', reject),
			);
			const said = await text(response);
			if (response.statusCode !== 200 || !said.startsWith('Hello')) throw new Error(`${response.statusCode} ${said}`);
			answered++;
		}
	};
	await Promise.all(Array.from({length: CLIENTS}, (_, i) => client(urls[i % urls.length] as string)));
	agent.destroy();
	return answered;
}

test.serial(
	'64 clients of a JavaScript and an AssemblyScript server, side by side: no error, and no growth once they are warm',
	async t => {
		t.timeout(SECONDS * 2_000 + 60_000);
		const {kernel, containers} = await engineOf(t, await folderOf(t), {network});
		const ids: string[] = [];
		for (const image of [app, await guest('http-js')]) {
			const {id} = await containers.create(
				specOf(image, {publish: [{address: '127.0.0.1', port: 0}], limits: {memory: 256n * 1024n * 1024n, instances: 4}}),
			);
			await containers.start(id);
			ids.push(id);
		}
		const list = await (await kernel.link(listeners))().list();
		const urls = ids.map(id => `http://127.0.0.1:${list.find(({container}) => container === id)?.port}/`);
		const memory = async () => Promise.all(ids.map(async id => Number((await containers.stats(id)).memory)));
		await load(urls, Math.min(SECONDS, 10) * 1000);
		const before = await memory();
		const answered = await load(urls, SECONDS * 1000);
		const after = await memory();
		t.log(`${answered} answers, memory ${before} then ${after}`);
		t.true(answered > CLIENTS);
		for (const [index, bytes] of after.entries()) t.true(bytes - (before[index] ?? 0) < NOISE, `${before} then ${after}`);
	},
);
