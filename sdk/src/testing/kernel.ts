import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, extname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {
	type AnyPlugin,
	type Client,
	type Contract,
	createKernel,
	findPlugin,
	type Hook,
	type Hooks,
	type Identity,
	identities,
	type Kernel,
	type KernelOptions,
	link,
	type PluginEntry,
	type Provider,
	plugins,
} from '@forgeone/core';
import type {Link} from '@forgeone/wasm';
import * as contracts from '../contracts.ts';
import {heldClock} from './clock.ts';
import type {TestContext} from './context.ts';
import {type Call, type Fake, fake, type Records, recorded, stand} from './fake.ts';
import {type Line, lines} from './lines.ts';

/** A plugin to test: a value, the path or URL of a module or of a `.wasm` file, a package. */
export type Subject = PluginEntry | URL;

/** What a plugin is tested with. */
export interface TestOptions extends Pick<KernelOptions, 'trial' | 'drain' | 'restarts' | 'period' | 'patience' | 'mode'> {
	readonly config?: unknown;
	/** What answers the contracts that it uses: fakes, and plugins, which are recorded. Nothing of a contract that is in none of them can be called. */
	readonly with?: readonly (Fake | Subject)[];
	/** Contracts to which policy refuses every link; all others are allowed. */
	readonly deny?: readonly Contract[];
	/** Hooks of others that a component may tap, beside those of ForgeOne. */
	readonly hooks?: Hooks;
	/** The folder of its state; a fresh one that goes with the test, where none is named. */
	readonly state?: string;
}

/** A kernel with one plugin. */
export interface TestKernel extends Pick<Kernel, 'stop' | 'graph'> {
	/** The contracts as a caller has them: `as('alice')` is `user:alice`, `as('container:c1')` another kind. */
	as(caller: string): <T>(contract: Contract<T>) => Client<T>;
	/** The calls to those who provide a contract to the plugin, in order. */
	calls<T>(contract: Contract<T>): readonly Call<T>[];
	/** The functions of a hook that the plugin taps. */
	hook<T>(hook: Hook<T>): Provider<T>;
	/** What was logged. */
	readonly log: readonly Line[];
	/** Replaces the plugin while it runs, by itself where nothing else is named. */
	swap(next?: Subject): Promise<void>;
	/** The name of the plugin. */
	readonly name: string;
	readonly kernel: Kernel;
}

const known: Hooks = [link, ...Object.values(contracts).filter(one => 'modes' in one)];

const named = (source: string): string => basename(source, extname(source));

async function found(subject: Subject, hooks: Hooks): Promise<{name: string; plugin: AnyPlugin; config: unknown}> {
	const {plugin, source, config} = await findPlugin(subject instanceof URL ? fileURLToPath(subject) : subject, ['.'], hooks);
	return {name: plugin.implementation === 'component' && source ? named(source) : plugin.name, plugin, config};
}

/** Allows every link but those to `deny`; has no say where a test asks the hook itself, with a request among `asked`. */
function policy(deny: readonly Contract[], asked: WeakSet<object>): AnyPlugin {
	return {
		name: 'policy of the test',
		taps: [link],
		setup({hooks}) {
			hooks.tap(link, {
				decide(before: Link.Verdict, request: Link.Request): Link.Verdict {
					if (asked.has(request)) return before;
					if (deny.some(({id}) => id === request.contract)) return {tag: 'refused', val: 'the test denies it'};
					return {tag: 'allowed'};
				},
			});
			return {};
		},
	};
}

/** Stands for each contract that one of the plugins uses and none provides. */
function stands(all: readonly AnyPlugin[], fakes: readonly Fake[], record: Records): AnyPlugin[] {
	const provided = new Set(
		[identities, plugins, ...fakes.map(one => one.contract), ...all.flatMap(of => Object.values<Contract>(of.provides ?? {}))].map(
			({key}) => key,
		),
	);
	const used = new Map(all.flatMap(({uses}) => Object.values<Contract>(uses ?? {})).map(contract => [contract.key, contract]));
	const empty = [...used.values()].filter(({key}) => !provided.has(key)).map(contract => fake(contract, {}));
	return [...fakes, ...empty].map(one => stand(one, record));
}

