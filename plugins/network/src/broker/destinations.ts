import {isIP} from 'node:net';
import {deadline} from '@forgeone/core';
import {allows, hostOf, hostPort, reaches} from '../egress.ts';
import {Failure} from './failures.ts';
import type {Head, Party} from './index.ts';
import type {Lookup} from './names.ts';

/** Where a request goes, as its head says; no address is chosen yet. */
export interface Destination {
	readonly secure: boolean;
	/** A name or an address, in its one form. */
	readonly host: string;
	readonly port: number;
}

/** How long a lookup may take, in milliseconds. */
const SLOW = 10_000;

/** A name on a virtual network, in its one form: nothing in it could be read as something else. */
const inside = /^(?!.*xn--)[a-z\d](?:[a-z\d-]*[a-z\d])?\.[a-z\d](?:[a-z\d-]*[a-z\d])?\.internal$/;

/** Reads where a head says that it goes. Cells are not believed: whatever is odd in it is no destination. */
export function destinationOf({scheme, authority}: Head): Destination {
	const invalid = () => new Failure('HTTP-request-URI-invalid');
	if ((scheme !== 'http' && scheme !== 'https') || typeof authority !== 'string') throw invalid();
	const secure = scheme === 'https';
	if (authority.length < 64 && inside.test(authority)) return {secure, host: authority, port: secure ? 443 : 80};
	if (/[\s\p{Cc}/\\?#@]/u.test(authority)) throw invalid();
	const url = URL.parse(`${scheme}://${authority}/`);
	const host = url ? hostOf(url) : undefined;
	if (!url || host === undefined) throw invalid();
	return {secure, host, port: Number(url.port) || (secure ? 443 : 80)};
}

async function addressesOf(host: string, lookup: Lookup): Promise<readonly string[]> {
	if (isIP(host)) return [host];
	// This machine is granted by its address only, and so are its names.
	if (/(?:^|\.)localhost$/.test(host)) return ['127.0.0.1', '::1'];
	return deadline(Promise.resolve(lookup(host)), SLOW, host);
}

/**
 * The addresses at which a destination may be reached: its name is asked for once, every answer is checked, and a connection goes to one of
 * them, not to the name. Throws `HTTP-request-denied` where there is none, and puts that on record.
 */
export async function addressesAt({host, port}: Destination, {rules, refused}: Party, lookup: Lookup): Promise<readonly string[]> {
	const local = /(?:^|\.)localhost$/.test(host);
	const named = local || allows(rules, host, port);
	const found = named ? await addressesOf(host, lookup) : [];
	const open = found.filter(address => (local ? allows(rules, address, port) : reaches(rules, host, address, port)));
	if (open.length > 0) return open;
	const [hidden = host] = found;
	refused(
		hidden === host ? `http ${hostPort(host, port)}` : `http ${hostPort(host, port)} at ${hidden}`,
		`--allow-net ${hostPort(hidden, port)}`,
	);
	throw new Failure('HTTP-request-denied');
}
