import type {Plugins} from '@forgeone/wasm';
import type {Contract} from './contract.ts';
import {errors} from './errors.ts';
import {deadline, reasonOf} from './failure.ts';
import type {Functions} from './generation.ts';
import type {Handlers} from './hook.ts';
import type {Identity, Mint} from './identity.ts';
import type {Member} from './member.ts';
import {link} from './own.ts';
import type {Use} from './plugin.ts';

/** One consumer, about to use one contract of one provider. */
export interface Wish {
	readonly consumer: string;
	readonly implementation: Plugins.Implementation;
	/** Whom it calls as where it serves nobody. */
	readonly self: Identity;
	readonly contract: Contract;
	readonly provider: string;
	readonly member: Member;
}

/** The links of one kernel: each is asked of policy before it can be used. */
export interface Links {
	/** Throws FORGE_LINK_REFUSED. While nobody can answer yet, the question waits for `settle`. */
	make(wish: Wish): Promise<Use<unknown>>;
	/** The root of trust has started: asks what has waited, and from now on at once. */
	settle(): Promise<void>;
}

function useOf({consumer, contract, self, member}: Wish, mint: Mint): Use<unknown> {
	const as = (caller?: Identity) => (caller ? mint.extend(caller, consumer) : self);
	const functions = (call: (fn: string, args: readonly unknown[]) => unknown): Functions =>
		Object.fromEntries(contract.functions.map(fn => [fn, (...args: readonly unknown[]) => call(fn, args)]));
	const use = (caller?: Identity) => {
		const identity = as(caller);
		return functions(async (fn, args) => {
			await member.settled();
			return member.call(contract, fn, identity, args);
		});
	};
	const sync = (caller?: Identity) => {
		const identity = as(caller);
		return functions((fn, args) => {
			const result = member.call(contract, fn, identity, args);
			if (result instanceof Promise) throw errors.FORGE_CONTRACT_ASYNC({function: fn, contract: contract.id});
			return result;
		});
	};
	return Object.assign(use, {sync});
}

/** Makes the links of a kernel; a verdict may take `patience` milliseconds. */
export function createLinks(mint: Mint, policy: Handlers<NonNullable<typeof link.shape>>, patience: number): Links {
	let waiting: Wish[] | undefined = [];

	async function judge({consumer, implementation, provider, contract: {id}}: Wish): Promise<void> {
		const refusal = (reason: string, cause?: unknown) => errors.FORGE_LINK_REFUSED({consumer, provider, contract: id, reason}, {cause});
		const answer = policy.decide({tag: 'undecided'}, {consumer, implementation, provider, contract: id});
		const verdict = await deadline(answer, patience, link.id).catch(error => {
			throw refusal(reasonOf(error), error);
		});
		if (verdict?.tag === 'allowed') return;
		throw refusal(verdict?.tag === 'refused' ? String(verdict.val) : 'no policy answered');
	}

	return {
		async make(wish) {
			if (waiting) waiting.push(wish);
			else await judge(wish);
			return useOf(wish, mint);
		},
		async settle() {
			const due = waiting ?? [];
			waiting = undefined;
			for (const wish of due) await judge(wish);
		},
	};
}
