import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {type Provider, reasonOf} from '@forgeone/core';
import type {handlers, KernelCall} from '@forgeone/sdk';
import type {Containers} from '@forgeone/wasm';
import {type Creating, createCreation} from './creation.ts';
import {errors} from './errors.ts';
import type {Ending} from './isolation.ts';
import {readJournal, removeJournal} from './journal.ts';
import {createLaunch, type Launching} from './launching.ts';
import {alive, type Row, self} from './records.ts';
import {delayOf, wanted} from './restart.ts';
import type {Running} from './running.ts';

type Container = Containers.Container;

/** What the containers are made of. */
export interface Parts extends Creating, Omit<Launching, 'journals'> {
	readonly state: string;
}

/** The functions of the two contracts, where `create` is told who calls; and the engine's own beginning and end. */
export interface ContainerEngine extends Omit<Provider<typeof Containers>, 'create'>, Provider<NonNullable<typeof handlers.shape>> {
	readonly create: ReturnType<typeof createCreation>;
	/** Records the end of what ran in processes that are gone. */
	recover(): void;
	/** Ends all that run here. */
	close(): Promise<void>;
}

/** How often a container of another process is looked at, in milliseconds. */
const GLANCE = 200;

/** How long the record of a container that is to be forgotten stays for its attached reader, in milliseconds. */
const FAREWELL = 10_000;

