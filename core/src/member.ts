import {type Contract, reasonOf} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {contained, deadline, fatal} from './failure.ts';
import type {Call, Generation} from './generation.ts';
import type {Identity} from './identity.ts';
import type {Log} from './log.ts';
import {handover} from './own.ts';
import type {Found} from './plugin.ts';
import {Work} from './work.ts';

/** What a member may cost: times in milliseconds. */
export interface Allowance {
	/** How long a new version may take over the state, and is then on trial with the old one standing by; 1,000 where it says nothing. */
	readonly trial: number;
	/** How long a replaced version may finish its calls; 5,000 where it says nothing. */
	readonly drain: number;
	/** How often a component that breaks is started again within `period`, before it stays down; 3 a minute where it says nothing. */
	readonly restarts: number;
	readonly period: number;
}

/** The place of one plugin in the graph. Callers keep it; what runs in it may change. */
export interface Member {
	/** What is in it, or was; whether that runs; why not, or why the last swap was undone. */
	now(): Found & {readonly running: boolean; readonly reason: string | undefined};
	start(): Promise<void>;
	/** Runs what `find` finds in place of what runs, which stands by until the new one has answered a call or its trial is over, and stays where that fails. */
	replace(find: () => Promise<Found>): Promise<void>;
	/** Waits for the end of the trial. Throws FORGE_SWAP_UNDONE. */
	trial(): Promise<void>;
	/**
	 * Calls a function of a contract, or of a hook that it taps, when no hand-over or new start is under way. Throws what the contract foresees,
	 * FORGE_PLUGIN_DOWN, or FORGE_PLUGIN_FAILED.
	 */
	call(...wanted: Call): Promise<unknown>;
	/** The same for one who can not wait; answers now or later, as the provider does. */
	callNow(...wanted: Call): unknown;
	stop(): Promise<void>;
}

type Self = {readonly name: string; readonly identity: Identity; readonly log: Log};

type Run = (found: Found) => Promise<Generation>;

/** Makes the place of a plugin, with nothing in it yet; `run` starts what was found. */
export function createMember({name, identity, log}: Self, found: Found, allowance: Allowance, run: Run): Member {
	let current: Generation | undefined;
	let standby: Generation | undefined;
	let verdict = Promise.withResolvers<void>();
	let reason: string | undefined = 'it has not started';
	let shut = false;
	let breaks: readonly number[] = [];
	const changes = new Work();
	const undone = new WeakSet<Generation>();

	function retire(generation: Generation | undefined): void {
		generation?.retire(allowance.drain).catch(error => log.error({err: error}, 'could not stop cleanly'));
	}

	function put(generation: Generation, why?: string): void {
		current = generation;
		found = generation.found;
		reason = why;
		generation.tap(call);
	}

	function take(generation: Generation): void {
		// A version that has answered nobody does not stand by for the next.
		if (standby) retire(current);
		else standby = current;
		put(generation);
		verdict.resolve();
		verdict = Promise.withResolvers();
		// Not everybody waits for it.
		verdict.promise.catch(() => undefined);
		setTimeout(proven, allowance.trial, generation).unref();
	}

	function proven(generation: Generation): void {
		if (generation !== current || !standby) return;
		retire(standby);
		standby = undefined;
		verdict.resolve();
	}

	function rollBack(broken: Generation, old: Generation, error: unknown): void {
		log.error({err: error}, 'the new version failed its first call: rolled back');
		verdict.reject(errors.FORGE_SWAP_UNDONE({plugin: name, reason: reasonOf(error)}, {cause: error}));
		undone.add(broken);
		standby = undefined;
		put(old, `rolled back: ${reasonOf(error)}`);
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
		await run(found).then(take, failure => {
			reason = reasonOf(failure);
		});
	}

	/** Happens between two calls where both answer at once, so that not even one who can not wait comes in between. */
	async function handOver(old: Generation, next: Generation): Promise<void> {
		const restore = (state: unknown) => next.provider(handover, identity).restore?.(state);
		await deadline(old.inside.idle(), allowance.trial, `${name}#idle`);
		try {
			const state = callNow(handover, 'save', identity, []);
			const restored = state instanceof Promise ? state.then(restore) : restore(state);
			shut = restored instanceof Promise;
			if (shut) await deadline(restored, allowance.trial, `${name}#${handover.name}`);
			take(next);
		} finally {
			shut = false;
		}
	}

	async function call(...[contract, fn, caller, args]: Call): Promise<unknown> {
		if (changes.size > 0) await changes.idle();
		return callNow(contract, fn, caller, args);
	}

	function callNow(...[contract, fn, caller, args]: Call): unknown {
		if (!current || shut) throw errors.FORGE_PLUGIN_DOWN({plugin: name, reason: shut ? 'it hands over its state' : String(reason)});
		const generation = current;
		let result: unknown;
		try {
			result = generation.provider(contract, caller)[fn]?.(...args);
		} catch (error) {
			return failed(generation, error, contract, fn, caller, args);
		}
		if (!(result instanceof Promise)) return lost(generation, contract) ? callNow(contract, fn, caller, args) : result;
		return generation.inside.during(result).then(
			result => (lost(generation, contract) ? callNow(contract, fn, caller, args) : result),
			error => failed(generation, error, contract, fn, caller, args),
		);
	}

	/** After a call that was answered: whether what was kept of it has gone with a version that was undone. */
	function lost(generation: Generation, contract: Contract): boolean {
		// To save is no proof: nobody was answered.
		if (contract !== handover) proven(generation);
		return generation.stateful && undone.has(generation);
	}

	/** After a call that failed: makes it once more where it broke a version on trial. A broken component is started anew for calls to come. */
	function failed(broken: Generation, error: unknown, ...[contract, fn, caller, args]: Call): unknown {
		if (fatal(error)) {
			if (broken === current && standby) rollBack(broken, standby, error);
			else if (broken === current && broken.found.plugin.implementation === 'component') void changes.during(startAgain(broken, error));
			if (undone.has(broken)) return callNow(contract, fn, caller, args);
		}
		throw contained(error, name, `${contract.name}#${fn}`);
	}

	return {
		call,
		callNow,
		now: () => ({...found, running: current !== undefined, reason}),
		trial: () => deadline(verdict.promise, 2 * allowance.trial, `${name}#trial`),
		start: async () => take(await run(found)),
		async replace(find) {
			let next: Generation | undefined;
			try {
				next = await run(await find());
				await changes.idle();
				if (current?.stateful) await changes.during(handOver(current, next));
				else take(next);
			} catch (error) {
				retire(next);
				if (current) reason = `rolled back: ${reasonOf(error)}`;
				throw next ? errors.FORGE_SWAP_HANDOVER({plugin: name, reason: reasonOf(error)}, {cause: error}) : error;
			}
		},
		async stop() {
			const generations = [standby, current];
			current?.tap();
			standby = current = undefined;
			reason = 'it was stopped';
			for (const generation of generations) await generation?.retire(allowance.drain);
		},
	};
}