/** Callers by name, of a kernel that runs. Nothing is linked or minted before it is needed. */
function callers(kernel: Kernel, {unfaked}: Records): TestKernel['as'] {
	const uses = new Map<string, ReturnType<Kernel['link']>>();
	const use = (contract: Contract) => {
		const made = uses.get(contract.id) ?? kernel.link(contract);
		uses.set(contract.id, made);
		return made;
	};
	return caller => {
		const [, kind = 'user', name = caller] = /^(user|plugin|container):(.*)$/s.exec(caller) ?? [];
		const minted = kernel.link(identities).then(mint => mint().mint(kind as Identity['kind'], name)) as Promise<Identity>;
		// Whoever calls awaits it.
		minted.catch(() => undefined);
		return <T>(contract: Contract<T>) => {
			const call = async (fn: string, args: unknown[]) => {
				const client = (await use(contract))(await minted) as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
				return client[fn]?.(...args).catch(error => {
					throw unfaked[0] ?? error;
				});
			};
			// One for each function of the contract.
			return Object.fromEntries(contract.functions.map(fn => [fn, (...args: unknown[]) => call(fn, args)])) as Client<T>;
		};
	};
}

/** Opens the hooks that a plugin taps, for the test to call them. */
function opening({taps = []}: AnyPlugin, asked: WeakSet<object>) {
	let reach: TestKernel['hook'] | undefined;
	const plugin: AnyPlugin = {
		name: 'hooks of the test',
		opens: taps,
		setup({hooks}) {
			reach = hooks.call;
			return {};
		},
	};
	const hook: TestKernel['hook'] = <T>(hook: Hook<T>) => {
		const functions = (reach as TestKernel['hook'])(hook);
		if (hook.key !== link.key) return functions;
		const {decide} = functions as unknown as Provider<NonNullable<typeof link.shape>>;
		const ask: typeof decide = (before, request) => {
			asked.add(request);
			return decide(before, request);
		};
		return {decide: ask} as unknown as Provider<T>;
	};
	return {plugin, hook};
}

const isFake = (one: Fake | Subject): one is Fake => typeof one === 'object' && 'functions' in one;

/**
 * Boots a kernel with one plugin in it, which stops with the test. Each contract that the plugin uses is answered by what is in `with`, and its
 * calls are recorded; every link is allowed that is not denied. Throws what a boot throws.
 */
export async function testKernel(t: TestContext, subject: Subject, options: TestOptions = {}): Promise<TestKernel> {
	const {config, with: others = [], deny = [], hooks: more = [], state: kept, ...rest} = options;
	const record: Records = {calls: new Map(), unfaked: []};
	const asked = new WeakSet<object>();
	const {log, logged} = lines();
	const real = await Promise.all(others.flatMap(one => (isFake(one) ? [] : [found(one, [...known, ...more])])));
	const hooks = [...new Set([...known, ...more, ...real.flatMap(({plugin}) => plugin.opens ?? [])])];
	const {name, plugin, config: given} = await found(subject, hooks);
	const opened = opening(plugin, asked);
	const state = kept ?? (await mkdtemp(join(tmpdir(), 'forge-test-')));
	const kernel = createKernel({...rest, log, state});
	t.teardown(async () => {
		try {
			// What waits for a moment of the clock has it now.
			await Promise.all([kernel.stop(), heldClock()?.advance(rest.drain ?? 5_000)]);
		} finally {
			if (kept === undefined) await rm(state, {recursive: true, force: true});
		}
		if (record.unfaked[0]) throw record.unfaked[0];
	});
	const fakes = stands([plugin, ...real.map(one => one.plugin)], others.filter(isFake), record);
	for (const one of [policy(deny, asked), opened.plugin, ...fakes]) await kernel.register(one.name, one);
	for (const one of real) await kernel.register(one.name, {use: recorded(one.plugin, record), config: one.config});
	await kernel.register(name, {use: plugin, config: config ?? given});
	await kernel.start();
	return {
		as: callers(kernel, record),
		calls: <T>({key}: Contract<T>) => (record.calls.get(key) ?? []) as unknown as readonly Call<T>[],
		hook: opened.hook,
		log: logged,
		swap: async (next = subject) => kernel.swap(name, {use: (await found(next, hooks)).plugin, config}),
		name,
		kernel,
		stop: kernel.stop,
		graph: kernel.graph,
	};
}
