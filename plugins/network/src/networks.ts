import type {Client} from '@forgeone/core';
import type {Networks as Contract, Store} from '@forgeone/wasm';
import {parse} from './egress.ts';
import {errors} from './errors.ts';

/** What is kept of a network. */
type Kept = Pick<Contract.Network, 'name' | 'egress'> & {readonly created: number};

/** Who is called by a name, as a container sees it: the container; or why there is none. */
export type Neighbour = {readonly container: string} | {readonly missing: 'name' | 'network'; readonly network: string};

/** The virtual networks of a kernel, and who is on them. */
export interface Networks {
	create(name: string, egress: readonly string[]): Promise<Contract.Network>;
	list(): Promise<Contract.Network[]>;
	inspect(name: string): Promise<Contract.Network>;
	remove(name: string): Promise<void>;
	/** Puts a container on all of these networks or, where one is missing, on none. Throws FORGE_NETWORK_MISSING. */
	join(container: string, name: string, networks: readonly string[]): Promise<void>;
	leave(container: string): void;
	/** Whom `name.network.internal` is for `container`; undefined where the host is no name of this kind. */
	find(container: string, host: string): Neighbour | undefined;
}

const KEY = 'network:';
const MOST = 10_000;

const text = new TextDecoder();
const bytes = new TextEncoder();

/** Makes the networks that a store keeps. */
export function createNetworks(store: () => Client<typeof Store>): Networks {
	/** By network, by name: the container. */
	const members = new Map<string, Map<string, string>>();
	/** By container: its networks. */
	const joined = new Map<string, ReadonlySet<string>>();

	const toldOf = ({name, egress, created}: Kept): Contract.Network => ({
		name,
		egress,
		created: BigInt(created),
		containers: [...(members.get(name)?.keys() ?? [])],
	});

	async function read(name: string): Promise<Kept> {
		const found = await store().get(KEY + name);
		if (!found) throw errors.FORGE_NETWORK_MISSING({network: name});
		return JSON.parse(text.decode(found));
	}

	return {
		async create(name, egress) {
			if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) throw errors.FORGE_NETWORK_NAME({network: name});
			const there = await store().get(KEY + name);
			const created: number = there ? JSON.parse(text.decode(there)).created : Date.now();
			const kept: Kept = {name, egress: parse(egress), created};
			await store().set(KEY + name, bytes.encode(JSON.stringify(kept)));
			return toldOf(kept);
		},
		async list() {
			const names = await store().keys(KEY, '', MOST);
			return Promise.all(names.map(async key => toldOf(await read(key.slice(KEY.length)))));
		},
		inspect: async name => toldOf(await read(name)),
		async remove(name) {
			await read(name);
			const [container] = members.get(name)?.keys() ?? [];
			if (container !== undefined) throw errors.FORGE_NETWORK_BUSY({network: name, container});
			await store().remove(KEY + name);
		},
		async join(container, name, networks) {
			for (const network of networks) await read(network);
			for (const network of networks) members.set(network, (members.get(network) ?? new Map()).set(name, container));
			joined.set(container, new Set([...(joined.get(container) ?? []), ...networks]));
		},
		leave(container) {
			joined.delete(container);
			for (const [network, on] of members) {
				for (const [name, other] of on) if (other === container) on.delete(name);
				if (on.size === 0) members.delete(network);
			}
		},
		find(container, host) {
			const [, name, network] = /^([^.]+)\.([^.]+)\.internal$/.exec(host) ?? [];
			if (name === undefined || network === undefined) return undefined;
			if (!joined.get(container)?.has(network)) return {missing: 'network', network};
			const found = members.get(network)?.get(name);
			return found === undefined ? {missing: 'name', network} : {container: found};
		},
	};
}
