import type {CellContext, CellHalf, OpenHalf} from '@forgeone/sdk/cell';
import {adopt, ForgeError, GuestExit, type Instance, type InterfaceMember} from '@forgeone/wasm';
import type {Ending, Task} from '../isolation.ts';
import {hostHalf, type Stdio} from './host.ts';

/** A component in its cell. */
export interface Guest {
	/** Runs a command to its end. */
	command(): Promise<Ending>;
	/** Has a server answer one request. Rejects where it fails; a broken instance is not used again. */
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

/** Makes the guest of a task: the parts are loaded at once, instances when they are needed. */
export function createGuest(task: Task, stdio: Stdio, wait: CellContext['wait']): Guest {
	const opening = Promise.all(
		task.parts.map(async ({module, data}) => {
			const {default: open}: {default: OpenHalf} = await import(module);
			return {open, data: JSON.parse(data)};
		}),
	);
	let served: {instance: Instance; answer: (request: unknown) => unknown} | undefined;

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

	async function serving(): Promise<NonNullable<typeof served>> {
		const {instance, halves} = await instantiate();
		const name = task.entry.interface.replace(/@.*/, '');
		const server = halves.map(({servers}) => servers?.[name]).find(server => server !== undefined);
		if (!server) throw new Error(`nothing in this cell serves ${name}`);
		return {instance, answer: server(exported(instance))};
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
			served ??= await serving();
			const {instance, answer} = served;
			try {
				return await answer(payload);
			} finally {
				if (instance.dead) served = undefined;
			}
		},
	};
}
