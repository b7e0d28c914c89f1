import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import network from '@forgeone/plugin-network';
import security from '@forgeone/plugin-security';
import audit from '@forgeone/plugin-security/audit';
import storage from '@forgeone/plugin-storage';
import sqlite from '@forgeone/plugin-storage/store';
import {
	type AnyPlugin,
	appraisal,
	audit as auditing,
	contract,
	egress,
	type Identity,
	networks,
	type Provider,
	principals,
	store,
	volumes,
} from '@forgeone/sdk';
import {hostileCallers, memoryStore} from '@forgeone/sdk/testing';
import type {Store} from '@forgeone/wasm';
import test, {type ExecutionContext} from 'ava';
import {auditComponent} from '../security/boot.ts';
import {counter, countingComponent} from '../support/plugins.ts';
import {verdicts} from '../support/runner.ts';

/** A file that goes with the test. */
async function temporary(t: ExecutionContext, name: string, content: string | Uint8Array): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const path = join(folder, name);
	await writeFile(path, content);
	return path;
}

const kept = {with: [audit, memoryStore]};
const shared = {...kept, shared: true};

hostileCallers(test, store, () => memoryStore, {title: 'memory'});
hostileCallers(test, store, () => sqlite, {title: 'SQLite', runs: 50});
hostileCallers(test, auditing, () => audit, {...shared, title: 'audit', with: [memoryStore], runs: 50});
// A list of entries of long texts each may be more than a component has memory for: then it ends, and is started again.
const longs = {except: ['appendAll']};
hostileCallers(test, auditing, () => auditComponent, {...shared, ...longs, title: 'audit component', with: [memoryStore], runs: 50});
hostileCallers(test, volumes, () => storage, {...shared, runs: 50});
hostileCallers(test, networks, () => network, {...shared, runs: 50});
hostileCallers(test, egress, () => network, {...kept, runs: 50});
hostileCallers(test, principals, () => security, {...kept, runs: 50});
hostileCallers(test, appraisal, () => security, {...kept, runs: 50});

/** The functions of a store in which one thing is wrong. */
const wrong = (functions: Partial<Provider<typeof Store>>) => (): AnyPlugin => ({
	...memoryStore,
	async setup(context) {
		const {store: right} = (await memoryStore.setup(context)) as {store: (caller: Identity) => object};
		return {store: (caller: Identity) => ({...right(caller), ...functions})};
	},
});

const tree: Record<string, Record<string, unknown>> = {};
const everybody = new Map<string, Uint8Array>();

