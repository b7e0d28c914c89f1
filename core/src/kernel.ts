import {join} from 'node:path';
import type {Contract, Plugins} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {checkConfig, startGeneration} from './generation.ts';
import {checkSwap, planStart} from './graph.ts';
import {createPoint, type Hook, type Point} from './hook.ts';
import {createMint, type Identity} from './identity.ts';
import {createLinks} from './links.ts';
import {findPlugin, type PluginEntry} from './loader.ts';
import {type Log, silent} from './log.ts';
import {type Allowance, createMember, type Member} from './member.ts';
import {link, ownPlugin} from './own.ts';
import type {AnyPlugin, Found, Mode, Use} from './plugin.ts';
import {createScope, type Scope} from './scope.ts';
import {viewOf} from './view.ts';

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
	/** Replaces a running plugin, by itself loaded anew where no other is given. Its callers notice nothing; where the new one fails, the old one stays. */
	swap(name: string, entry?: PluginEntry): Promise<void>;
	/** Stops all, last in, first out. Throws FORGE_STOP_FAILED with every error. */
	stop(): Promise<void>;
	/** The plugins, in the order in which they start. */
	graph(): Plugins.Plugin[];
}

const HOST = 'host';
const KERNEL = 'kernel';
const usual: Allowance = {trial: 1_000, drain: 5_000, restarts: 3, period: 60_000};

/** Makes a kernel with nothing in it. */
export function createKernel(options: KernelOptions = {}): Kernel {
	const {mode = 'production', log = silent, state = '.', folders = ['.'], patience = 10_000} = options;
	const mint = createMint();
	const scope = createScope(KERNEL);
	const members = new Map<string, Member>();
	const points = new Map<string, Point>();
	// One key, one hook, one type.
	const point = <T>(hook: Hook<T>) => points.getOrInsertComputed(hook.key, () => createPoint(hook) as Point) as Point<T>;
	const links = createLinks(mint, point(link).call, patience);
	const ready: (() => unknown)[] = [];
	const shared = {mode, patience, point, points, ready: (then: () => unknown) => void ready.push(then)};
	let last: Promise<unknown> = Promise.resolve();

	function plan(...changed: (readonly [string, AnyPlugin])[]) {
		const all = new Map([...[...members].map(([name, {now}]) => [name, now().plugin] as const), ...changed]);
		const roots = [...all.keys()].filter(name => all.get(name)?.taps?.some(({key}: Hook) => key === link.key));
		return planStart(all, roots);
	}

	const opened = () => [...members.values()].flatMap(({now}) => now().plugin.opens ?? []);

	/** A member that `plan` knows. */
	const memberOf = (name: string) => members.get(name) as Member;

	function use(contract: Contract, consumer: string, {implementation = 'typescript'}: Partial<AnyPlugin>, self: Identity) {
		const provider = plan().providerOf(contract, consumer);
		return links.make({consumer, implementation, self, contract, provider, member: memberOf(provider)});
	}

	function add(name: string, found: Found): void {
		const identity = mint.mint('plugin', name);
		const around = {...shared, name, identity, order: members.size, log: log.child({plugin: name}), state: join(state, name)};
		let own: Scope | undefined;
		const member = createMember(around, found, {...usual, ...options}, async found => {
			// Asked of policy in one breath: what it decides then may go on record together.
			const asked = Object.entries<Contract>(found.plugin.uses ?? {});
			const links = await Promise.all(asked.map(([, contract]) => use(contract, name, found.plugin, identity)));
			const uses = Object.fromEntries(asked.map(([key], index) => [key, links[index] as Use<unknown>]));
			if (!own) {
				own = scope.child(name);
				own.defer(() => member.stop());
			}
			return startGeneration(found, {...around, uses, scope: own.child('run')});
		});
		members.set(name, member);
	}

	async function startAll(): Promise<void> {
		const {order, roots} = plan();
		for (const [name, {now}] of members) checkConfig(now().plugin, name, now().config);
		for (const [index, name] of order.entries()) {
			if (index === roots) await links.settle();
			if (!memberOf(name).now().running) await memberOf(name).start();
		}
		await links.settle();
		for (const then of ready.splice(0)) await then();
	}

	/** One at a time, as each is checked against what the others have left. */
	function swap(name: string, entry?: PluginEntry): Promise<void> {
		const swapped = last.then(async () => {
			const member = members.get(name);
			if (!member) throw errors.FORGE_PLUGIN_UNKNOWN({plugin: name});
			await member.replace(async () => {
				const now = member.now();
				const found = await findPlugin(entry ?? now.source ?? now.plugin, folders, opened(), now);
				checkSwap(name, now.plugin, found);
				plan([name, found.plugin]);
				return found;
			});
			for (const then of ready.splice(0)) await then();
		});
		last = swapped.catch(() => undefined);
		return swapped;
	}

	const kernel: Kernel = {
		async register(name, entry) {
			if (members.has(name)) throw errors.FORGE_PLUGIN_TWICE({plugin: name});
			add(name, await findPlugin(entry, folders, opened()));
		},
		start: () =>
			startAll().catch(async error => {
				await kernel.stop().catch(failure => log.error({err: failure}, 'could not undo a failed boot'));
				throw error;
			}),
		async boot(config) {
			for (const [name, entry] of Object.entries(config.plugins)) await kernel.register(name, entry);
			await kernel.start();
		},
		// Its functions are those of the contract.
		link: async <T>(contract: Contract<T>) => (await use(contract, HOST, {}, mint.mint('plugin', HOST))) as Use<T>,
		swap,
		stop: () => scope.close(),
		graph: () => plan().order.map(name => viewOf(name, memberOf(name))),
	};
	const tried = (name: string, source: string | undefined) => swap(name, source).then(() => memberOf(name).trial());
	const plugin = ownPlugin(KERNEL, {list: kernel.graph, swap: tried}, mint.mint);
	add(KERNEL, {plugin, source: undefined, config: undefined, limits: {}});
	return kernel;
}
