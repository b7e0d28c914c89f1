import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {type Contract, deadline, ForgeError, type Identity, reasonOf, type Use} from '@forgeone/core';
import {ComponentError, type FuncType} from '@forgeone/wasm';
import {tool} from '../../bindgen/tools.ts';
import type {Test} from '../context.ts';
import type {TestKernel} from '../kernel.ts';
import {testKernel} from '../kernel.ts';
import type {Open, SuiteOptions} from '../suite.ts';
import {type Filling, filled} from './filled.ts';
import {misfit} from './misfit.ts';
import {pollution} from './pollution.ts';
import {type FunctionTypes, functionTypes} from './types.ts';
import {oddNames, valuesOf} from './values.ts';

/** What hostile callers are told. */
export interface HostileOptions extends SuiteOptions {
	/** Where the contract's types stand, a `.wit` file or a folder, if they are neither ForgeOne's own nor those of a component. */
	readonly wit?: string;
	/** How many calls are made to each function; 200 where it says nothing. */
	readonly runs?: number;
	/** Calls the same as in the run that told this seed. */
	readonly seed?: number;
	/** How long a function may take, in milliseconds; 10,000 where it says nothing. */
	readonly within?: number;
	/** Whether callers share what the plugin keeps, as they do by the contract of `audit`. Else nothing of one may reach another. */
	readonly shared?: boolean;
	/** Functions that are left alone, such as those that take a resource. */
	readonly except?: readonly string[];
}

type Functions = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** Errors that mean that a plugin broke, rather than refused. */
const breaks = /^FORGE_(PLUGIN_FAILED|PLUGIN_DOWN|TRAP|FUEL_EXHAUSTED|INSTANCE_DEAD|CONTRACT_ASYNC|TIMEOUT|VALUE_INVALID|TEST_UNFAKED)$/;

const isRefusal = (error: unknown): boolean =>
	error instanceof ForgeError && (!breaks.test(error.code) || error.cause instanceof ComponentError);

/** Calls a function, and fails where it does neither what its type says nor refuse. */
async function withstand(call: () => Promise<unknown>, {result}: FuncType, within: number, what: string): Promise<void> {
	const polluted = pollution();
	try {
		const answer = await deadline(call(), within, what);
		const type = result?.kind === 'result' ? result.ok : result;
		const wrong = type && misfit(type, answer);
		assert.ok(wrong === undefined, `"${what}" answered with what is not of its type: ${wrong}`);
	} catch (error) {
		if (!isRefusal(error)) throw error;
	}
	assert.deepEqual(polluted(), [], `"${what}" has changed what all objects share`);
}

/** How much is told of the values of a call that went wrong. */
const LONGEST = 200;

const callers = ['alice', ...oddNames, 'container:c1', 'x'.repeat(10_000)];

async function attack(
	kernel: TestKernel,
	contract: Contract,
	fn: string,
	type: FuncType,
	{runs, within, ...replay}: {readonly runs: number; readonly within: number; readonly seed?: number},
): Promise<void> {
	const fc = await tool('fast-check', () => import('fast-check'));
	const args = fc.tuple(...type.params.map(param => valuesOf(fc, param.type)));
	const property = fc.asyncProperty(fc.constantFrom(...callers), args, (caller, given) => {
		const functions = kernel.as(caller)(contract) as Functions;
		return withstand(async () => functions[fn]?.(...given), type, within, `${contract.id}#${fn}`);
	});
	// A plugin that hangs would hang again for each smaller value that is tried.
	const found = await fc.check(property, {...replay, numRuns: runs, interruptAfterTimeLimit: 6 * within});
	if (!found.failed) return;
	const [caller = '', given = []] = found.counterexample ?? [];
	const called = `called by ${fc.stringify(caller).slice(0, LONGEST)} with ${fc.stringify(given).slice(0, LONGEST)}`;
	throw new Error(`${reasonOf(found.errorInstance)}; ${called} (seed ${found.seed})`, {cause: found.errorInstance});
}

