import network from '@forgeone/plugin-network';
import runtime from '@forgeone/plugin-runtime';
import security from '@forgeone/plugin-security';
import audit from '@forgeone/plugin-security/audit';
import storage from '@forgeone/plugin-storage';
import {type AnyPlugin, type Contract, type Hook, type Identity, type Provider, store} from '@forgeone/sdk';
import {
	appraisalContract,
	auditContract,
	containersContract,
	egressContract,
	fake,
	listenersContract,
	memoryStore,
	networksContract,
	principalsContract,
	storeContract,
	type Test,
	volumesContract,
} from '@forgeone/sdk/testing';
import test from 'ava';
import {verdicts} from '../support/runner.ts';

type Suite = (test: Test, plugin: () => AnyPlugin) => void;

storeContract(test, () => memoryStore, {title: 'memory'});
volumesContract(test, () => storage);
networksContract(test, () => network);
egressContract(test, () => network);
containersContract(test.serial, () => runtime);
const gatedListeners: Suite = (test, plugin) => listenersContract(test, plugin, {config: {gateway: '127.0.0.1:0'}});
gatedListeners(test, () => network);
const quiet = {with: [audit, memoryStore]};
principalsContract(test, () => security, quiet);
appraisalContract(test, () => security, quiet);

// biome-ignore lint/suspicious/noExplicitAny: what is broken keeps to no type.
type Broken = (right: any, caller: Identity) => object;

/** The same plugin with one thing wrong: `change` gives the functions that take the place of right ones. */
function broken(right: AnyPlugin, change: Broken): AnyPlugin {
	return {
		...right,
		async setup(context) {
			const providers = await right.setup(context);
			const wrong = (factory: (caller: Identity) => object) => (caller: Identity) => {
				const functions = factory(caller);
				return {...functions, ...change(functions, caller)};
			};
			return Object.fromEntries(Object.entries(providers).map(([key, factory]) => [key, wrong(factory as () => object)]));
		},
	};
}

/** The store in memory, which takes its callers for others. */
const mistaking = (subjectOf: (subject: string) => string): AnyPlugin => ({
	...memoryStore,
	async setup(context) {
		const {store} = (await memoryStore.setup(context)) as {store: (caller: Identity) => Provider<unknown>};
		return {store: (caller: Identity) => store({...caller, subject: subjectOf(caller.subject)})};
	},
});

const keepsReferences = (): AnyPlugin => {
	const kept = new Map<string, Uint8Array>();
	return broken(memoryStore, right => ({
		set(key: string, value: Uint8Array) {
			right.set(key, value);
			kept.set(key, value);
		},
		get: (key: string) => (right.get(key) ? kept.get(key) : undefined),
	}));
};

/** The network, which says nothing where it could not attach. */
const lenient = (): AnyPlugin => ({
	...network,
	setup: context =>
		network.setup({
			...context,
			hooks: {
				...context.hooks,
				tap(hook: Hook, functions: {attach?(parts: unknown[], request: unknown): Promise<unknown>}) {
					const {attach} = functions;
					if (!attach) return context.hooks.tap(hook, functions);
					context.hooks.tap(hook, {
						...functions,
						attach: (parts: unknown[], request: unknown) => attach(parts, request).catch(() => parts),
					});
				},
			},
		} as never),
});

