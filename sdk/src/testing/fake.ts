import {type AnyPlugin, type Contract, ForgeError, type Identity, type Provider, reasonOf} from '@forgeone/core';
import {errors} from '../errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: a function of any shape; nothing is called through this type.
type AnyFunction = (...args: any) => unknown;

type CallOf<F, K> = F extends (...args: infer A) => infer R
	? {
			/** The subject of the caller, such as `user:alice`. */
			readonly caller: string;
			readonly fn: K;
			readonly args: A;
			/** What was answered; not there yet while the answer is awaited, nor where there was an error. */
			readonly result?: Awaited<R>;
			/** The code of the error, or its message where it has none. */
			readonly error?: string;
		}
	: never;

/** One call of a function of the interface `T`. */
export type Call<T = Record<string, AnyFunction>> = {[K in keyof T]: CallOf<T[K], K>}[keyof T];

/** Some functions of a contract, or what makes them for one caller. */
export type Faked<T> = Partial<Provider<T>> | ((caller: Identity) => Partial<Provider<T>>);

/** A plugin that provides one contract for a test, in part. */
export interface Fake {
	readonly contract: Contract;
	readonly functions: Faked<unknown>;
}

/** Fakes a contract: those of its functions that a test needs. A call of any other fails the test, with a line that says what to fake. */
export const fake = <T>(contract: Contract<T>, functions: Faked<T>): Fake => ({contract, functions: functions as Faked<unknown>});

/** Where the calls of a kernel's providers are kept, by the key of their contract. */
export interface Records {
	readonly calls: Map<string, Call[]>;
	/** Calls of what was not faked. */
	readonly unfaked: ForgeError[];
}

type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** The functions, each of which keeps its calls. */
function recording({key, functions: names}: Contract, functions: Functions, {subject}: Identity, {calls}: Records): Functions {
	const kept = calls.get(key) ?? [];
	calls.set(key, kept);
	const keep = (fn: string, args: unknown[]) => {
		const call: {-readonly [K in keyof Call]: Call[K]} = {caller: subject, fn, args};
		kept.push(call);
		const succeed = (result: unknown) => {
			call.result = result;
			return result;
		};
		const fail = (error: unknown) => {
			call.error = error instanceof ForgeError ? error.code : reasonOf(error);
			throw error;
		};
		try {
			const result = functions[fn]?.(...args);
			return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
		} catch (error) {
			return fail(error);
		}
	};
	return Object.fromEntries(names.map(fn => [fn, (...args) => keep(fn, args)]));
}

/** The same plugin; calls of what it provides are kept. */
export function recorded(plugin: AnyPlugin, record: Records): AnyPlugin {
	const provides = Object.entries<Contract>(plugin.provides ?? {});
	return {
		...plugin,
		async setup(context) {
			const factories = await plugin.setup(context);
			const wrapped = provides.map(([key, contract]) => {
				const factory = factories[key];
				const wrap = (caller: Identity) => recording(contract, (factory as (caller: Identity) => Functions)(caller), caller, record);
				return [key, factory && wrap];
			});
			return Object.fromEntries(wrapped);
		},
	};
}

/** The plugin that stands in for a contract; it records its calls, those of what is not faked too. */
export function stand({contract, functions}: Fake, record: Records): AnyPlugin {
	const refused =
		(fn: string, {via, subject}: Identity) =>
		() => {
			const error = errors.FORGE_TEST_UNFAKED({plugin: via.at(-1) ?? subject, contract: contract.id, fn});
			record.unfaked.push(error);
			throw error;
		};
	const plugin: AnyPlugin = {
		name: `fake of ${contract.name}`,
		provides: {contract},
		setup: () => ({
			contract(caller: Identity) {
				const faked = typeof functions === 'function' ? functions(caller) : functions;
				const missing = contract.functions.filter(fn => !Object.hasOwn(faked, fn));
				return {...faked, ...Object.fromEntries(missing.map(fn => [fn, refused(fn, caller)]))};
			},
		}),
	};
	return recorded(plugin, record);
}
