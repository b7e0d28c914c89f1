import {once} from 'node:events';
import {join} from 'node:path';
import type {Contract, Plugins} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {checkConfig, type Generation, startGeneration} from './generation.ts';
import {contractsOf, type Plan, planStart} from './graph.ts';
import {createPoint, type Hook, type Point} from './hook.ts';
import {createMint, type Identity} from './identity.ts';
import {createLinks} from './links.ts';
import {type Found, findPlugin, type PluginEntry} from './loader.ts';
import {type Log, silent} from './log.ts';
import {type Allowance, createMember, type Member} from './member.ts';
import {link, ownPlugin} from './own.ts';
import type {AnyPlugin, Mode, Use} from './plugin.ts';
import {createScope, type Scope} from './scope.ts';

/** What a kernel runs, and where. */
export interface KernelOptions extends Partial<Allowance> {
	/** `production` where it says nothing. */
	readonly mode?: Mode;
	readonly log?: Log;
	/** The folder below which each plugin has one of its own. */
	readonly state?: string;
	/** Where plugins are looked for: paths from the first, packages from each. */
	readonly folders?: readonly string[];
	/** How long a plugin may take to start, and a link to be judged, in milliseconds; 10,000 where it says nothing. */
	readonly patience?: number;
}

/** A microkernel: it registers, starts, links, swaps and stops plugins, and does nothing else. */
export interface Kernel {
	/** Loads a plugin and takes it in, without starting it. */
	register(name: string, entry: PluginEntry): Promise<void>;
	/** Starts what is registered and does not run, in the order of the contracts. Where one fails, all are stopped, and it throws. */
	start(): Promise<void>;
	/** Registers each and starts them. */
	boot(config: {readonly plugins: Readonly<Record<string, PluginEntry>>}): Promise<void>;
	/** A contract for the program that holds the kernel, which is the consumer `host`. Asked of policy as any other link. */
	link<T>(contract: Contract<T>): Promise<Use<T>>;
	/** Replaces a running plugin. Its callers notice nothing; where the new one fails, the old one stays. */
	swap(name: string, entry: PluginEntry): Promise<void>;
	/** Stops all, last in, first out. Throws FORGE_STOP_FAILED with every error. */
	stop(): Promise<void>;
	/** Waits for SIGINT or SIGTERM, stops, and says which it was. */
	run(): Promise<NodeJS.Signals>;
	/** The plugins, in the order in which they start. */
	graph(): Plugins.Plugin[];
}

/** A plugin as the kernel knows it: what it is now, and the place in which it runs. */
interface Place {
	now: Found;
	readonly member: Member;
	start(found: Found): Promise<Generation>;
}

const HOST = 'host';
const KERNEL = 'kernel';
const usual: Allowance = {trial: 1_000, drain: 5_000, restarts: 3, period: 60_000};

