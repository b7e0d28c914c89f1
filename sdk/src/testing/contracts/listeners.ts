import assert from 'node:assert/strict';
import {once} from 'node:events';
import {connect} from 'node:net';
import type {Attachment, RuntimeTypes} from '@forgeone/wasm';
import {attachment, listeners} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {memoryStore} from '../memory-store.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

/** What is attached to a container that handles HTTP. */
const request = (container: string, more: Partial<RuntimeTypes.Grants>): Attachment.Request => ({
	container,
	name: container,
	grants: {mounts: [], publish: [], egress: [], routes: [], networks: [], isolation: 'process', ...more},
	imports: [],
	exports: ['wasi:http/incoming-handler@0.2.3'],
});

const local: RuntimeTypes.Port = {address: '127.0.0.1', port: 0};

async function listened({address, port}: RuntimeTypes.Port): Promise<boolean> {
	const socket = connect(port, address);
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}

/**
 * What every provider of `forgeone:network/listeners` keeps that taps `forgeone:runtime/attachment`, by which it learns of containers. The option `config`
 * is to give it a gateway. One that needs a store is given one in memory, unless another is named.
 */
export function listenersContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'listeners', plugin, {with: [memoryStore], ...options});

	promise('each port that a container publishes is listed, and is listened at, until it is detached', async kernel => {
		const {list} = kernel.as('one')(listeners);
		const {attach, detach} = kernel.hook(attachment);
		assert.deepEqual(await list(), []);
		await attach([], request('c1', {publish: [local, local]}));
		await attach([], request('c2', {publish: [local]}));
		await attach([], request('c3', {}));
		const all = await list();
		assert.deepEqual(
			all.map(({container, address}) => [container, address]),
			[
				['c1', local.address],
				['c1', local.address],
				['c2', local.address],
			],
		);
		assert.equal(new Set(all.map(({port}) => port).filter(port => port > 0)).size, 3);
		for (const one of all) assert.ok(await listened(one), `nobody listens at ${one.port}`);
		await detach('c1');
		assert.deepEqual(await list(), all.slice(2));
		for (const [index, one] of all.entries()) assert.equal(await listened(one), index === 2);
	});

	promise('a port that is taken is said to be, and none of the others is left open', async kernel => {
		const {list} = kernel.as('one')(listeners);
		const {attach, detach} = kernel.hook(attachment);
		await attach([], request('c1', {publish: [local]}));
		const before = await list();
		const [{port} = local] = before;
		const taken = Promise.try(attach, [], request('c2', {publish: [local, {...local, port}]}));
		await assert.rejects(taken, {code: 'FORGE_PORT_IN_USE'});
		await detach('c2');
		await detach('never attached');
		assert.deepEqual(await list(), before);
	});

	promise('the gateway tells its routes, each in one form and to one container, until that is detached', async kernel => {
		const {gateway} = kernel.as('one')(listeners);
		const {attach, detach} = kernel.hook(attachment);
		const {addresses, routes} = await gateway();
		assert.deepEqual(routes, []);
		assert.ok(addresses.length > 0, 'there is no gateway: give it one by the option "config"');
		await attach([], request('c1', {routes: ['Example.COM/api/', '*.example.com', '/']}));
		const one = [
			{container: 'c1', host: 'example.com', path: '/api'},
			{container: 'c1', host: '*.example.com', path: '/'},
			{container: 'c1', path: '/'},
		];
		const told = async () => (await gateway()).routes.map(({host, ...rest}) => (host === undefined ? rest : {...rest, host}));
		assert.deepEqual(new Set(await told()), new Set(one));
		for (const route of ['example.com/api', '*.EXAMPLE.com.'])
			await assert.rejects(Promise.try(attach, [], request('c2', {routes: ['/other', route]})), {code: 'FORGE_ROUTE_TAKEN'}, route);
		for (const route of ['', 'a b', '/a/../b', 'http://a'])
			await assert.rejects(Promise.try(attach, [], request('c2', {routes: [route]})), {code: 'FORGE_ROUTE_INVALID'}, route);
		await detach('c2');
		assert.deepEqual(new Set(await told()), new Set(one));
		await detach('c1');
		assert.deepEqual(await told(), []);
	});
}
