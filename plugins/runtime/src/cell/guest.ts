import type {CellContext, CellHalf, OpenHalf} from '@forgeone/sdk/cell';
import {adopt, ForgeError, GuestExit, type Instance, type InterfaceMember} from '@forgeone/wasm';
import type {Ending, Task} from '../isolation.ts';
import {hostHalf, type Stdio} from './host.ts';

/** A component in its cell. */
export interface Guest {
	/** Runs a command to its end. */
	command(): Promise<Ending>;
	/**
	 * Has a server answer one request, in an instance that answers many. Where one fails that has answered before, the request is tried once more
	 * in a new one; if that succeeds, the guest is one that answers once, and from then on each request has an instance of its own.
	 */
	answer(payload: unknown): Promise<unknown>;
}

/** What a process exits with, for a failure that is not the guest's own word. */
const codes: Readonly<Record<string, number>> = {FORGE_TRAP: 134, FORGE_FUEL_EXHAUSTED: 134, FORGE_LIMIT_MEMORY: 137};

/** How a guest has ended that threw. */
export function endingOf(error: unknown): Ending {
	if (error instanceof GuestExit) return {code: error.code};
	if (error instanceof ForgeError) return {code: codes[error.code] ?? 125, reason: `${error.message} (${error.code})`};
	return {code: 125, reason: error instanceof Error ? error.message : String(error)};
}

/** An instance, and what turns requests into calls of it. */
interface Serving {
	readonly instance: Instance;
	readonly answer: (request: unknown) => unknown;
}

/** Makes the guest of a task: the parts are loaded at once, instances when they are needed. */
export function createGuest(task: Task, stdio: Stdio, wait: CellContext['wait']): Guest {
	const opening = Promise.all(
		task.parts.map(async ({module, data}) => {
			const {default: open}: {default: OpenHalf} = await import(module);
			return {open, data: JSON.parse(data)};
		}),
	);
	let served: Promise<Serving> | undefined;
	let once = false;

	async function instantiate(): Promise<{instance: Instance; halves: readonly CellHalf[]}> {
		const opened = (await opening).map(({open, data}) => open({container: task.container, data, wait}));
		const halves = [hostHalf(task, stdio, wait), ...opened];
		const imports = Object.assign(Object.create(null), ...halves.map(half => half.imports));
		return {instance: await adopt(task.component).instantiate(imports, {memoryBytes: task.memory}), halves};
	}

	function exported(instance: Instance): Readonly<Record<string, InterfaceMember>> {
		const found = instance.interface(task.entry.interface);
		if (!found) throw new Error(`the component does not export ${task.entry.interface}`);
		return found;
	}

	async function serving(): Promise<Serving> {
		const {instance, halves} = await instantiate();
		const name = task.entry.interface.replace(/@.*/, '');
		const server = halves.map(({servers}) => servers?.[name]).find(server => server !== undefined);
		if (!server) throw new Error(`nothing in this cell serves ${name}`);
		return {instance, answer: server(exported(instance))};
	}

	/** An instance that nobody waits for yet: if it fails, whoever comes to use it will hear. */
	function ahead(): Promise<Serving> {
		const made = serving();
		made.catch(() => undefined);
		return made;
	}

	function drop(used: Promise<Serving>): void {
		if (served === used) served = undefined;
		used.then(
			({instance}) => instance.dispose(),
			() => undefined,
		);
	}

	/** Answers in the instance there is, which is not used again where it failed or is good for one request. */
	async function attempt(payload: unknown): Promise<unknown> {
		served ??= serving();
		const used = served;
		let whole = false;
		try {
			const {instance, answer} = await used;
			const answered = await answer(payload);
			whole = !once && !instance.dead;
			return answered;
		} finally {
			if (!whole) drop(used);
			if (once) served ??= ahead();
		}
	}

	return {
		async command() {
			try {
				const {instance} = await instantiate();
				await exported(instance).run?.();
				return {code: 0};
			} catch (error) {
				return error instanceof Error && 'payload' in error ? {code: 1} : endingOf(error);
			}
		},
		async answer(payload) {
			const reused = served !== undefined && !once;
			try {
				return await attempt(payload);
			} catch (error) {
				if (!reused) throw error;
				const answer = await attempt(payload);
				once = true;
				if (served) drop(served);
				served = ahead();
				return answer;
			}
		},
	};
}