/** Makes a kernel with nothing in it. */
export function createKernel(options: KernelOptions = {}): Kernel {
	const {mode = 'production', log = silent, state = '.', folders = ['.'], patience = 10_000} = options;
	const mint = createMint();
	const scope = createScope(KERNEL);
	const places = new Map<string, Place>();
	const points = new Map<string, Point>();
	// One key, one hook, one type.
	const point = <T>(hook: Hook<T>) => points.getOrInsertComputed(hook.key, () => createPoint(hook) as Point) as Point<T>;
	const links = createLinks(mint, point(link).call, patience);
	const ready: (() => unknown)[] = [];
	let plan: Plan = {order: [], roots: 0, providerOf: (contract, consumer) => planAll().providerOf(contract, consumer)};

	function planAll(...changed: (readonly [string, AnyPlugin])[]): Plan {
		const all = new Map([...[...places].map(([name, {now}]) => [name, now.plugin] as const), ...changed]);
		const roots = [...all.keys()].filter(name => all.get(name)?.taps?.some(({key}: Hook) => key === link.key));
		return planStart(all, roots);
	}

	const opened = () => [...places.values()].flatMap(({now}) => now.plugin.opens ?? []);

	function use(contract: Contract, consumer: string, {implementation = 'typescript'}: Partial<AnyPlugin>, self: Identity) {
		const provider = plan.providerOf(contract, consumer);
		const {member} = places.get(provider) as Place;
		return links.make({consumer, implementation, self, contract, provider, member});
	}

	function place(name: string, now: Found): Place {
		const identity = mint.mint('plugin', name);
		const logger = log.child({plugin: name});
		const later = (then: () => unknown) => void ready.push(then);
		const around = {name, order: places.size, mode, log: logger, state: join(state, name), identity, patience, point, points, ready: later};
		let own: Scope | undefined;
		const made: Place = {
			now,
			member: createMember(name, logger, {...usual, ...options}, () => made.start(made.now)),
			async start({plugin, config}) {
				const uses: Record<string, Use<unknown>> = Object.create(null);
				for (const [key, contract] of Object.entries<Contract>(plugin.uses ?? {})) uses[key] = await use(contract, name, plugin, identity);
				if (!own) {
					own = scope.child(name);
					own.defer(() => made.member.stop());
				}
				return startGeneration(plugin, {...around, config, uses, scope: own.child('run')});
			},
		};
		return made;
	}

	async function startAll(): Promise<void> {
		plan = planAll();
		for (const [name, {now}] of places) checkConfig(now.plugin, name, now.config);
		for (const [index, name] of plan.order.entries()) {
			if (index === plan.roots) await links.settle();
			const {member, now, start} = places.get(name) as Place;
			if (!member.status().running) member.put(await start(now));
		}
		await links.settle();
		await whenReady();
	}

	async function whenReady(): Promise<void> {
		for (const then of ready.splice(0)) await then();
	}

	function view(name: string): Plugins.Plugin {
		const {now, member} = places.get(name) as Place;
		const {plugin, source} = now;
		const {running, reason} = member.status();
		const ids = (list: readonly Contract[] = []) => list.map(({id}) => id);
		return {
			name,
			implementation: plugin.implementation ?? 'typescript',
			state: running ? 'running' : 'stopped',
			provides: ids(contractsOf(plugin.provides)),
			uses: ids(contractsOf(plugin.uses)),
			taps: ids(plugin.taps),
			opens: ids(plugin.opens),
			...(source === undefined ? {} : {source}),
			...(reason === undefined ? {} : {reason}),
			...(plugin.artefact === undefined ? {} : {artefact: plugin.artefact}),
		};
	}

	const kernel: Kernel = {
		async register(name, entry) {
			if (places.has(name)) throw errors.FORGE_PLUGIN_TWICE({plugin: name});
			places.set(name, place(name, await findPlugin(entry, folders, opened())));
		},
		async start() {
			try {
				await startAll();
			} catch (error) {
				await kernel.stop().catch(failure => log.error({err: failure}, 'could not undo a failed boot'));
				throw error;
			}
		},
		async boot(config) {
			for (const [name, entry] of Object.entries(config.plugins)) await kernel.register(name, entry);
			await kernel.start();
		},
		async link<T>(contract: Contract<T>) {
			// Its functions are those of the contract.
			return (await use(contract, HOST, {}, mint.mint('plugin', HOST))) as Use<T>;
		},
		async swap(name, entry) {
			const there = places.get(name);
			if (!there) throw errors.FORGE_PLUGIN_UNKNOWN({plugin: name});
			const found = await findPlugin(entry, folders, opened(), there.now.limits);
			const kept = new Set(contractsOf(found.plugin.provides).map(({key}) => key));
			const lost = contractsOf(there.now.plugin.provides).find(({key}) => !kept.has(key));
			if (lost) throw errors.FORGE_PLUGIN_INCOMPLETE({plugin: name, contract: lost.id, missing: lost.name});
			const next = {...found, config: found.config ?? there.now.config};
			const changed = planAll([name, next.plugin]);
			const generation = await there.start(next);
			there.now = next;
			plan = changed;
			there.member.put(generation);
			await whenReady();
		},
		stop: () => scope.close(),
		async run() {
			const [signal] = await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
			await kernel.stop();
			return signal;
		},
		graph: () => plan.order.map(view),
	};
	const plugin = ownPlugin(KERNEL, {list: kernel.graph, swap: kernel.swap}, mint.mint);
	places.set(KERNEL, place(KERNEL, {plugin, source: undefined, config: undefined, limits: {}}));
	return kernel;
}
