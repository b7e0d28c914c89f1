import {type Contract, type Link, type Provider, reasonOf} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {deadline} from './failure.ts';
import type {Call, Functions} from './generation.ts';
import type {Identity, Mint} from './identity.ts';
import type {Member} from './member.ts';
import {link} from './own.ts';
import type {Use} from './plugin.ts';

/** One consumer, about to use one contract of one provider. */
interface Wish extends Omit<Link.Request, 'contract'> {
	/** Whom it calls as where it serves nobody. */
	readonly self: Identity;
	readonly contract: Contract;
	readonly member: Member;
}

/** The two ways to use a contract: with promises, and at once. */
function useOf({consumer, contract, self, member}: Wish, mint: Mint): Use<unknown> {
	const {id, functions} = contract;
	const client = (caller: Identity | undefined, call: (...wanted: Call) => unknown): Functions => {
		const identity = caller ? mint.extend(caller, consumer) : self;
		return Object.fromEntries(functions.map(fn => [fn, (...args) => call(contract, fn, identity, args)]));
	};
	const callNow = (...wanted: Call) => {
		const result = member.callNow(...wanted);
		if (result instanceof Promise) throw errors.FORGE_CONTRACT_ASYNC({contract: id, fn: wanted[1]});
		return result;
	};
	return Object.assign((caller?: Identity) => client(caller, member.call), {sync: (caller?: Identity) => client(caller, callNow)});
}

/** Makes the links of a kernel: each is asked of policy before it can be used. A verdict may take `patience` milliseconds. */
export function createLinks(mint: Mint, policy: Provider<NonNullable<typeof link.shape>>, patience: number) {
	let waiting: Wish[] | undefined = [];

	async function judge({consumer, implementation, provider, contract: {id}}: Wish): Promise<void> {
		const refuse = (reason: string, cause?: unknown) => {
			throw errors.FORGE_LINK_REFUSED({consumer, provider, contract: id, reason}, {cause});
		};
		const answer = policy.decide({tag: 'undecided'}, {consumer, implementation, provider, contract: id});
		const verdict = await deadline(answer, patience, link.id).catch(error => refuse(reasonOf(error), error));
		if (verdict?.tag !== 'allowed') refuse(verdict?.tag === 'refused' ? String(verdict.val) : 'no policy answered');
	}

	return {
		/** Throws FORGE_LINK_REFUSED. While nobody can answer yet, the question waits for `settle`. */
		async make(wish: Wish) {
			if (waiting) waiting.push(wish);
			else await judge(wish);
			return useOf(wish, mint);
		},
		/** The root of trust has started: asks what has waited, and from now on at once. */
		async settle() {
			const due = waiting ?? [];
			waiting = undefined;
			await Promise.all(due.map(judge));
		},
	};
}
