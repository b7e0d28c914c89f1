import {type Contract, reasonOf} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {contained, fatal} from './failure.ts';
import type {Generation} from './generation.ts';
import type {Identity} from './identity.ts';
import type {Log} from './log.ts';

/** What a member may cost: times in milliseconds. */
export interface Allowance {
	/** How long a new version is on trial, with the old one standing by; 1,000 where it says nothing. */
	readonly trial: number;
	/** How long a replaced version may finish its calls; 5,000 where it says nothing. */
	readonly drain: number;
	/** How often a component that breaks is started again within `period`, before it stays down; 3 a minute where it says nothing. */
	readonly restarts: number;
	readonly period: number;
}

/** The place of one plugin in the graph. Callers keep it; what runs in it may change. */
export interface Member {
	/** Whether it runs; and why not, or why its last swap was undone. */
	status(): {readonly running: boolean; readonly reason: string | undefined};
	/** Puts a generation in place. The one before stands by until the new one has answered a call, or its trial is over. */
	put(generation: Generation): void;
	/** Calls a function of a contract, or of a hook that it taps. Throws what the contract foresees, FORGE_PLUGIN_DOWN, or FORGE_PLUGIN_FAILED; now or later, as the provider does. */
	call(contract: Contract, fn: string, caller: Identity, args: readonly unknown[]): unknown;
	stop(): Promise<void>;
}

/** Makes the place of a plugin, with nothing in it yet; `again` starts the same plugin once more. */
export function createMember(name: string, log: Log, allowance: Allowance, again: () => Promise<Generation>): Member {
	let current: Generation | undefined;
	let standby: Generation | undefined;
	let reason: string | undefined = 'it has not started';
	let restart: Promise<void> | undefined;
	let breaks: readonly number[] = [];
	const undone = new WeakSet<Generation>();

	function retire(generation: Generation | undefined): void {
		generation?.retire(allowance.drain).catch(error => log.error({err: error}, 'could not stop cleanly'));
	}

	function put(generation: Generation): void {
		retire(standby);
		standby = current;
		current = generation;
		reason = undefined;
		generation.tap(call);
		if (standby) setTimeout(proven, allowance.trial, generation).unref();
	}

	function proven(generation: Generation): void {
		if (generation !== current || !standby) return;
		retire(standby);
		standby = undefined;
	}

	function rollBack(broken: Generation, old: Generation, error: unknown): void {
		log.error({err: error}, 'the new version failed its first call: rolled back');
		reason = `rolled back: ${reasonOf(error)}`;
		undone.add(broken);
		current = old;
		standby = undefined;
		old.tap(call);
		retire(broken);
	}

	async function startAgain(broken: Generation, error: unknown): Promise<void> {
		current = undefined;
		reason = reasonOf(error);
		retire(broken);
		breaks = [...breaks, Date.now()].filter(time => time > Date.now() - allowance.period);
		const often = breaks.length > allowance.restarts;
		log.error({err: error}, often ? 'broke too often: it stays down' : 'broke: starting again');
		if (often) return;
		await again().then(put, failure => {
			reason = reasonOf(failure);
		});
	}

	/** After a failed call: whether to make it once more, on the generation before. A broken component is started anew for calls to come. */
	function recovered(broken: Generation, error: unknown): boolean {
		if (!fatal(error)) return false;
		if (broken === current && standby) rollBack(broken, standby, error);
		else if (broken === current && broken.plugin.implementation === 'component') {
			restart = startAgain(broken, error).finally(() => {
				restart = undefined;
			});
		}
		return undone.has(broken);
	}

	function call(contract: Contract, fn: string, caller: Identity, args: readonly unknown[]): unknown {
		if (!current && restart) return restart.then(() => call(contract, fn, caller, args));
		if (!current) throw errors.FORGE_PLUGIN_DOWN({plugin: name, reason: reason ?? 'it was stopped'});
		const generation = current;
		const leave = generation.enter();
		const succeed = (result: unknown) => {
			leave();
			proven(generation);
			return result;
		};
		const fail = (error: unknown) => {
			leave();
			if (recovered(generation, error)) return call(contract, fn, caller, args);
			throw contained(error, name, `${contract.name}#${fn}`);
		};
		try {
			const result = generation.provider(contract, caller)[fn]?.(...args);
			return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
		} catch (error) {
			return fail(error);
		}
	}

	return {
		status: () => ({running: current !== undefined, reason}),
		put,
		call,
		async stop() {
			const generations = [standby, current];
			current?.tap();
			standby = current = undefined;
			reason = 'it was stopped';
			for (const generation of generations) await generation?.retire(allowance.drain);
		},
	};
}
