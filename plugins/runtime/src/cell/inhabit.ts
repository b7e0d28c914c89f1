import type {Server as NetServer} from 'node:net';
import {type Call, type CellHalf, type OpenHalf, sparing, type Usage} from '@forgeone/sdk/cell';
import {adopt, reasonOf, type SharedComponent, unpack} from '@forgeone/wasm';
import {type Channel, createChannel} from '../channel/channel.ts';
import type {Exchange} from '../channel/exchange.ts';
import type {Wire} from '../channel/frame.ts';
import type {Ending, Task} from '../isolation.ts';
import {endingOf} from './ending.ts';
import {createGuest, type Guest} from './guest.ts';
import {crypto, hostHalf} from './host.ts';
import {names} from './names.ts';
import {rehearse} from './rehearsal.ts';
import {createStdio, type Stdio} from './stdio.ts';
import {createUpkeep, type Ground, threadGround, type Upkeep} from './upkeep.ts';

/** What the place in which a cell lives does for it. */
export interface Place {
	/** The listeners that it is handed over, so many. */
	listeners(count: number): Promise<readonly NetServer[]>;
	/** Gives up all that a guest's host need not do from now on. */
	seal(files: Task['files']): void;
	/** What it is made of, as it is now. */
	ground(): Ground;
}

/** What a call of a half takes beside its head, in bytes, about; where its guest holds the thread, all of it waits here. */
const CALL = 2048;

/** Where a rehearsal takes place. */
const stage: Place = {listeners: async () => [], seal: () => undefined, ground: threadGround};

async function bytesOf(call: Exchange): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	for (let bytes = await call.read(); bytes; bytes = await call.read()) pieces.push(bytes);
	return Buffer.concat(pieces);
}

/** Lives in a cell: waits for a task, and runs its component to the end. */
export function inhabit(wire: Wire, place: Place): void {
	const usage: Usage = {read: 0, written: 0, requests: 0};
	const {promise: guest, resolve: arrived, reject: failed} = Promise.withResolvers<Guest>();
	guest.catch(() => undefined);
	const loaded = new Map<string, Promise<{default: OpenHalf}>>();
	const closers: (() => Promise<void>)[] = [];
	/** What ends with the cell, the latest first. */
	const ends: (() => void)[] = [];
	const fresh = sparing();
	let over = false;
	let begun = false;
	let stdio: Stdio | undefined;
	let upkeep: Upkeep | undefined;
	let finished: ((ending: Ending) => void) | undefined;
	let here: Guest | undefined;

	const channel: Channel = createChannel(wire, 'cell', {
		take(to, call, object) {
			if (to === names.warm) void warm(call);
			else if (to === names.start) void start(call, object);
			else if (to === names.input) opened().input.resolve(call);
			else if (to === names.serve) void serve(call);
			else if (to === names.pulse) pulse(call);
			else if (to === names.drain) void drain(call);
			else call.cancel(`nobody here is called "${to}"`);
		},
		kept(bytes) {
			try {
				upkeep?.pass(bytes);
			} catch (error) {
				finished?.(endingOf(error));
			}
		},
		lost() {
			over = true;
			for (const end of ends.splice(0).reverse()) end();
		},
	});

	/** Ends something with the cell. */
	function defer(end: () => void): void {
		if (over) end();
		else ends.push(end);
	}

	function opened(): Stdio {
		stdio ??= createStdio(name => channel.open(name, ''), channel.flush);
		return stdio;
	}

	/** Loads a module once: to ask for one that is loaded takes its time, too. */
	function halfOf(module: string): Promise<{default: OpenHalf}> {
		const loading = loaded.get(module) ?? import(module);
		loaded.set(module, loading);
		return loading;
	}

	/** Answers with what went wrong: it will go wrong again, and be told, when it matters. */
	async function warm(call: Exchange): Promise<void> {
		const modules: string[] = JSON.parse(call.head());
		const play = async (): Promise<void> =>
			rehearse(
				await bytesOf(call),
				wire => inhabit(wire, stage),
				() => begun,
			);
		const results = await Promise.allSettled([play(), ...modules.map(halfOf)]);
		// Most guests seed something at once.
		if (!begun) crypto();
		call.answer(JSON.stringify(results.flatMap(result => (result.status === 'rejected' ? [reasonOf(result.reason)] : []))));
		call.finish();
	}

	function refused(action: string, what: string, grant: string): void {
		// Said again and again, it would wait here as long as the guest holds the thread; the kernel looks for itself.
		if (fresh(what)) channel.open(names.refused, JSON.stringify([action, what, grant])).finish();
	}

	async function halvesOf(task: Task, upkeep: Upkeep): Promise<CellHalf[]> {
		const {container} = task;
		const modules = await Promise.all(task.parts.map(({module}) => halfOf(module)));
		const halves = modules.map(({default: open}, index) => {
			const {plugin, data} = task.parts[index] as Task['parts'][number];
			const call = (head: string) => {
				upkeep.pass(CALL + 2 * head.length);
				return channel.open(names.part + plugin, head);
			};
			return open({container, data: JSON.parse(data), usage, refused, call});
		});
		const all = [hostHalf(task, opened()), ...halves];
		for (const half of all) defer(() => half.close?.());
		return all;
	}

	async function listen(task: Task, halves: readonly CellHalf[]): Promise<void> {
		const counts = task.parts.map(({listeners}) => listeners);
		const all = counts.reduce((sum, count) => sum + count, 0);
		if (all === 0) return;
		const listeners = [...(await place.listeners(all))];
		const take = async (call: Call) => (await guest).serve(call);
		for (const [index, count] of counts.entries()) {
			// The first half is the runtime's own.
			const half = halves[index + 1];
			for (const listener of listeners.splice(0, count)) closers.push(half?.listen?.(listener, take) ?? (async () => undefined));
		}
		channel.open(names.listening, '').finish();
	}

	/** The component comes last: where it is compiled, there is nothing left to reach. */
	async function prepare(task: Task, call: Exchange, object: unknown): Promise<Guest> {
		const here = createUpkeep(place.ground(), task);
		upkeep = here;
		const halves = await halvesOf(task, here);
		await listen(task, halves);
		place.seal(task.files);
		channel.open(names.begun, '').finish();
		// By itself it goes out at the end of this turn, which a guest may never let come.
		channel.flush();
		const component = object === undefined ? await unpack(await bytesOf(call)) : adopt(object as SharedComponent);
		const guest = createGuest(task, component, halves, here);
		defer(guest.close);
		return guest;
	}

	async function start(call: Exchange, object: unknown): Promise<void> {
		begun = true;
		const task: Task = JSON.parse(call.head());
		finished = ending => {
			call.answer(JSON.stringify(ending));
			call.finish();
		};
		try {
			here = await prepare(task, call, object);
			arrived(here);
			if (task.entry.kind === 'server') return;
			const ending = await here.command();
			opened().end();
			finished(ending);
		} catch (error) {
			failed(error);
			finished(endingOf(error));
		}
	}

	async function serve(call: Exchange): Promise<void> {
		try {
			await (await guest).serve(call);
		} catch (error) {
			call.cancel(JSON.stringify(endingOf(error)));
		}
	}

	async function drain(call: Exchange): Promise<void> {
		await Promise.all(closers.map(close => close()));
		call.answer('');
		call.finish();
	}

	function pulse(call: Exchange): void {
		const idle = {instances: 0, memory: 0, fuel: 0, active: 0};
		call.answer(JSON.stringify({...usage, ...(here?.pulse() ?? idle)}));
		call.finish();
	}
}