/** The containers of this machine: those that run here, and the records of all. */
export function createContainers(parts: Parts): ContainerEngine {
	const {state, log, records, isolations, attachment, sinks} = parts;
	const running = new Map<string, Running>();
	const waiting = new Map<string, NodeJS.Timeout>();
	const journals = join(state, 'logs');
	const launched = createLaunch({...parts, journals});
	let closing = false;

	function change(row: Row, changes: Partial<Container>): Row {
		const next = {container: {...row.container, ...changes}, keeper: changes.state === 'running' ? self : undefined};
		records.save(next);
		return next;
	}

	async function launch({container}: Row): Promise<Container> {
		const {id, spec} = container;
		const made = await launched(container);
		if (!spec.interactive) void made.write(undefined);
		running.set(id, made);
		// The cell begins while the record is written.
		await made.begun;
		const row = await begun(container, made);
		void made.ended
			.then(ending => ended(row, made, ending))
			.catch(error => log.error({err: error, container: id}, 'could not record an end'));
		return row.container;
	}

	/** Records that it runs; what can not be recorded does not run. */
	async function begun({exitCode, reason, finished, ...rest}: Container, made: Running): Promise<Row> {
		try {
			return change({container: rest, keeper: self}, {state: 'running', started: BigInt(Date.now())});
		} catch (error) {
			await made.kill({code: 125, reason: reasonOf(error)});
			running.delete(rest.id);
			made.journal.end();
			await attachment.detach(rest.id);
			throw error;
		}
	}

	async function ended(row: Row, made: Running, {code, reason}: Ending): Promise<void> {
		const {id, spec, started = 0n, restarts} = row.container;
		sinks.hurry();
		await attachment.detach(id);
		const again = !closing && !stopping.has(id) && wanted(spec.restart, code);
		const finished = BigInt(Date.now());
		const why = reason === undefined ? {} : {reason};
		const over = change(row, {state: again ? 'restarting' : 'exited', exitCode: code, finished, ...why});
		running.delete(id);
		made.journal.end();
		log.info({container: id, code, reason}, 'exited');
		if (again) {
			const delay = delayOf(restarts, Number(finished - started));
			waiting.set(id, setTimeout(() => void restart(over), delay).unref());
		} else if (spec.remove) {
			if (spec.attached) setTimeout(forget, FAREWELL, id).unref();
			else forget(id);
		}
	}

	const stopping = new Set<string>();

	async function restart(row: Row): Promise<void> {
		const {id, restarts} = row.container;
		waiting.delete(id);
		try {
			await launch({...row, container: {...row.container, restarts: restarts + 1}});
		} catch (error) {
			log.error({err: error, container: id}, 'could not restart');
			change(row, {state: 'exited', exitCode: 125, reason: String(error)});
		}
	}

	function forget(id: string): void {
		records.remove(id);
		removeJournal(journals, id);
	}

	/** The container as it runs here. Throws FORGE_CONTAINER_ELSEWHERE, FORGE_CONTAINER_EXITED. */
	function here(reference: string): {id: string; made: Running} {
		const {container, keeper} = records.find(reference);
		const made = running.get(container.id);
		if (made) return {id: container.id, made};
		if (keeper && alive(keeper)) throw errors.FORGE_CONTAINER_ELSEWHERE({container: reference, pid: keeper.pid});
		throw errors.FORGE_CONTAINER_EXITED({container: reference});
	}

	/** Ends it by hand: then no policy starts it again. */
	async function end(reference: string, how: (made: Running) => Promise<void>): Promise<Container> {
		const row = records.find(reference);
		const {id, state} = row.container;
		clearTimeout(waiting.get(id));
		waiting.delete(id);
		if (state === 'restarting') return change(row, {state: 'exited'}).container;
		if (state !== 'running') return row.container;
		const {made} = here(id);
		stopping.add(id);
		try {
			await how(made);
			await settled(id, made);
		} finally {
			stopping.delete(id);
		}
		return records.find(id).container;
	}

	/** Waits until the end is on record. */
	async function settled(id: string, made: Running): Promise<void> {
		await made.ended;
		while (running.get(id) === made) await made.journal.changed(GLANCE);
	}

	async function wait(reference: string, timeout: number): Promise<Container> {
		const until = Date.now() + timeout;
		const {id} = records.find(reference).container;
		for (;;) {
			const {container} = records.find(id);
			const left = until - Date.now();
			if (container.state === 'exited' || left <= 0) return container;
			const made = running.get(id);
			// What runs here keeps this process by itself.
			await (made ? Promise.race([settled(id, made), pause(left, undefined, {ref: false})]) : pause(Math.min(left, GLANCE)));
		}
	}

	async function logs(reference: string, cursor: bigint, wait: number): Promise<Containers.Output[]> {
		const until = Date.now() + wait;
		const {id} = records.find(reference).container;
		for (;;) {
			const made = running.get(id);
			const found = made ? made.journal.read(cursor) : readJournal(journals, id, cursor);
			const left = until - Date.now();
			if (found.length > 0 || left <= 0 || records.find(id).container.state === 'exited') return found;
			await (made ? made.journal.changed(left) : pause(Math.min(left, GLANCE)));
		}
	}

	async function remove(reference: string, force: boolean): Promise<void> {
		const {container} = records.find(reference);
		const {id, state} = container;
		const busy = state === 'running' || state === 'restarting';
		if (busy && !force) throw errors.FORGE_CONTAINER_BUSY({container: reference, state});
		if (busy) await end(id, kill);
		forget(id);
	}

	const kill = (made: Running): Promise<void> => made.kill({code: 137, reason: 'killed'});

	async function start(reference: string): Promise<Container> {
		const row = records.find(reference);
		const {id, state} = row.container;
		if (state === 'running') throw errors.FORGE_CONTAINER_BUSY({container: reference, state});
		clearTimeout(waiting.get(id));
		waiting.delete(id);
		return launch(row);
	}

	return {
		create: createCreation(parts),
		start,
		stop: (id: string, grace: number) => end(id, made => made.stop(grace)),
		kill: (id: string) => end(id, kill),
		wait,
		list: () => records.list().map(({container}) => container),
		inspect: (id: string) => records.find(id).container,
		remove,
		logs,
		write: (id: string, data: Uint8Array) => here(id).made.write(data.length > 0 ? data : undefined),
		isolations: () =>
			Promise.all(
				isolations.map(async ({name, lack, remark}) => {
					const reason = await lack?.();
					if (reason !== undefined) return {isolation: name, lack: reason};
					return {isolation: name, ...(remark ? {remark: remark()} : {})};
				}),
			),
		stats: (id: string) => here(id).made.stats(),
		open: (id: string, head: string): KernelCall | Promise<KernelCall> => (running.get(id) ?? here(id).made).open(head),
		recover() {
			for (const row of records.list()) {
				const {id, state, spec} = row.container;
				const lost = (state === 'running' || state === 'restarting') && !(row.keeper && alive(row.keeper));
				if (lost && spec.remove) forget(id);
				else if (lost) change(row, {state: 'exited', exitCode: 137, reason: 'the process that ran it was killed'});
			}
		},
		async close() {
			closing = true;
			for (const timer of waiting.values()) clearTimeout(timer);
			await Promise.all(
				[...running].map(async ([id, made]) => {
					await made.kill({code: 137, reason: 'its engine was stopped'});
					await settled(id, made);
				}),
			);
		},
	};
}
