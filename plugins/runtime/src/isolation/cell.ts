import {reasonOf} from '@forgeone/core';
import {Bell} from '@forgeone/sdk/cell';
import {names} from '../cell/names.ts';
import {type Channel, createChannel} from '../channel/channel.ts';
import type {Exchange} from '../channel/exchange.ts';
import {BREACH} from '../channel/frame.ts';
import type {Cell, Ending, Handed, Listener, Program, Pulse, Task, Vessel} from '../isolation.ts';
import {rehearsal} from './rehearsal.ts';

/** The longest reason that a cell is believed, in characters. */
const REASON = 4096;

/** How long a cell may be there after it has left its channel, in milliseconds. */
const GRACE = 2_000;

const count = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0);

/** What a cell says of the end of its guest, as far as it can be true. */
function endingOf(text: string): Ending {
	const {code, reason} = JSON.parse(text);
	const known = Number.isInteger(code) && code >= 0 && code <= 255;
	return {code: known ? code : 125, ...(typeof reason === 'string' ? {reason: reason.slice(0, REASON)} : {})};
}

/** As the operator is told of it. */
const told = (ending: Ending): Ending => (ending.words ? {code: ending.code, reason: `${ending.reason}: ${ending.words}`} : ending);

function pulseOf(text: string): Pulse {
	const {read, written, requests, instances, memory, fuel, active} = JSON.parse(text);
	return {
		read: count(read),
		written: count(written),
		requests: count(requests),
		instances: count(instances),
		memory: count(memory),
		fuel: count(fuel),
		active: count(active),
	};
}

/** What a cell says its guest was refused: what it tried, what that was about, and what would have granted it. */
function wordsOf(text: string): [action: string, what: string, grant: string] {
	const [action, what, grant] = JSON.parse(text);
	return [action, what, grant].map(word => String(word).slice(0, REASON)) as [string, string, string];
}

/** Makes the kernel's side of a cell. */
export function createCell(vessel: Vessel): Cell {
	const once = new Set<string>();
	const drains: Promise<void>[] = [];
	const hurry = new Bell();
	let listener: Listener | undefined;
	let listeners: readonly Handed[] = [];
	let input: Exchange | undefined;
	let over: Ending | undefined;

	const channel: Channel = createChannel(vessel.wire, 'kernel', {
		take(to, call) {
			if (to.startsWith(names.part)) return listener?.called(to.slice(names.part.length), call);
			if (to === names.refused) return refused(call);
			if (once.has(to)) throw new Error(`a second call to "${to}"`);
			if (to === names.stdout || to === names.stderr) drains.push(drain(to, call));
			else if (to === names.listening) listening(call);
			else if (to === names.begun) begun(call);
			else throw new Error(`a call to ${JSON.stringify(to.slice(0, REASON))}`);
			once.add(to);
		},
		lost(reason) {
			// Whoever broke the protocol is not asked how it ended. What has ended by itself says so, but need not be believed to end.
			if (reason.startsWith(BREACH)) void end({code: 137, reason});
			else if (!over) setTimeout(end, GRACE, {code: 137, reason: 'its cell has left the kernel'}).unref();
		},
	});
	void vessel.gone.then(end);

	/** Reads what a cell says of itself: what can not be read ends it. */
	function believe<T>(text: string, read: (text: string) => T): T {
		try {
			return read(text);
		} catch (error) {
			void end({code: 137, reason: `${BREACH}: ${reasonOf(error)}`});
			throw error;
		}
	}

	/** What has come of its output is told first, whether anybody reads it or not. */
	async function end(ending: Ending): Promise<void> {
		if (over) return;
		over = ending;
		const reason = ending.reason ?? `the guest exited with ${ending.code}`;
		channel.foretell(reason);
		hurry.ring();
		// Somebody listens all the time, and who is told that the cell has failed finds the one who does.
		await Promise.all(listeners.map(each => each.returned()));
		await vessel.kill();
		channel.close(reason);
		await Promise.all(drains);
		listener?.ended(told(ending));
	}

	async function drain(source: 'stdout' | 'stderr', call: Exchange): Promise<void> {
		call.finish();
		try {
			for (let bytes = await call.read(); bytes; bytes = await call.read()) {
				await passed(listener?.output(source, bytes));
			}
		} catch {
			// The cell is gone, and that is told elsewhere.
		}
	}

	/** Waits until output has come by, or nobody waits any longer. */
	async function passed(output: void | Promise<void>): Promise<void> {
		if (!output || over) return;
		await new Promise<void>(resolve => {
			const leave = hurry.watch(resolve);
			void output.then(resolve, resolve).then(leave);
		});
	}

	function refused(call: Exchange): void {
		call.finish();
		const [action, what, grant] = believe(call.head(), wordsOf);
		listener?.refused(action, what, grant);
	}

	function begun(call: Exchange): void {
		call.finish();
		listener?.begun();
	}

	function listening(call: Exchange): void {
		call.finish();
		vessel.handed();
		for (const each of listeners) each.given();
	}

	async function run(task: Task, {packed, shared}: Program): Promise<void> {
		const metered = vessel.fuel === undefined ? task : {...task, fuel: vessel.fuel};
		const object = vessel.shares ? await shared(vessel.fuel !== undefined) : undefined;
		const started = channel.open(names.start, JSON.stringify(metered), object);
		started
			.reply()
			.then(reply => end(believe(reply, endingOf)))
			.catch(() => undefined);
		if (!vessel.shares) await started.write(packed);
		started.finish();
		// Whoever started it has a record to write now, while the cell begins.
		channel.flush();
		if (listeners.length === 0) vessel.handed();
	}

	return {
		get alive() {
			return over === undefined;
		},
		listens: vessel.listens,
		warm(modules) {
			const call = channel.open(names.warm, JSON.stringify([...modules]));
			// Where that fails, the first life in it is no play.
			void rehearsal()
				.then(program => call.write(program))
				.catch(() => undefined)
				.finally(() => call.finish());
		},
		start(task, program, handed, to) {
			listener = to;
			if (over) return to.ended(told(over));
			listeners = handed;
			vessel.hand(listeners);
			run(task, program).catch(error => end({code: 125, reason: reasonOf(error)}));
		},
		async write(data) {
			if (over) return;
			input ??= channel.open(names.input, '');
			if (data) await input.write(data).catch(() => undefined);
			else input.finish();
		},
		open: (head, over) => channel.open(names.serve, head, undefined, over),
		pulse: async () => believe(await channel.ask(names.pulse, ''), pulseOf),
		async drain() {
			await channel.ask(names.drain, '').catch(() => undefined);
		},
		cost: vessel.cost,
		yields: to => vessel.yields?.(to),
		async kill(ending = {code: 137, reason: 'killed'}) {
			await end(ending);
			await vessel.kill();
		},
	};
}