const wrongs: [what: string, suite: Suite, plugin: AnyPlugin, title: string][] = [
	[
		'loses a key',
		storeContract,
		broken(memoryStore, ({set}) => ({set: (key: string, value: Uint8Array) => key === 'k' || set(key, value)})),
		'store: what was set is got, replaced and removed',
	],
	[
		'keeps the first value',
		storeContract,
		broken(memoryStore, ({get, set}) => ({set: (key: string, value: Uint8Array) => get(key) ?? set(key, value)})),
		'store: what was set is got, replaced and removed',
	],
	[
		'says that it removed what was not there',
		storeContract,
		broken(memoryStore, ({remove}) => ({remove: (key: string) => remove(key) || true})),
		'store: what was set is got, replaced and removed',
	],
	['mixes callers', storeContract, mistaking(() => 'user:everybody'), 'store: each caller has its own'],
	['mixes callers of two kinds', storeContract, mistaking(subject => subject.replace(/^\w+:/, '')), 'store: each caller has its own'],
	[
		'keeps what the caller may change',
		storeContract,
		keepsReferences(),
		'store: what was given and what was got is nobody else’s to change',
	],
	[
		'has keys in the order of UTF-16',
		storeContract,
		broken(memoryStore, ({keys}) => ({keys: (...args: unknown[]) => keys(...args).sort()})),
		'store: keys come in byte order, from a start, with a prefix, and no more than asked for',
	],
	[
		'takes no notice of the limit',
		storeContract,
		broken(memoryStore, ({keys}) => ({keys: (prefix: string, start: string) => keys(prefix, start, 1e9)})),
		'store: keys come in byte order, from a start, with a prefix, and no more than asked for',
	],
	[
		'loses __proto__',
		storeContract,
		broken(memoryStore, ({keys}) => ({
			keys: (...args: unknown[]) =>
				Object.keys(Object.fromEntries(keys(...args).map((key: string) => [key, 0]))).filter(key => key !== '__proto__'),
		})),
		'store: keys come in byte order, from a start, with a prefix, and no more than asked for',
	],
	[
		'takes any key',
		storeContract,
		broken(memoryStore, ({get}) => ({get: (key: string) => (key ? get(key) : undefined)})),
		'store: a key has 1 to 1,024 bytes, a value 1 MiB',
	],
	[
		'takes any value',
		storeContract,
		broken(memoryStore, ({set}) => ({set: (key: string, value: Uint8Array) => set(key, value.slice(0, 9))})),
		'store: a key has 1 to 1,024 bytes, a value 1 MiB',
	],
	[
		'has the oldest first',
		auditContract,
		broken(audit, ({recent}) => ({recent: (limit: number) => recent(limit).reverse()})),
		'audit: entries come back as they were, newest first, and no more than asked for',
	],
	[
		'keeps what is small',
		auditContract,
		broken(audit, ({append}) => ({append: (entry: {object: string}) => append({...entry, object: entry.object.slice(0, 99)})})),
		'audit: any text and any time is kept; a text of more than 4,096 characters is cut',
	],
	[
		'keeps a hundred',
		auditContract,
		broken(audit, ({recent}) => ({recent: (limit: number) => recent(Math.min(limit, 100))})),
		'audit: the last thousand are kept, and not many more',
	],
	[
		'makes a volume again',
		volumesContract,
		broken(storage, ({remove}) => ({remove: (name: string) => name === 'data' || remove(name)})),
		'volumes: one is made once, listed by name, counted, and removed with what is in it',
	],
	[
		'takes any name',
		volumesContract,
		broken(storage, ({create}) => ({create: (name: string, quota: unknown) => create(name.toLowerCase(), quota)})),
		'volumes: what is no name is refused, and makes nothing',
	],
	[
		'forgets a quota',
		volumesContract,
		broken(storage, ({create}) => ({create: (name: string) => create(name)})),
		'volumes: a quota takes the place of the one before',
	],
	[
		'has a digest of something else',
		containersContract,
		broken(runtime, ({create}) => ({create: async (spec: unknown) => ({...(await create(spec)), digest: `sha256:${'0'.repeat(64)}`})})),
		'containers: one is created, runs and ends, and its record tells of it',
	],
	[
		'says output again',
		containersContract,
		broken(runtime, ({logs}) => ({logs: (id: string, _: bigint, wait: number) => logs(id, 0n, wait)})),
		'containers: what it writes is kept as it was, in order, until it is removed',
	],
	[
		'changes what is written to a container',
		containersContract,
		broken(runtime, ({write}) => ({write: (id: string, data: Uint8Array) => write(id, data.fill(0))})),
		'containers: its input reaches it as it is written, and ends',
	],
	[
		'knows one way to end',
		containersContract,
		broken(runtime, ({wait}) => ({wait: async (id: string, timeout: number) => ({...(await wait(id, timeout)), exitCode: 1})})),
		'containers: what breaks, and what takes too long, ends with the code of that',
	],
	[
		'does not end what it starts again',
		containersContract,
		broken(runtime, ({inspect}) => ({stop: (id: string) => inspect(id)})),
		'containers: one that fails is started again where it is to be, until it is ended by hand',
	],
	[
		'only hides what is to be forgotten',
		containersContract,
		broken(runtime, () => ({list: () => []})),
		'containers: one that is to be forgotten is, once it has ended',
	],
	[
		'takes any container for one that it does not find',
		containersContract,
		broken(runtime, ({inspect, list}) => ({inspect: (id: string) => Promise.try(inspect, id).catch(async () => (await list())[0])})),
		'containers: it is found by its id, by the beginning of that and by its name, and nothing else is',
	],
	[
		'gives names of its own',
		containersContract,
		broken(runtime, ({create}) => ({create: ({name, ...spec}: {name?: string}) => create(spec)})),
		'containers: a name is that of one container, until that is removed',
	],
	[
		'runs with as much memory as it likes',
		containersContract,
		broken(runtime, ({create}) => ({create: (spec: {limits: object}) => create({...spec, limits: {...spec.limits, memory: 2n ** 24n}})})),
		'containers: what is no spec, and an image that is not there, is refused and leaves no record',
	],
	[
		'removes what runs',
		containersContract,
		broken(runtime, ({remove}) => ({remove: (id: string) => remove(id, true)})),
		'containers: one that runs is not started again and not removed; it is killed, stopped, or removed by force',
	],
	[
		'grants what is asked for',
		containersContract,
		broken(runtime, ({create}) => ({create: async (spec: object) => ({...(await create(spec)), grants: spec})})),
		'containers: nothing is made that policy does not admit, and it is granted what policy grants',
	],
	[
		'runs what subsystems did not attach',
		containersContract,
		broken(runtime, ({start, inspect}) => ({start: (id: string) => start(id).catch(() => inspect(id))})),
		'containers: subsystems attach what was granted before it runs, and take it back',
	],
	[
		'has the strongest isolation first',
		containersContract,
		broken(runtime, ({isolations}) => ({isolations: async () => (await isolations()).reverse()})),
		'containers: each isolation that it names runs one, or is refused with what is lacking',
	],
	[
		'tells other ports than it listens at',
		gatedListeners,
		broken(network, ({list}) => ({list: () => list().map(({port, ...rest}: {port: number}) => ({...rest, port: port ^ 1}))})),
		'listeners: each port that a container publishes is listed, and is listened at, until it is detached',
	],
	[
		'attaches as much as it can',
		gatedListeners,
		lenient(),
		'listeners: a port that is taken is said to be, and none of the others is left open',
	],
	[
		'forgets the paths of routes',
		gatedListeners,
		broken(network, ({gateway}) => ({
			gateway() {
				const {addresses, routes} = gateway();
				return {addresses, routes: routes.map((route: object) => ({...route, path: '/'}))};
			},
		})),
		'listeners: the gateway tells its routes, each in one form and to one container, until that is detached',
	],
];

