import {BlockList, isIP} from 'node:net';
import {errors} from './errors.ts';

interface Rule {
	/** In canonical form: a name, a suffix that begins with `.`, or an address without brackets. */
	readonly host: string;
	/** Undefined for any. */
	readonly port: number | undefined;
}

/** Addresses that are not of the public internet, or that lead to one that is not (IANA's registries of special-purpose addresses). */
const ranges = [
	...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
	...['192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/3'],
	...['::/96', '::ffff:0:0:0/96', '64:ff9b:1::/48', '2001::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

let list: BlockList | undefined;

/** The ranges, ready to be asked; made on first use, for most processes never ask. */
function special(): BlockList {
	if (list) return list;
	list = new BlockList();
	for (const range of ranges) {
		const [network = '', prefix] = range.split('/');
		list.addSubnet(network, Number(prefix), family(network));
	}
	return list;
}

function family(address: string): 'ipv4' | 'ipv6' {
	return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

const isSpecial = (address: string): boolean => special().check(address, family(address));

/** IPv6 addresses that are another way to write an IPv4 address: mapped ones, and those of NAT64 (RFC 6052). */
const embedded = /^\[(?:::ffff:([\da-f]+):([\da-f]+)|64:ff9b::(?:(?:([\da-f]+):)?([\da-f]+))?)\]$/;

function embeddedAddress(bracketed: string): string | undefined {
	const found = embedded.exec(bracketed);
	if (!found) return undefined;
	const [high, low] = [found[1] ?? found[3], found[2] ?? found[4]].map(digits => Number.parseInt(digits ?? '0', 16)) as [number, number];
	return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

const label = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/;

/**
 * The one form of a host, whatever the form it is written in: a name in lower case and punycode without a final dot, or an address
 * without brackets. Undefined for what is neither. Numbers are read as WHATWG's URL reads them, so that `0x7f.1` is 127.0.0.1.
 */
export function canonicalHost(host: string): string | undefined {
	const written = isIP(host) === 6 ? `[${host}]` : host;
	if (/[\s\p{Cc}/\\?#@%]/u.test(written) || /:(?![^[]*\]$)/.test(written)) return undefined;
	const url = URL.parse(`http://${written}/`);
	return url ? hostOf(url) : undefined;
}

/** The one form of the host of a URL. Undefined for what is neither a name nor an address. */
export function hostOf({hostname: found}: URL): string | undefined {
	if (found.startsWith('[')) return embeddedAddress(found) ?? found.slice(1, -1);
	const name = found.replace(/\.$/, '');
	return name.length <= 253 && name.split('.').every(part => label.test(part)) ? name : undefined;
}

function parseRule(rule: string): Rule {
	const invalid = (reason: string) => errors.FORGE_EGRESS_INVALID({rule, reason});
	const [, written, digits] = /^(.+):(\*|[1-9]\d{0,4})$/s.exec(rule) ?? [];
	if (written === undefined || digits === undefined) throw invalid('is not a host, a colon, and a port from 1 to 65535 or *');
	const port = digits === '*' ? undefined : Number(digits);
	if (port !== undefined && port > 65_535) throw invalid('has a port above 65535');
	if (isIP(written) === 6) throw invalid('has an IPv6 address without brackets');
	const wild = written.startsWith('*.');
	const host = canonicalHost(wild ? written.slice(2) : written);
	if (host === undefined) throw invalid('has a host that is neither a name, nor *.name, nor an address');
	if (wild && isIP(host)) throw invalid('has a * before an address');
	if (/(?:^|\.)localhost$/.test(host)) throw invalid('names this machine, which is granted as an address only: 127.0.0.1 or [::1]');
	return {host: wild ? `.${host}` : host, port};
}

function ruleText({host, port = '*'}: {readonly host: string; readonly port: number | string | undefined}): string {
	const shown = isIP(host) === 6 ? `[${host}]` : host;
	return `${shown.startsWith('.') ? '*' : ''}${shown}:${port}`;
}

function covers({host}: Rule, wanted: string): boolean {
	return host === wanted || (host.startsWith('.') && !isIP(wanted) && wanted.endsWith(host));
}

/** The rules in canonical form, each once. Throws FORGE_EGRESS_INVALID for the first that is none. */
export function parse(rules: readonly string[]): string[] {
	return [...new Set(rules.map(rule => ruleText(parseRule(rule))))];
}

/** Whether one of the rules names this host and port. An address is named by itself only, never by a name. Throws FORGE_EGRESS_INVALID. */
export function allows(rules: readonly string[], host: string, port: number): boolean {
	const parsed = rules.map(parseRule);
	const wanted = canonicalHost(host);
	if (wanted === undefined || port < 1 || port > 65_535) return false;
	return parsed.some(rule => (rule.port === undefined || rule.port === port) && covers(rule, wanted));
}

/** Whether one of the rules names this host at any port. Throws FORGE_EGRESS_INVALID. */
export function names(rules: readonly string[], host: string): boolean {
	const wanted = canonicalHost(host);
	return wanted !== undefined && rules.some(rule => covers(parseRule(rule), wanted));
}

/**
 * Whether a host that the rules allow may be reached at `address`, which its name was resolved to: at a public one, or at a special
 * one that is granted by itself. To be asked of the very address that is connected to. Throws FORGE_EGRESS_INVALID.
 */
export function reaches(rules: readonly string[], host: string, address: string, port: number): boolean {
	const wanted = canonicalHost(address);
	if (wanted === undefined || !isIP(wanted) || !allows(rules, host, port)) return false;
	return !isSpecial(wanted) || allows(rules, wanted, port);
}

/** Whether a guest may be told of this address, which a name was resolved to: it is a public one, or a rule names it. Throws FORGE_EGRESS_INVALID. */
export function shows(rules: readonly string[], address: string): boolean {
	const wanted = canonicalHost(address);
	return wanted !== undefined && isIP(wanted) !== 0 && (!isSpecial(wanted) || names(rules, wanted));
}

/** A host and a port, as a rule writes them. */
export function hostPort(host: string, port: number | '*'): string {
	return ruleText({host: canonicalHost(host) ?? host, port});
}
