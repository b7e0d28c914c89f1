import type {Client, Contract, Limits, Plugins, Provider} from '@forgeone/wasm';
import type {Hook} from './hook.ts';
import type {Identity} from './identity.ts';
import type {Log} from './log.ts';
import type {Scope} from './scope.ts';

// biome-ignore lint/suspicious/noExplicitAny: contracts of any shape; each use names its own.
export type Contracts = Readonly<Record<string, Contract<any>>>;

// biome-ignore lint/suspicious/noExplicitAny: hooks of any shape; each use names its own.
export type Hooks = readonly Hook<any>[];

type Shape<C> = C extends Contract<infer T> ? T : never;

/** What a plugin holds of a contract it uses: call it for the functions, in its own name or in that of the caller it serves. */
export interface Use<T> {
	(caller?: Identity): Client<T>;
	/**
	 * The same without promises, for one who can not wait. Throws FORGE_CONTRACT_ASYNC where the provider answers later, and FORGE_PLUGIN_DOWN
	 * while it starts again, or hands over its state and needs time for it.
	 */
	sync(caller?: Identity): T;
}

/** What `setup` returns: for each contract provided, a function that makes the provider for one caller. */
export type Providers<P extends Contracts> = {readonly [K in keyof P]: (caller: Identity) => Provider<Shape<P[K]>>};

/** `development` says more and checks more; `production` is the default. */
export type Mode = 'development' | 'production';

/** What a plugin is given when it starts. */
export interface Context<U extends Contracts = Contracts, C = unknown> {
	/** The name it has in this kernel. */
	readonly name: string;
	readonly mode: Mode;
	readonly log: Log;
	/** Ends with the plugin: defer here whatever must be undone. */
	readonly scope: Scope;
	/** A folder of its own for what must outlive it. It may not exist yet. */
	readonly state: string;
	readonly config: C;
	readonly uses: {readonly [K in keyof U]: Use<Shape<U[K]>>};
	readonly hooks: {
		/** Taps a hook named in `taps`, until the plugin stops. */
		tap<T>(hook: Hook<T>, handlers: Provider<T>): void;
		/** The functions that reach the taps of a hook named in `opens`. */
		call<T>(hook: Hook<T>): Provider<T>;
		/** Calls `then` now, and whenever that changes, with whether anybody taps a hook named in `opens`. */
		watch(hook: Hooks[number], then: (tapped: boolean) => void): void;
	};
	/** Runs `then` once every plugin of the boot has started: what invites callers in belongs there. */
	ready(then: () => unknown): void;
}

/** Says what is wrong in a configuration: where (`limits.memory`; empty at the top), why, and what to do about it. */
export type Refuse = (where: string, reason: string, remedy?: string) => never;

/** A subsystem, or a part of one: what it provides and uses, and how it starts. */
export interface Plugin<P extends Contracts = Contracts, U extends Contracts = Contracts, C = unknown> {
	readonly name: string;
	/** `typescript` where it says nothing. */
	readonly implementation?: 'typescript' | 'component';
	/** What it runs as, where it is a component. */
	readonly artefact?: Plugins.Artefact;
	readonly provides?: P;
	readonly uses?: U;
	/** The hooks it opens to others. */
	readonly opens?: Hooks;
	/** The hooks it may tap. */
	readonly taps?: Hooks;
	/** Checks its configuration, which may be undefined, and gives it a type. Refuses it where it is wrong. It may say by which JSON Schema. */
	readonly config?: ((value: unknown, refuse: Refuse) => C) & {readonly schema?: object};
	setup(context: Context<U, C>): Providers<P> | Promise<Providers<P>>;
}

/** A plugin whose types have been forgotten, as the kernel keeps it. */
// biome-ignore lint/suspicious/noExplicitAny: the kernel calls plugins of every shape in the same way.
export type AnyPlugin = Plugin<any, any, any>;

/** A plugin, where it came from, its configuration and, for a component, its limits. */
export interface Found {
	readonly plugin: AnyPlugin;
	readonly source: string | undefined;
	readonly config: unknown;
	readonly limits: Limits;
}
