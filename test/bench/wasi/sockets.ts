import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {connect, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {createKernel} from '@forgeone/core';
import network from '@forgeone/plugin-network';
import runtime from '@forgeone/plugin-runtime';
import storage from '@forgeone/plugin-storage';
import store from '@forgeone/plugin-storage/store';
import {containers, listeners} from '@forgeone/sdk';
import type {RuntimeTypes} from '@forgeone/wasm';
import {guest} from '../../support/guests.ts';
import {openPolicy, specOf} from '../../support/runtime.ts';
import {median, table, times} from '../measure.ts';

const MEGABYTES = 64;
const ROUNDS = 3;
const TRIPS = 2_000;

const echo =
	"require('node:net').createServer({allowHalfOpen: true}, s => s.pipe(s)).listen(0, '127.0.0.1', function () { console.log(this.address().port) })";

async function connected(port: number): Promise<Socket> {
	const socket = connect({port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true});
	await once(socket, 'connect');
	return socket;
}

/** Megabytes a second, there and back. */
async function throughput(port: number): Promise<number> {
	const socket = await connected(port);
	const start = performance.now();
	const piece = Buffer.alloc(65_536, 1);
	let got = 0;
	const all = new Promise(ended => socket.on('data', ({length}) => (got += length)).once('end', ended));
	for (let sent = 0; sent < MEGABYTES * 2 ** 20; sent += piece.length) if (!socket.write(piece)) await once(socket, 'drain');
	socket.end();
	await all;
	if (got !== MEGABYTES * 2 ** 20) throw new Error(`${got} bytes came back`);
	return MEGABYTES / ((performance.now() - start) / 1000);
}

/** Microseconds that one byte takes there and back. */
async function roundTrip(port: number): Promise<number> {
	const socket = await connected(port);
	const taken: number[] = [];
	for (let i = 0; i < TRIPS; i++) {
		const start = performance.now();
		socket.write('x');
		await once(socket, 'data');
		taken.push((performance.now() - start) * 1000);
	}
	socket.destroy();
	return median(taken);
}

async function measured(port: number): Promise<{rate: number; trip: number}> {
	const rates: number[] = [];
	for (let round = 0; round < ROUNDS; round++) rates.push(await throughput(port));
	return {rate: median(rates), trip: await roundTrip(port)};
}

async function ofNode(): Promise<{rate: number; trip: number}> {
	const child = spawn(process.execPath, ['-e', echo], {stdio: ['ignore', 'pipe', 'inherit']});
	const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
	const found = await measured(Number(port));
	child.kill();
	return found;
}

/** A guest that listens by itself and splices what comes back to where it came from. */
async function ofGuest(isolation: RuntimeTypes.Isolation): Promise<{rate: number; trip: number}> {
	const state = await mkdtemp(join(tmpdir(), 'forge-bench-'));
	const kernel = createKernel({state});
	await kernel.boot({plugins: {policy: openPolicy, runtime, store, storage, network}});
	try {
		const engine = (await kernel.link(containers))();
		const ports = (await kernel.link(listeners))();
		const publish = [{address: '127.0.0.1', port: 0}];
		const {id} = await engine.create(
			specOf(await guest('sockets-js'), {isolation, publish, arguments: ['server', '0', String(ROUNDS + 1)]}),
		);
		await engine.start(id);
		for (;;) {
			const [found] = await ports.list();
			if (found) return await measured(found.port);
			await delay(10);
		}
	} finally {
		await kernel.stop();
		await rm(state, {recursive: true});
	}
}

/** An echo over TCP by a guest, through the kernel half that its connections are made by, beside one by plain Node. */
export async function sockets(): Promise<void> {
	const [node, thread, process] = [await ofNode(), await ofGuest('thread'), await ofGuest('process')];
	const rows = Object.entries({'plain Node': node, 'guest in a thread': thread, 'guest in a process': process});
	table(
		[`echo of ${MEGABYTES} MiB over TCP`, 'MiB/s', 'beside Node', 'one byte there and back, µs', 'beside Node'],
		rows.map(([name, {rate, trip}]) => [name, rate.toFixed(0), times(rate / node.rate), trip.toFixed(0), times(trip / node.trip)]),
	);
}
