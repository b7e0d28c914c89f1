import type {Test} from './context.ts';
import {type Subject, type TestKernel, type TestOptions, testKernel} from './kernel.ts';

/** What a suite is run with, beside what a kernel of its tests is. */
export interface SuiteOptions extends TestOptions {
	/** What the titles begin with; the contract, where it says nothing. */
	readonly title?: string;
}

/** Gives the plugin to test; asked for each test. */
export type Open = () => Subject | Promise<Subject>;

/** Declares tests, each with a kernel of its own in which the plugin runs. */
export type Promises = (promise: string, body: (kernel: TestKernel) => Promise<void>) => void;

/** Makes what declares the tests of a contract. */
export function suite(test: Test, contract: string, open: Open, {title = contract, ...options}: SuiteOptions): Promises {
	return (promise, body) =>
		void test(`${title}: ${promise}`, async t => {
			await body(await testKernel(t, await open(), options));
			t.pass();
		});
}
