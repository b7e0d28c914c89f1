import {isIP} from 'node:net';
import type {Place} from './asking.ts';
import type {ErrorCode} from './errors.ts';

export type IpAddressFamily = 'ipv4' | 'ipv6';

export type IpAddress = {readonly tag: IpAddressFamily; readonly val: readonly number[]};

export type IpSocketAddress =
	| {readonly tag: 'ipv4'; readonly val: {readonly port: number; readonly address: readonly number[]}}
	| {
			readonly tag: 'ipv6';
			readonly val: {readonly port: number; readonly flowInfo: number; readonly address: readonly number[]; readonly scopeId: number};
	  };

/** The longest row of zeros, of two at least: where it begins, and how long it is. */
function zeros(groups: readonly number[]): {at: number; length: number} {
	let [at, length] = [0, 1];
	for (let from = 0; from < groups.length; from++) {
		let to = from;
		while (groups[to] === 0) to++;
		if (to - from > length) [at, length] = [from, to - from];
		from = to;
	}
	return {at, length};
}

const hex = (groups: readonly number[]): string => groups.map(group => group.toString(16)).join(':');

/** An address as text; of IPv6 in the form of RFC 5952, but without dots. */
function print({tag, val}: IpAddress): string {
	if (tag === 'ipv4') return val.join('.');
	const {at, length} = zeros(val);
	return length > 1 ? `${hex(val.slice(0, at))}::${hex(val.slice(at + length))}` : hex(val);
}

function groupsOf(text: string): number[] {
	if (text === '') return [];
	return text.split(':').flatMap(part => {
		if (!part.includes('.')) return [Number.parseInt(part, 16)];
		const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
		return [(a << 8) | b, (c << 8) | d];
	});
}

/** An address of text in any form that Node takes for one, a zone left out; undefined for other text. */
export function parse(text: string): IpAddress | undefined {
	const family = isIP(text);
	if (family === 0) return undefined;
	if (family === 4) return {tag: 'ipv4', val: text.split('.').map(Number)};
	const [head = '', tail] = text.replace(/%.*/, '').split('::');
	const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
	return {tag: 'ipv6', val: [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]};
}

/** As the other half is told of it. */
export function placeOf({tag, val}: IpSocketAddress): Place {
	return {address: print({tag, val: val.address}), port: val.port};
}

/** As the other half has told of it. */
export function socketAddress({address, port}: Place): IpSocketAddress {
	const found = parse(address);
	if (!found) throw new Error(`"${address}" is no address`);
	const {tag, val} = found;
	return tag === 'ipv4' ? {tag, val: {port, address: val}} : {tag, val: {port, flowInfo: 0, address: val, scopeId: 0}};
}

const sameFamily = (family: IpAddressFamily, {tag}: IpSocketAddress): boolean => tag === family;

const isUnspecified = ({val: {address}}: IpSocketAddress): boolean => address.every(part => part === 0);

/** Neither a multicast address nor the one for all of a network. */
function isUnicast({tag, val: {address}}: IpSocketAddress): boolean {
	const [first = 0] = address;
	return tag === 'ipv6' ? first >> 8 !== 255 : (first < 224 || first >= 240) && !address.every(part => part === 255);
}

/** An IPv4 address, written as one of IPv6. */
function isMapped({tag, val: {address}}: IpSocketAddress): boolean {
	return tag === 'ipv6' && address[5] === 0xff_ff && address.slice(0, 5).every(group => group === 0);
}

const invalid: ErrorCode = 'invalid-argument';

/** Throws `invalid-argument` for what a socket of this family can not bind to. */
export function checkLocal(family: IpAddressFamily, address: IpSocketAddress): void {
	if (!sameFamily(family, address) || !isUnicast(address) || isMapped(address)) throw invalid;
}

/** Throws `invalid-argument` for what a socket of this family can not connect or send to. */
export function checkRemote(family: IpAddressFamily, address: IpSocketAddress): void {
	if (!sameFamily(family, address) || isMapped(address) || isUnspecified(address) || address.val.port === 0) throw invalid;
}

/** The same for a connection, which has one peer. */
export function checkPeer(family: IpAddressFamily, address: IpSocketAddress): void {
	checkRemote(family, address);
	if (!isUnicast(address)) throw invalid;
}