for (const [what, suite, plugin, title] of wrongs) {
	test(`a provider that ${what} is found out`, async t => {
		const titles: string[] = [];
		const one =
			(declared: Test): Test =>
			(found, body) =>
				titles.push(found) && found === title && declared(found, body);
		const all = await verdicts(declared => suite(one(declared), () => plugin));
		t.true(titles.includes(title), titles.join());
		t.is(typeof all[title], 'string');
	});
}

/** The functions of a contract that other suites find wrong. */
const wrongly = (contract: Contract, functions: Provider<unknown>): AnyPlugin => ({
	name: 'wrong',
	provides: {contract},
	setup: () => ({contract: () => functions}),
});

test('a suite fails as a whole for a provider that answers nothing', async t => {
	for (const [suite, contract] of [
		[appraisalContract, 'appraisal'],
		[principalsContract, 'principals'],
		[networksContract, 'networks'],
		[egressContract, 'egress'],
	] as const) {
		const token = (await import('@forgeone/sdk'))[contract] as Contract;
		const nothing = wrongly(token, Object.fromEntries(token.functions.map(fn => [fn, () => undefined])) as never);
		const all = await verdicts(declared => suite(declared, () => nothing));
		t.deepEqual(
			Object.entries(all).filter(([, failure]) => failure === undefined),
			[],
		);
	}
});

test('a suite says by its title which provider it is about, and asks for the plugin anew for each test', async t => {
	let asked = 0;
	const open = () => {
		asked++;
		return memoryStore;
	};
	const all = await verdicts(declared => storeContract(declared, open, {title: 'mine', with: [fake(store, {})].slice(1)}));
	t.true(Object.keys(all).every(title => title.startsWith('mine: ')));
	t.is(asked, Object.keys(all).length);
});
