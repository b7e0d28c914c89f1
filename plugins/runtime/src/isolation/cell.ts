import {reasonOf} from '@forgeone/core';
import {names} from '../cell/names.ts';
import {type Channel, createChannel} from '../channel/channel.ts';
import type {Exchange} from '../channel/exchange.ts';
import type {Cell, Ending, Listener, Outfit, Program, Pulse, Task, Vessel} from '../isolation.ts';

/** The longest reason that a cell is believed. */
const REASON = 4096;

const count = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0);

/** What a cell says of the end of its guest, as far as it can be true. */
function endingOf(text: string): Ending {
	const {code, reason} = JSON.parse(text);
	const known = Number.isInteger(code) && code >= 0 && code <= 255;
	return {code: known ? code : 125, ...(typeof reason === 'string' ? {reason: reason.slice(0, REASON)} : {})};
}

function pulseOf(text: string): Pulse {
	const {read, written, requests, instances, memory, active} = JSON.parse(text);
	return {
		read: count(read),
		written: count(written),
		requests: count(requests),
		instances: count(instances),
		memory: count(memory),
		active: count(active),
	};
}

/** Makes the kernel's side of a cell. */
export function createCell(vessel: Vessel): Cell {
	const drains: Promise<void>[] = [];
	const {promise: hurry, resolve: hasten} = Promise.withResolvers<void>();
	let listener: Listener | undefined;
	let listeners: Outfit['listeners'] = [];
	let input: Exchange | undefined;
	let over: Ending | undefined;

	const channel: Channel = createChannel(vessel.wire, 'kernel', {
		take(to, call) {
			if (to === names.stdout || to === names.stderr) drains.push(drain(to, call));
			else if (to.startsWith(names.part)) listener?.called(to.slice(names.part.length), call);
			else if (to === names.listening) listening(call);
			else throw new Error(`a call to "${to}"`);
		},
		lost(reason) {
			// Whoever broke the protocol is not asked how it ended.
			if (reason.startsWith('it broke')) void end({code: 137, reason});
		},
	});
	void vessel.gone.then(end);

	/** What has come of its output is told first, whether anybody reads it or not. */
	async function end(ending: Ending): Promise<void> {
		if (over) return;
		over = ending;
		const killed = vessel.kill();
		hasten();
		channel.close(ending.reason ?? `the guest exited with ${ending.code}`);
		await Promise.all([...drains, killed]);
		for (const each of listeners) each.returned();
		listener?.ended(ending);
	}

	async function drain(source: 'stdout' | 'stderr', call: Exchange): Promise<void> {
		call.finish();
		try {
			for (let bytes = await call.read(); bytes; bytes = await call.read()) {
				await Promise.race([listener?.output(source, bytes), hurry]);
			}
		} catch {
			// The cell is gone, and that is told elsewhere.
		}
	}

	function listening(call: Exchange): void {
		call.finish();
		for (const each of listeners) each.given();
	}

	async function run(task: Task, {bytes, shared}: Program): Promise<void> {
		const metered = vessel.fuel === undefined ? task : {...task, fuel: vessel.fuel};
		const started = channel.open(names.start, JSON.stringify(metered), vessel.shares ? await shared() : undefined);
		started.reply().then(
			reply => end(endingOf(reply)),
			() => undefined,
		);
		if (!vessel.shares) await started.write(bytes);
		started.finish();
	}

	return {
		listens: vessel.listens,
		warm(modules) {
			channel.ask(names.warm, JSON.stringify([...modules])).catch(() => undefined);
		},
		start(task, program, handed, to) {
			// One that was kept warm may have broken meanwhile.
			if (over) return to.ended(over);
			listener = to;
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
		open: head => channel.open(names.serve, head),
		pulse: async () => pulseOf(await channel.ask(names.pulse, '')),
		async drain() {
			await channel.ask(names.drain, '').catch(() => undefined);
		},
		cost: vessel.cost,
		kill: ending => (ending ? end(ending) : vessel.kill()),
	};
}
