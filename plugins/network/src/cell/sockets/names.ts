import {Bell, Pollable, type Readiness} from '@forgeone/sdk/cell';
import {type IpAddress, parse} from './addresses.ts';
import {ask, type Open, type Pending, pending} from './asking.ts';

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
	const literal = parse(name);
	if (literal) return [literal];
	const {addresses} = await ask<{addresses: readonly string[]}>(open, {op: 'resolve', name});
	return addresses.flatMap(address => parse(address) ?? []);
}

/** `wasi:sockets/ip-name-lookup` `resolve-addresses`. What is wrong with the name is told by the stream. */
export const resolveAddresses =
	(open: Open) =>
	(_network: unknown, name: string): ResolveAddressStream =>
		new ResolveAddressStream(resolve(open, name));
