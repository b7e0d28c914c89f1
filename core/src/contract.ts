import {functions as known} from '@forgeone/wasm';
import {errors} from './errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: a function of any shape; nothing is called through this type.
type AnyFunction = (...args: any) => unknown;

/** The names of the functions of an interface, without its types and classes. */
export type FunctionName<T> = {[K in keyof T]: T[K] extends AnyFunction ? K : never}[keyof T] & string;

type Call<F> = F extends (...args: infer A) => infer R ? {args: A; result: Awaited<R>} : never;

/** What a consumer of the interface `T` holds: the same functions, each with a promise. */
export type Client<T> = {
	readonly [K in FunctionName<T>]: (...args: Call<T[K]>['args']) => Promise<Call<T[K]>['result']>;
};

/** What a provider of the interface `T` gives: the same functions, answering now or later. */
export type Provider<T> = {
	readonly [K in FunctionName<T>]: (...args: Call<T[K]>['args']) => Call<T[K]>['result'] | Promise<Call<T[K]>['result']>;
};

/** One WIT interface, as the token by which its providers and its consumers meet. */
export interface Contract<T = unknown> {
	/** `package:name/interface@1.2.3`, as a component imports or exports it. */
	readonly id: string;
	/** The id without its version. */
	readonly name: string;
	readonly version: string;
	/** The names of its functions, in the form of JavaScript. */
	readonly functions: readonly string[];
	/** Never there; it carries the type. */
	readonly shape?: T;
}

/** Declares a contract. `functions` may be left out for those of ForgeOne's own WIT. Throws FORGE_CONTRACT_INVALID, FORGE_CONTRACT_UNKNOWN. */
export function contract<T>(id: string, functions?: readonly string[]): Contract<T> {
	const [, name, version] = /^([^@]+)@(\d+\.\d+\.\d+)$/.exec(id) ?? [];
	if (name === undefined || version === undefined) throw errors.FORGE_CONTRACT_INVALID({id});
	const names = functions ?? (Object.hasOwn(known, id) ? known[id] : undefined);
	if (names === undefined) throw errors.FORGE_CONTRACT_UNKNOWN({id});
	return Object.freeze({id, name, version, functions: names});
}

/** Whether a provider of version `provided` can serve a consumer of `used`: as semver has it, where 0.x is its own major. */
export function compatible(provided: string, used: string): boolean {
	const [p, u] = [provided, used].map(version => version.split('.').map(Number)) as [number[], number[]];
	const [pMajor = 0, pMinor = 0, pPatch = 0] = p;
	const [uMajor = 0, uMinor = 0, uPatch = 0] = u;
	if (pMajor !== uMajor) return false;
	if (pMajor === 0) return pMinor === uMinor && pPatch >= uPatch;
	return pMinor > uMinor || (pMinor === uMinor && pPatch >= uPatch);
}
