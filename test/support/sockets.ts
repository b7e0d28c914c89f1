import {once} from 'node:events';
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import open from '@forgeone/plugin-network/cell';
import {createSockets, type Lookup, type SocketLimits, usual} from '@forgeone/plugin-network/sockets';
import type {KernelCall} from '@forgeone/sdk';
import {type InputStream, type OutputStream, type Pollable, poll} from '@forgeone/sdk/cell';
import type {RuntimeTypes} from '@forgeone/wasm';
import type {ExecutionContext} from 'ava';
import {callPair, kernelCall} from './calls.ts';

type Options = {
	readonly egress?: readonly string[];
	readonly publish?: readonly RuntimeTypes.Port[];
	readonly lookup?: Lookup;
	readonly limits?: Partial<SocketLimits>;
};

const nowhere: Lookup = async name => {
	throw Object.assign(new Error(name), {code: 'ENOTFOUND'});
};

/** Both halves of `wasi:sockets` for one container, with calls in memory between them. */
export function socketsOf(t: ExecutionContext, {egress = [], publish = [], lookup = nowhere, limits = {}}: Options = {}) {
	const refusals: string[] = [];
	const party = {container: 'c', rules: egress, publish, refused: (what: string, grant: string) => void refusals.push(`${what}: ${grant}`)};
	const kernelHalf = createSockets(party, lookup, {...usual, ...limits});
	const opened = new Set<KernelCall>();
	const call = (head: string) => {
		const {opener, other} = callPair(head);
		const kernel = kernelCall(other);
		opened.add(kernel);
		const asked = JSON.parse(head);
		Promise.resolve(kernelHalf.operations[asked.op]?.(kernel, asked)).catch(error => kernel.cancel(String(error)));
		return opener;
	};
	const usage = {read: 0, written: 0, requests: 0};
	// What the half is given for HTTP does not matter here.
	const {imports} = open({container: 'c', data: {egress} as never, usage, refused: () => undefined, call}).host();
	// biome-ignore lint/suspicious/noExplicitAny: a guest sees functions and classes without their types, and so does this test.
	const of = (name: string): any => imports[`wasi:sockets/${name}@0.2.12`];
	const network = of('instance-network').instanceNetwork();
	const end = () => {
		for (const kernel of opened) kernel.cancel('the cell is gone');
		kernelHalf.close();
	};
	t.teardown(end);
	return {
		network,
		refusals,
		usage,
		end,
		listening: kernelHalf.listening,
		networkErrorCode: of('network').networkErrorCode,
		tcp: (family = 'ipv4') => of('tcp-create-socket').createTcpSocket(family),
		udp: (family = 'ipv4') => of('udp-create-socket').createUdpSocket(family),
		resolve: (name: string) => of('ip-name-lookup').resolveAddresses(network, name),
	};
}

/** The answer of a WIT function, be it a value or an `error-code`. */
export async function told(work: () => unknown): Promise<unknown> {
	try {
		return await work();
	} catch (error) {
		return typeof error === 'string' ? error : (Object(error).tag ?? error);
	}
}

/** Waits as a guest does, then finishes; gives the `error-code` that it failed with. */
export async function finished(of: {subscribe(): Pollable}, finish: () => unknown): Promise<unknown> {
	for (;;) {
		const answer = await told(finish);
		if (answer !== 'would-block') return answer;
		await poll([of.subscribe()]);
	}
}

/** An address of IPv4, as WASI has it. */
export const v4 = (port: number, address = [127, 0, 0, 1]) => ({tag: 'ipv4', val: {port, address}}) as const;

/** An address of IPv6. */
export const v6 = (port: number, address = [0, 0, 0, 0, 0, 0, 0, 1]) =>
	({tag: 'ipv6', val: {port, flowInfo: 0, address, scopeId: 0}}) as const;

/** A TCP server of this machine that goes with the test. */
export async function serverOf(
	t: ExecutionContext,
	serve: (socket: Socket) => void,
	host = '127.0.0.1',
): Promise<{server: Server; port: number}> {
	const sockets = new Set<Socket>();
	const server = createServer({allowHalfOpen: true}, socket => {
		sockets.add(socket.on('error', () => undefined));
		serve(socket);
	});
	await once(server.listen(0, host), 'listening');
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return {server, port: (server.address() as AddressInfo).port};
}

/** All bytes of a stream, to its end. */
export async function drained(input: InputStream): Promise<Buffer> {
	const pieces: Uint8Array[] = [];
	for (;;) {
		try {
			pieces.push((await input.blockingRead(65_536n)).slice());
		} catch (error) {
			if (Object(error).tag === 'closed') return Buffer.concat(pieces);
			throw error;
		}
	}
}

export type Streams = [InputStream, OutputStream];
