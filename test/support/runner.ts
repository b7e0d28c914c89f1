import {reasonOf} from '@forgeone/core';
import type {Test, TestContext} from '@forgeone/sdk/testing';

/** Runs a body as a test runner would, with what it tears down. Gives the error of the body, else of the teardown. */
export async function verdict(body: (t: TestContext) => Promise<unknown>): Promise<Error | undefined> {
	const ends: (() => unknown)[] = [];
	const failures: Error[] = [];
	await body({teardown: end => ends.unshift(end), pass() {}}).catch(error => failures.push(error));
	for (const end of ends) await Promise.try(end).catch(error => failures.push(error));
	return failures[0];
}

/** Runs the tests that are declared, one after the other: by title, what failed, or nothing where it passed. */
export async function verdicts(declare: (test: Test) => void): Promise<Record<string, string | undefined>> {
	const tests: [string, (t: TestContext) => Promise<void>][] = [];
	declare((title, body) => void tests.push([title, body]));
	const all: Record<string, string | undefined> = {};
	for (const [title, body] of tests) {
		const error = await verdict(body);
		all[title] = error && reasonOf(error);
	}
	return all;
}
