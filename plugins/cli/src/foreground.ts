import {once} from 'node:events';
import {type Engine, follow} from '@forgeone/sdk/client';
import type {Containers, RuntimeTypes} from '@forgeone/wasm';
import {plain} from './text.ts';

/** What a guest that is asked to end may take, in milliseconds. */
const GRACE = 10_000;

/**
 * Writes bytes as they are to where they belong, no faster than they are taken; only a terminal never gets a guest's control characters. Where
 * nobody reads any more, nothing is left to wait for.
 */
function createWriter(): (output: Containers.Output) => Promise<void> {
	const decoders = {stdout: new TextDecoder(), stderr: new TextDecoder()};
	return async ({source, data}) => {
		const stream = process[source];
		const shown = stream.isTTY ? plain(decoders[source].decode(data, {stream: true})) : data;
		if (!stream.write(shown)) await once(stream, 'drain').catch(() => undefined);
	};
}

/** Standard input into the guest, until either ends. */
async function pump({containers}: Engine, id: string): Promise<void> {
	for await (const chunk of process.stdin) await containers.write(id, chunk);
	await containers.write(id, new Uint8Array());
}

async function announce({listeners}: Engine, id: string): Promise<void> {
	for (const {container, address, port, protocol} of await listeners.list()) {
		const host = address.includes(':') ? `[${address}]` : address;
		if (container === id) console.error(`listening on ${protocol ?? 'http'}://${host}:${port}`);
	}
}

/** What asks a process to end; the last one comes where its terminal closes. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C asks the guest to end, a second one ends it; so does a reader that went away. Returns what undoes it. */
function interrupts({containers}: Engine, id: string): () => void {
	let asked = false;
	const quietly = (work: Promise<unknown>) => void work.catch(() => undefined);
	const interrupt = () => {
		if (!asked) console.error('forge: asked the guest to end; Ctrl-C again ends it at once');
		quietly(asked ? containers.kill(id) : containers.stop(id, GRACE));
		asked = true;
	};
	const unread = () => quietly(containers.kill(id));
	for (const signal of signals) process.on(signal, interrupt);
	for (const stream of [process.stdout, process.stderr]) stream.on('error', unread);
	return () => {
		for (const signal of signals) process.off(signal, interrupt);
		for (const stream of [process.stdout, process.stderr]) stream.off('error', unread);
	};
}

async function attend(engine: Engine, id: string, publishes: boolean): Promise<number> {
	const {containers} = engine;
	if (publishes) await announce(engine, id);
	pump(engine, id).catch(() => undefined);
	const write = createWriter();
	for await (const piece of follow(containers, id)) await write(piece);
	const {exitCode = 125, reason} = await containers.inspect(id);
	if (reason !== undefined) console.error(plain(`forge: ${reason}`));
	return exitCode;
}

/** Runs a container with this terminal as its own, and returns its exit code. One that could not be started leaves nothing behind. */
export async function runForeground(engine: Engine, spec: RuntimeTypes.Spec): Promise<number> {
	const {containers} = engine;
	// It is forgotten here, after its end was read; the runtime would forget the exit code with it.
	const {id} = await containers.create({...spec, attached: true, interactive: true, remove: false});
	const restore = interrupts(engine, id);
	let started = false;
	try {
		await containers.start(id);
		started = true;
		return await attend(engine, id, spec.publish.length > 0);
	} finally {
		restore();
		process.stdin.destroy();
		if (spec.remove || !started) await containers.remove(id, true).catch(() => undefined);
	}
}
