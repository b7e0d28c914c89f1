import type {Socket} from 'node:net';
import {duplexPair} from 'node:stream';
import {createChannel} from '../channel/channel.ts';
import type {Exchange} from '../channel/exchange.ts';
import type {Wire} from '../channel/frame.ts';
import {socketWire} from '../channel/wires.ts';
import type {Task} from '../isolation.ts';
import {names} from './names.ts';

/** How often the life of a cell is played: more would make the next one hardly faster, and leave a megabyte of garbage each. */
const LIVES = 2;

/** What it is that a cell may play without being given anything. */
const task: Task = {
	container: 'rehearsal',
	parts: [],
	arguments: ['rehearsal'],
	environment: [['NAME', 'value']],
	config: [],
	entry: {interface: 'wasi:cli/run@0.2.0', kind: 'command'},
	resolution: 1,
	memory: 2 ** 20,
	instances: 1,
	room: 2 ** 26,
	timeout: 0,
	files: 'none',
};

/** Plays the kernel for a cell that runs a command to its end. Throws where that fails. */
async function life(program: Uint8Array, inhabit: (wire: Wire) => void): Promise<void> {
	const [here, there] = duplexPair() as [Socket, Socket];
	inhabit(socketWire(there));
	const kernel = createChannel(socketWire(here, true), 'kernel', {
		take: (_, call: Exchange) => call.finish(),
		lost: () => undefined,
	});
	const started = kernel.open(names.start, JSON.stringify(task));
	await started.write(program);
	started.finish();
	const {code, reason} = JSON.parse(await started.reply());
	kernel.close('over');
	if (code !== 0) throw new Error(`the rehearsal ended with ${code}: ${reason}`);
}

/** Runs a command in cells within this one, so that V8 has compiled the way to a guest when the first one comes; no more of them once it `came`. */
export async function rehearse(program: Uint8Array, inhabit: (wire: Wire) => void, came: () => boolean): Promise<void> {
	for (let played = 0; played < LIVES && !came(); played++) await life(program, inhabit);
}
