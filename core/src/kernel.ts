import {join} from 'node:path';
import type {Plugins} from '@forgeone/wasm';
import type {Contract} from './contract.ts';
import {errors} from './errors.ts';
import {type Generation, startGeneration} from './generation.ts';
import {providerOf, providing, startOrder} from './graph.ts';
import {createPoint, type Hook, type Point} from './hook.ts';
import {createMint, type Identity, type Mint} from './identity.ts';
import {createLinks} from './links.ts';
import {type Found, findPlugin, type PluginEntry} from './loader.ts';
import {type Log, silent} from './log.ts';
import {type Allowance, createMember, type Member} from './member.ts';
import {identities, link, plugins} from './own.ts';
import type {AnyPlugin, Mode, Use} from './plugin.ts';
import {createScope} from './scope.ts';

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
	/** Starts all that are registered, in the order of their contracts. Where one fails, those before it are stopped, and it throws. */
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
	graph(): readonly Plugins.Plugin[];
}

/** A plugin as the kernel knows it: what it is now, and the place in which it runs. */
interface Place {
	readonly member: Member;
	readonly identity: Identity;
	now: Found;
	start(found: Found): Promise<Generation>;
}

const HOST = 'host';
const KERNEL = 'kernel';
const usual: Allowance = {trial: 1_000, drain: 5_000, restarts: 3, period: 60_000};

/** Makes a kernel with nothing in it. */
export function createKernel(options: KernelOptions = {}): Kernel {
	const {mode = 'production', log = silent, state = '.', folders = ['.'], patience = 10_000} = options;
	const allowance = {...usual, ...options};
	const mint = createMint();
	const scope = createScope(KERNEL);
	const places = new Map<string, Place>();
	const points = new Map<string, Point>();
	const links = createLinks(mint, point(link).call, patience);
	const ready: (() => unknown)[] = [];
	let order: readonly string[] = [];

	function point<T>(hook: Hook<T>): Point<T> {
		const found = points.get(hook.name) ?? (createPoint(hook) as Point);
		points.set(hook.name, found);
		// One name, one hook, one type.
		return found as Point<T>;
	}

	const all = (): Map<string, AnyPlugin> => new Map([...places].map(([name, {now}]) => [name, now.plugin]));
	const find = (entry: PluginEntry): Promise<Found> =>
		findPlugin(
			entry,
			folders,
			[...all().values()].flatMap(({opens = []}) => opens),
		);

	function use(contract: Contract, consumer: string, plugin: AnyPlugin, self: Identity): Promise<Use<unknown>> {
		const provider = providerOf(contract, consumer, providing(all()));
		const {member} = places.get(provider) as Place;
		return links.make({
			consumer,
			implementation: plugin.implementation ?? 'typescript',
			self,
			contract,
			provider,
			member,
		});
	}

	function place(name: string, now: Found): Place {
		const identity = mint.mint('plugin', name);
		const own = scope.child(name);
		const logger = log.child({plugin: name});
		const around = {name, order: places.size, mode, log: logger, state: join(state, name), identity, patience, point};
		const made: Place = {
			identity,
			now,
			member: createMember(name, logger, allowance, () => made.start(made.now)),
			async start({plugin, config}) {
				const uses: Record<string, Use<unknown>> = Object.create(null);
				for (const [key, contract] of Object.entries<Contract>(plugin.uses ?? {})) {
					uses[key] = await use(contract, name, plugin, identity);
				}
				const later = (then: () => unknown) => void ready.push(then);
				return startGeneration(plugin, {...around, config, uses, ready: later, scope: own.child('run')});
			},
		};
		own.defer(() => made.member.stop());
		return made;
	}

	async function whenReady(): Promise<void> {
		for (const then of ready.splice(0)) await then();
	}

	async function startAll(): Promise<void> {
		const roots = [...all()].filter(([, {taps = []}]) => taps.some(({name}: Hook) => name === link.name)).map(([name]) => name);
		const plan = startOrder(all(), roots);
		order = plan.order;
		for (const [index, name] of order.entries()) {
			if (index === plan.rootCount) await links.settle();
			const {member, now, start} = places.get(name) as Place;
			member.put(await start(now));
		}
		await links.settle();
		await whenReady();
	}

	const kernel: Kernel = {
		async register(name, entry) {
			if (places.has(name)) throw errors.FORGE_PLUGIN_TWICE({plugin: name});
			places.set(name, place(name, await find(entry)));
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
			const use_ = await use(contract, HOST, {name: HOST, setup: () => ({})}, mint.mint('plugin', HOST));
			// Its functions are those of the contract.
			return use_ as Use<T>;
		},
		async swap(name, entry) {
			const there = places.get(name);
			if (!there) throw errors.FORGE_PLUGIN_UNKNOWN({plugin: name});
			const found = await find(entry);
			startOrder(all().set(name, found.plugin), []);
			const next = {...found, config: found.config ?? there.now.config};
			const generation = await there.start(next);
			there.now = next;
			there.member.put(generation);
			await whenReady();
		},
		stop: () => scope.close(),
		async run() {
			const signal = await new Promise<NodeJS.Signals>(resolve => {
				for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, resolve);
			});
			await kernel.stop();
			return signal;
		},
		graph: () => (order.length > 0 ? order : [...places.keys()]).map(name => view(name, places.get(name) as Place)),
	};
	places.set(KERNEL, place(KERNEL, {plugin: self(kernel, mint), source: undefined, config: undefined}));
	return kernel;
}

function view(name: string, {now: {plugin, source}, member: {running, reason}}: Place): Plugins.Plugin {
	const ids = (list: readonly Contract[]) => list.map(({id}) => id);
	return {
		name,
		implementation: plugin.implementation ?? 'typescript',
		state: running ? 'running' : 'stopped',
		provides: ids(Object.values(plugin.provides ?? {})),
		uses: ids(Object.values(plugin.uses ?? {})),
		taps: ids(plugin.taps ?? []),
		opens: ids(plugin.opens ?? []),
		...(source === undefined ? {} : {source}),
		...(reason === undefined ? {} : {reason}),
	};
}

/** The kernel's own contracts, provided the way every plugin provides. */
function self(kernel: Kernel, {mint}: Mint): AnyPlugin {
	return {
		name: KERNEL,
		provides: {identities, plugins},
		opens: [link],
		setup: () => ({
			identities: () => ({mint}),
			plugins: () => ({list: () => kernel.graph(), swap: (name: string, source: string) => kernel.swap(name, source)}),
		}),
	};
}
