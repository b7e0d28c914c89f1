import {attachment, audit, calls, definePlugin, egress, handlers, listeners, middleware, networks, store} from '@forgeone/sdk';
import {parsePort} from '@forgeone/sdk/config';
import {createAttaching} from './attaching.ts';
import {createFetch} from './broker/fetch.ts';
import {createBroker} from './broker/index.ts';
import {systemLookup} from './broker/names.ts';
import {createSockets, type Sockets} from './broker/sockets.ts';
import {config} from './config.ts';
import {allows, parse} from './egress.ts';
import {createGateway} from './gateway.ts';
import {openHandover} from './handover.ts';
import {forward} from './http/forward.ts';
import {type Answer, createHttpServer} from './http/server.ts';
import {createNetworks} from './networks.ts';
import {createPassage} from './passage.ts';
import {createPorts} from './ports.ts';

/** The network: what a container may reach, and where it is reached. Hosts `wasi:http` and `wasi:sockets`. */
export default definePlugin({
	name: 'network',
	provides: {listeners, networks, egress},
	uses: {handlers, audit, store},
	taps: [attachment, calls],
	opens: [middleware],
	config,
	setup({log, state, scope, uses, hooks, ready, config: {gateway: places, ...limits}}) {
		let tapped = false;
		const calling = uses.handlers();
		const open = createPassage({
			log,
			tapped: () => tapped,
			taps: hooks.call(middleware),
			open: (container, head) => calling.open(container, head),
		});
		const serve = (answer: Answer) => createHttpServer(answer, limits);
		const answerOf =
			(container: string): Answer =>
			async (incoming, outgoing, head) => {
				const call = await open(container, head, {tag: 'client', val: incoming.socket.remoteAddress ?? ''});
				await forward(incoming, outgoing, call, {container, limit: limits.body});
			};

		const ports = createPorts({kept: () => tapped, log});
		scope.defer(() => ports.closeAll());
		hooks.watch(middleware, now => {
			tapped = now;
			const taken = tapped ? ports.reclaim() : undefined;
			// Whoever adds or swaps a plugin hears of it once no request passes it by.
			ready(() => taken);
		});
		const virtual = createNetworks(() => uses.store());
		const sockets = new Map<string, Sockets>();
		const broker = createBroker([
			party => {
				const made = createSockets(party, systemLookup);
				sockets.set(party.container, made);
				return made;
			},
			party => createFetch(party, systemLookup, {find: virtual.find, open}),
		]);
		scope.defer(() => [...sockets.keys()].forEach(broker.close));
		const gateway = createGateway([places].flat().map(parsePort), serve, (incoming, outgoing, head) =>
			answerOf(gateway.find(head.authority, head.path))(incoming, outgoing, head),
		);
		scope.defer(() => gateway.close());
		const handover = openHandover(state);
		scope.defer(() => handover.end());
		const {attach, detach, resume} = createAttaching({
			log,
			limits,
			ports,
			networks: virtual,
			gateway,
			broker,
			handover: handover.all,
			serverOf: container => serve(answerOf(container)),
			append: entry => uses.audit().append(entry),
			ended: container => sockets.delete(container),
		});
		ready(async () => {
			await gateway.open(handover.taken);
			await resume();
		});

		hooks.tap(attachment, {attach, detach});
		hooks.tap(calls, {take: (container, plugin, call) => (plugin === 'network' ? broker.take(container, call) || undefined : undefined)});
		const listening = () => [...sockets].flatMap(([container, open]) => open.listening().map(place => ({container, ...place})));
		const {create, list, inspect, remove} = virtual;
		return {
			listeners: () => ({list: () => [...ports.list(), ...listening()], gateway: gateway.state}),
			networks: () => ({create, list, inspect, remove}),
			egress: () => ({parse, allows}),
		};
	},
});