for (const [what, functions, title, reason] of [
	[
		'throws what no contract knows',
		{get: key => JSON.parse(key)},
		'get withstands',
		/^plugin "memory-store" failed in "forgeone:storage\/store#get": .*; called by "alice" with \[""\] \(seed/,
	],
	[
		'throws for one odd name',
		{remove: key => (key === '__proto__' ? decodeURIComponent('%') === '' : false)},
		'remove withstands',
		/__proto__/,
	],
	['never answers', {remove: () => new Promise<never>(() => undefined)}, 'remove withstands', /did not answer within 100 ms/],
	['answers with what is not of its type', {keys: () => [7 as never]}, 'keys withstands', /it\[0\] is 7, where a string should be/],
	['answers with null for nothing', {get: () => null as never}, 'get withstands', /it is null, where a Uint8Array should be/],
	[
		'changes what all objects share',
		{set: key => void Object.assign(tree[key] ?? {}, {polluted: true})},
		'set withstands',
		/has changed what all objects share/,
	],
	[
		'gives one caller’s keys to all',
		{set: (key, value) => void everybody.set(key, value), keys: () => [...everybody.keys()]},
		'nothing of one caller',
		/gave to "set" reached "mallory" by "keys"/,
	],
	[
		'gives one caller’s values to all',
		{set: (key, value) => void everybody.set(key, value), get: key => everybody.get(key)},
		'nothing of one caller',
		/gave to "set" reached "mallory" by "get"/,
	],
] as [string, Partial<Provider<typeof Store>>, string, RegExp][]) {
	test(`a provider that ${what} is found out`, async t => {
		const all = await verdicts(declared => hostileCallers(declared, store, wrong(functions), {title: 'x', within: 100}));
		const [, failure] = Object.entries(all).find(([name]) => name.startsWith(`x: ${title}`)) ?? [];
		t.regex(failure ?? 'passed', reason);
		t.false('polluted' in {});
	});
}

test('a component that traps is found out, by the types that it has itself', async t => {
	const path = await temporary(t, 'counter.wasm', await countingComponent());
	const all = await verdicts(declared => hostileCallers(declared, counter, () => path, {title: 'x', shared: true, runs: 20}));
	t.is(all['x: add withstands whatever its types allow'], undefined);
	t.regex(all['x: boom withstands whatever its types allow'] ?? 'passed', /failed in "test:demo\/counter#boom": trap/);
});

test('a contract of one’s own is known by its WIT, and not without', async t => {
	const wit = await temporary(
		t,
		'counter.wit',
		'package test:demo@0.1.0;\ninterface counter { add: func(n: s64) -> s64; boom: func(); }\n',
	);
	const seen = new Set<string>();
	const bigCounter = contract<{add(n: bigint): bigint}>('test:demo/counter@0.1.0', ['add']);
	const adding: AnyPlugin = {
		name: 'adding',
		provides: {bigCounter},
		setup: () => ({
			bigCounter: () => ({
				add(n: bigint) {
					seen.add(typeof n);
					return BigInt.asIntN(64, n + 1n);
				},
			}),
		}),
	};
	const known = await verdicts(declared => hostileCallers(declared, bigCounter, () => adding, {title: 'x', wit}));
	t.deepEqual(Object.values(known), [undefined, undefined, undefined]);
	t.deepEqual([...seen], ['bigint']);
	const unknown = await verdicts(declared => hostileCallers(declared, bigCounter, () => adding, {title: 'x'}));
	t.deepEqual(Object.values(unknown), Array(3).fill('the types of "test:demo/counter@0.1.0" are not known'));
});

/** A type that has every kind of value in it. */
const everything = `package test:all@0.1.0;
interface all {
	record r { a-b: u8, c: option<option<string>> }
	variant v { none, some(r), more(list<v2>) }
	enum e { one-two, three }
	flags f { x-y, z }
	type v2 = tuple<e, f, s16, u64>;
	echo: func(a: r, b: v, c: list<u32>, d: result<e, string>, e: result, f: f64, g: f32, h: char, i: list<list<u8>>, j: bool, k: s8) -> tuple<r, v, list<u32>, result<e, string>, result, f64, f32, char, list<list<u8>>, bool, s8>;
}
`;

test('values of every kind are of their type, and back as they went', async t => {
	const wit = await temporary(t, 'all.wit', everything);
	const all = contract<{echo(...args: unknown[]): unknown}>('test:all/all@0.1.0', ['echo']);
	const echoing = (change: (args: unknown[]) => unknown): AnyPlugin => ({
		name: 'echoing',
		provides: {all},
		setup: () => ({all: () => ({echo: (...args: unknown[]) => change(args)})}),
	});
	const options = {title: 'x', wit, shared: true};
	const right = await verdicts(declared => hostileCallers(declared, all, () => echoing(args => args), options));
	t.deepEqual(Object.values(right), [undefined, undefined]);
	for (let i = 0; i < 11; i++) {
		const off = echoing(args => args.with(i, Symbol.iterator));
		const failures = await verdicts(declared => hostileCallers(declared, all, () => off, options));
		t.regex(failures['x: echo withstands whatever its types allow'] ?? 'passed', new RegExp(`it\\[${i}\\]`));
	}
});

test('a function that takes a resource is named, and can be left out', async t => {
	const wit = await temporary(
		t,
		'res.wit',
		'package test:res@0.1.0;\ninterface res { resource thing; take: func(it: thing); say: func() -> string; }\n',
	);
	const res = contract<{take(it: unknown): void; say(): string}>('test:res/res@0.1.0', ['take', 'say']);
	const plugin: AnyPlugin = {name: 'res', provides: {res}, setup: () => ({res: () => ({take() {}, say: () => 'hello'})})};
	const all = await verdicts(declared => hostileCallers(declared, res, () => plugin, {title: 'x', wit, shared: true}));
	t.regex(all['x: take withstands whatever its types allow'] ?? 'passed', /^a own can not be made up/);
	const rest = await verdicts(declared => hostileCallers(declared, res, () => plugin, {title: 'x', wit, except: ['take']}));
	t.deepEqual(rest, {
		'x: say withstands whatever its types allow': undefined,
		'x: an identity that was made by hand is refused': undefined,
		'x: nothing of one caller reaches another': undefined,
	});
});
