import {errors} from './errors.ts';
import {functions as known} from './generated/functions.ts';
import {compatibleName, unversioned} from './names.ts';

// biome-ignore lint/suspicious/noExplicitAny: a function of any shape; nothing is called through this type.
type AnyFunction = (...args: any) => unknown;

/** The names of the functions of an interface, without its types and classes. */
export type FunctionsOf<T> = {[K in keyof T]: T[K] extends AnyFunction ? K : never}[keyof T] & string;

type Call<F> = F extends (...args: infer A) => infer R ? {args: A; result: Awaited<R>} : never;

/** What a consumer of the interface `T` holds: the same functions, each with a promise. */
export type Client<T> = {readonly [K in FunctionsOf<T>]: (...args: Call<T[K]>['args']) => Promise<Call<T[K]>['result']>};

/** What a provider of the interface `T` gives: the same functions, answering now or later. */
export type Provider<T> = {
	readonly [K in FunctionsOf<T>]: (...args: Call<T[K]>['args']) => Call<T[K]>['result'] | Promise<Call<T[K]>['result']>;
};

/** One WIT interface, as the token by which its providers and its consumers meet. */
export interface Contract<T = unknown> {
	/** `package:name/interface@1.2.3`, as a component imports or exports it. */
	readonly id: string;
	/** The id without its version. */
	readonly name: string;
	/** The id with what compatible versions share: `@1` of 1.4.2, `@0.2` of 0.2.3. */
	readonly key: string;
	/** The names of its functions, in the form of JavaScript. */
	readonly functions: readonly string[];
	/** Never there; it carries the type. */
	readonly shape?: T;
}

/** Declares a contract. `functions` may be left out for those of ForgeOne's own WIT. Throws FORGE_CONTRACT_INVALID. */
export function contract<T>(
	id: string,
	functions: readonly string[] | undefined = Object.hasOwn(known, id) ? known[id] : undefined,
): Contract<T> {
	const name = unversioned(id);
	if (name === id) throw errors.FORGE_CONTRACT_INVALID({id, missing: 'version'});
	if (!functions) throw errors.FORGE_CONTRACT_INVALID({id, missing: 'list of its functions'});
	return Object.freeze({id, name, key: compatibleName(id), functions});
}

const here: ReadonlyMap<string, string> = new Map(Object.keys(known).map(id => [unversioned(id), id]));

/**
 * Refuses what was built for another version of a contract or a hook of ForgeOne than the one that is here: nobody would answer it, or ask it.
 * `names` are its imports and exports. Throws FORGE_CONTRACT_VERSION, which has both versions.
 */
export function checkVersions(source: string, names: readonly string[]): void {
	for (const id of names) {
		const own = here.get(unversioned(id));
		if (own !== undefined && compatibleName(own) !== compatibleName(id)) throw errors.FORGE_CONTRACT_VERSION({source, id, known: own});
	}
}
