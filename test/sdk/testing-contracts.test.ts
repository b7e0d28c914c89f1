import network from '@forgeone/plugin-network';
import security from '@forgeone/plugin-security';
import audit from '@forgeone/plugin-security/audit';
import storage from '@forgeone/plugin-storage';
import {type AnyPlugin, type Contract, type Identity, type Provider, store} from '@forgeone/sdk';
import {
	appraisalContract,
	auditContract,
	egressContract,
	fake,
	memoryStore,
	networksContract,
	principalsContract,
	storeContract,
	type Test,
	volumesContract,
} from '@forgeone/sdk/testing';
import test from 'ava';
import {verdicts} from '../support/runner.ts';

storeContract(test, () => memoryStore, {title: 'memory'});
volumesContract(test, () => storage);
networksContract(test, () => network);
egressContract(test, () => network);
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

type Suite = (test: Test, plugin: () => AnyPlugin) => void;

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
];

for (const [what, suite, plugin, title] of wrongs) {
	test(`a provider that ${what} is found out`, async t => {
		const all = await verdicts(declared => suite(declared, () => plugin));
		t.true(Object.hasOwn(all, title), Object.keys(all).join());
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