/** Whether a text, as it is or in bytes, is anywhere in a value. */
function mentions(value: unknown, text: string): boolean {
	if (typeof value === 'string') return value.includes(text);
	if (value instanceof Uint8Array) return Buffer.from(value).includes(text);
	if (value instanceof Error) return mentions(value.message, text);
	if (value instanceof Map) return mentions([...value].flat(), text);
	return typeof value === 'object' && value !== null && Object.values(value).some(inner => mentions(inner, text));
}

/** One caller leaves a secret with each function, under its own name and under a plain one; another asks for all that there is, and for the plain name. */
async function spy(kernel: TestKernel, contract: Contract, types: FunctionTypes, within: number): Promise<void> {
	const secret = `secret-${randomUUID()}`;
	const call = async (caller: string, [fn, {params}]: readonly [string, FuncType], filling: Filling) => {
		const functions = kernel.as(caller)(contract) as Functions;
		const args = params.map(({type}) => filled(type, filling));
		const answer = functions[fn]?.(...args).catch((error: unknown) => error);
		return deadline(answer, within, `${contract.id}#${fn}`);
	};
	for (const text of [secret, 'k']) {
		for (const left of types) {
			await call('alice', left, {text, bytes: Buffer.from(secret), most: false});
			for (const asked of types) {
				for (const wanted of ['', 'k']) {
					const answer = await call('mallory', asked, {text: wanted, bytes: new Uint8Array(), most: true});
					const hint = 'where callers share what is kept, say {shared: true}';
					assert.ok(!mentions(answer, secret), `what "alice" gave to "${left[0]}" reached "mallory" by "${asked[0]}"; ${hint}`);
				}
			}
		}
	}
}

async function forge({kernel}: TestKernel, contract: Contract): Promise<void> {
	const use: Use<unknown> = await kernel.link(contract);
	// What the compiler would refuse, too.
	const forged = {subject: 'user:0', kind: 'user', via: []} as unknown as Identity;
	for (const identity of [forged, Object.freeze({...forged}), Object.create(forged)]) {
		assert.throws(() => use(identity), {code: 'FORGE_IDENTITY_FORGED'});
	}
}

/**
 * Declares tests in which a provider meets callers that mean it harm: every function gets values of its types at their extremes, from callers of odd
 * names. It must answer by its type or refuse with an error of the contract or a code, within time; it must not break, change what all
 * objects share, or give what is one caller's to another. Throws FORGE_BINDGEN_TOOL without fast-check.
 */
export function hostileCallers<T>(test: Test, contract: Contract<T>, plugin: Open, options: HostileOptions = {}): void {
	const {
		title = `hostile callers of ${contract.name}`,
		wit,
		runs = 200,
		within = 10_000,
		shared = false,
		except = [],
		seed,
		...rest
	} = options;
	const met = (what: string, body: (kernel: TestKernel, types: FunctionTypes) => Promise<void>) =>
		test(`${title}: ${what}`, async t => {
			const subject = await plugin();
			const types = await functionTypes(contract, subject, wit);
			// A component that breaks is started again for each value that is tried.
			const kernel = await testKernel(t, subject, {restarts: Number.MAX_SAFE_INTEGER, ...rest});
			await body(kernel, new Map([...types].filter(([fn]) => !except.includes(fn))));
			t.pass();
		});
	for (const fn of contract.functions.filter(name => !except.includes(name))) {
		met(`${fn} withstands whatever its types allow`, async (kernel, types) => {
			const type = types.get(fn);
			assert.ok(type, `the WIT of "${contract.id}" has no function "${fn}"`);
			await attack(kernel, contract, fn, type, {runs, within, ...(seed === undefined ? {} : {seed})});
		});
	}
	met('an identity that was made by hand is refused', kernel => forge(kernel, contract));
	if (!shared) met('nothing of one caller reaches another', (kernel, types) => spy(kernel, contract, types, within));
}
