import {contract, createKernel} from '@forgeone/core';
import test from 'ava';
import {counter, counting, kernelOf, openPolicy, using} from '../support/plugins.ts';

const [a, b] = ['a', 'b'].map(name => contract<object>(`test:demo/${name}@0.1.0`, []));

test('providers start before their consumers, the root of trust before all, whatever the order of the configuration', async t => {
	const kernel = await kernelOf(t, {user: using('user', {counter}), counting: counting(), policy: openPolicy()});
	t.deepEqual(
		kernel.graph().map(({name}) => name),
		['policy', 'kernel', 'counting', 'user'],
	);
});

test('a circle is refused before anything starts, and named', async t => {
	const circle = {
		a: {name: 'a', provides: {a}, uses: {b}, setup: () => t.fail()},
		b: {name: 'b', provides: {b}, uses: {a}, setup: () => t.fail()},
	};
	await t.throwsAsync(createKernel().boot({plugins: circle as never}), {
		code: 'FORGE_GRAPH_CYCLE',
		message: 'plugins need each other in a circle: a -> b -> a',
	});
});

test('a missing provider is refused, with both ends named', async t => {
	await t.throwsAsync(kernelOf(t, {user: using('user', {counter})}), {
		code: 'FORGE_GRAPH_MISSING',
		message: 'plugin "user" uses contract "test:demo/counter@0.1.0", which no plugin provides',
	});
});

test('another version is refused, with both ends and both versions named', async t => {
	const newer = contract('test:demo/counter@0.2.0', ['add']);
	await t.throwsAsync(kernelOf(t, {counting: counting(), user: using('user', {newer})}), {
		code: 'FORGE_GRAPH_VERSION',
		message: 'plugin "user" uses "test:demo/counter@0.2.0", but "counting" provides "test:demo/counter@0.1.0"',
	});
});

test('a compatible version serves', async t => {
	const older = contract('test:demo/counter@0.1.7', ['add']);
	await t.notThrowsAsync(kernelOf(t, {counting: counting(), user: using('user', {older}), policy: openPolicy()}));
});

test('two providers of one contract are refused', async t => {
	await t.throwsAsync(kernelOf(t, {one: counting(), two: counting()}), {
		code: 'FORGE_GRAPH_TWICE',
		message: 'contract "test:demo/counter@0.1" is provided by both "one" and "two"',
	});
});

test('a contract without a version, or with functions nobody knows, is refused', t => {
	t.throws(() => contract('test:demo/counter', []), {code: 'FORGE_CONTRACT_INVALID'});
	t.throws(() => contract('test:demo/counter@1.0.0'), {code: 'FORGE_CONTRACT_INVALID'});
	t.throws(() => contract('constructor'), {code: 'FORGE_CONTRACT_INVALID'});
});
