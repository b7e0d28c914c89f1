import {createScope, reasonOf} from '@forgeone/core';
import test from 'ava';

test('ends run last in, first out, each once', async t => {
	const scope = createScope('s');
	const ran: number[] = [];
	for (const n of [1, 2, 3]) scope.defer(() => ran.push(n));
	await Promise.all([scope.close(), scope.close()]);
	await scope.close();
	t.deepEqual(ran, [3, 2, 1]);
});

test('an end that throws does not stop the others, and every error is reported', async t => {
	const scope = createScope('s');
	const ran: string[] = [];
	scope.defer(() => ran.push('first'));
	scope.defer(() => {
		throw new Error('one');
	});
	scope.defer(() => Promise.reject(new Error('two')));
	const error = await t.throwsAsync(scope.close(), {code: 'FORGE_STOP_FAILED', message: '2 steps failed while "s" stopped: two'});
	t.deepEqual(((error as Error).cause as AggregateError).errors.map(reasonOf), ['two', 'one']);
	t.deepEqual(ran, ['first']);
});

test('a child closes with its parent, or before it and then not again', async t => {
	const parent = createScope('p');
	const ran: string[] = [];
	const [a, b] = [parent.child('a'), parent.child('b')];
	a.defer(() => ran.push('a'));
	b.defer(() => ran.push('b'));
	await a.close();
	await parent.close();
	t.deepEqual(ran, ['a', 'b']);
});

test('what is deferred after the end runs at once', async t => {
	const scope = createScope('s');
	await scope.close();
	await new Promise<void>(resolve => scope.defer(resolve));
	t.pass();
});
