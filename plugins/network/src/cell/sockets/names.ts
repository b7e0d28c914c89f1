import {Bell, Pollable, type Readiness} from '@forgeone/sdk/cell';
import {canonicalHost} from '../../egress.ts';
import {type IpAddress, parse} from './addresses.ts';
import {ask, type Open, type Pending, pending} from './asking.ts';
import type {ErrorCode} from './errors.ts';

/** `wasi:sockets/ip-name-lookup` `resolve-address-stream`. */
export class ResolveAddressStream {
	readonly #bell = new Bell();
	readonly #pending: Pending<readonly IpAddress[]>;
	#next = 0;

	constructor(addresses: Promise<readonly IpAddress[]>) {
		this.#pending = pending(addresses, this.#bell);
	}

	resolveNextAddress(): IpAddress | undefined {
		return this.#pending.take()[this.#next++];
	}

	subscribe(): Pollable {
		const readiness: Readiness = {ready: () => this.#pending.ready(), watch: this.#bell.watch};
		return new Pollable(readiness);
	}
}

async function resolve(open: Open, name: string): Promise<readonly IpAddress[]> {
	const {addresses} = await ask<{addresses: readonly string[]}>(open, {op: 'resolve', name});
	return addresses.flatMap(address => parse(address) ?? []);
}

/** The longest name that there is, in characters (RFC 1035, 2.3.4). */
const LONGEST = 255;

/** `wasi:sockets/ip-name-lookup` `resolve-addresses`. What is not granted, or not to be found, is told by the stream. */
export const resolveAddresses =
	(open: Open) =>
	(_network: unknown, name: string): ResolveAddressStream => {
		const literal = name.length > LONGEST ? undefined : parse(name);
		if (!literal && (name.length > LONGEST || canonicalHost(name) === undefined)) throw 'invalid-argument' satisfies ErrorCode;
		return new ResolveAddressStream(literal ? Promise.resolve([literal]) : resolve(open, name));
	};
