import {lookup} from 'node:dns/promises';
import {isIP} from 'node:net';
import {deadline} from '@forgeone/core';
import {allows, canonicalHost, hostPort, names, reaches, shows} from '../egress.ts';
import {reply, SocketError} from './answers.ts';
import type {Operation, Party} from './index.ts';

/** The addresses of a name, in the order in which they are to be tried. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** How this machine resolves names. */
export const systemLookup: Lookup = async name => (await lookup(name, {all: true, order: 'verbatim'})).map(({address}) => address);

/** Names, and the addresses that they led to. */
export interface Names {
	readonly resolve: Operation;
	/** Throws `access-denied`, and puts it on record, unless the address may be reached: it is granted, or a granted name has led there of late. */
	check(protocol: string, address: string, port: number): void;
	/** The same without a word. */
	reaches(address: string, port: number): boolean;
}

/** How many lookups a container may have open. */
const OPEN = 16;

/** How long a lookup may take, and for how long an address may be reached that a name led to, in milliseconds. */
const SLOW = 10_000;
const LIFETIME = 600_000;

/** How many of these addresses are kept. */
const KEPT = 1024;

/** Makes the names of one container. */
export function createNames({rules, refused}: Party, lookup: Lookup): Names {
	/** By address: the names that led there, and until when that counts. */
	const led = new Map<string, Map<string, number>>();
	let open = 0;

	function keep(name: string, address: string): void {
		const known = led.get(address) ?? new Map<string, number>();
		// The one that was heard of last is forgotten last.
		led.delete(address);
		led.set(address, known.set(name, Date.now() + LIFETIME));
		const [oldest] = led.keys();
		if (led.size > KEPT && oldest !== undefined) led.delete(oldest);
		const [first] = known.keys();
		if (known.size > OPEN && first !== undefined) known.delete(first);
	}

	async function lookUp(name: string): Promise<readonly string[]> {
		if (isIP(name)) return [name];
		// This machine is granted by its address only, and so are its names.
		if (/(?:^|\.)localhost$/.test(name)) return ['127.0.0.1', '::1'];
		if (!names(rules, name)) return [];
		if (open === OPEN) throw new SocketError('temporary-resolver-failure');
		open++;
		const found = lookup(name).finally(() => open--);
		const late = new SocketError('timeout');
		return deadline(found, SLOW, name).catch(error => Promise.reject(error?.code === 'FORGE_TIMEOUT' ? late : error));
	}

	async function addressesOf(written: unknown): Promise<{addresses: readonly string[]}> {
		const name = typeof written === 'string' ? canonicalHost(written) : undefined;
		if (name === undefined) throw new SocketError('invalid-argument');
		const found = await lookUp(name);
		const addresses = found.filter(address => isIP(name) || shows(rules, address));
		if (addresses.length === 0) {
			const [hidden = name] = found;
			refused(hidden === name ? `name ${name}` : `name ${name} at ${hidden}`, `--allow-net ${hostPort(hidden, '*')}`);
			throw new SocketError('access-denied');
		}
		if (!isIP(name)) for (const address of addresses) keep(name, canonicalHost(address) ?? address);
		return {addresses};
	}

	function reachable(address: string, port: number): boolean {
		if (allows(rules, address, port)) return true;
		const now = Date.now();
		const known = led.get(canonicalHost(address) ?? address) ?? [];
		return [...known].some(([name, until]) => now < until && reaches(rules, name, address, port));
	}

	return {
		resolve: (call, {name}) => reply(call, () => addressesOf(name)),
		reaches: reachable,
		check(protocol, address, port) {
			if (reachable(address, port)) return;
			refused(`${protocol} ${hostPort(address, port)}`, `--allow-net ${hostPort(address, port)}`);
			throw new SocketError('access-denied');
		},
	};
}
