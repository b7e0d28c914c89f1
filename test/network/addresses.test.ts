import {isIPv6} from 'node:net';
import open from '@forgeone/plugin-network/cell';
import {createDecoder, type Datagram, encode} from '@forgeone/plugin-network/datagrams';
import test from 'ava';
import fc from 'fast-check';
import {callPair} from '../support/calls.ts';
import {finished, type v4, v6} from '../support/sockets.ts';

/** A cell half whose calls nobody takes, and the heads of those. */
function heads() {
	const said: {readonly address?: string; readonly name?: string}[] = [];
	const call = (head: string) => {
		said.push(JSON.parse(head));
		return callPair(head).opener;
	};
	// What the half is given for HTTP does not matter here.
	const {imports} = open({
		container: 'c',
		data: {egress: []} as never,
		usage: {read: 0, written: 0, requests: 0},
		refused: () => undefined,
		call,
	}).host();
	// biome-ignore lint/suspicious/noExplicitAny: a guest sees functions and classes without their types, and so does this test.
	return {said, of: (name: string): any => imports[`wasi:sockets/${name}@0.2.12`]};
}

/** How the cell half writes an address. */
function printed(address: ReturnType<typeof v4> | ReturnType<typeof v6>): string | undefined {
	const {said, of} = heads();
	try {
		of('tcp-create-socket').createTcpSocket(address.tag).startConnect({}, address);
	} catch {
		return undefined;
	}
	return said[0]?.address;
}

/** How it reads one that is written. */
async function read(text: string): Promise<unknown> {
	const {said, of} = heads();
	const stream = of('ip-name-lookup').resolveAddresses({}, text);
	if (said.length > 0) return 'a name';
	return finished(stream, () => stream.resolveNextAddress());
}

/** Zeros come more often than they would. */
const group = fc.oneof(fc.constant(0), fc.nat(0xff_ff));
const groups = fc.array(group, {minLength: 8, maxLength: 8});

test('an IPv6 address is written as a URL writes it', t => {
	fc.assert(
		fc.property(groups, address => {
			const text = printed(v6(1, address));
			if (text === undefined) return true;
			t.true(isIPv6(text));
			return new URL(`http://[${text}]/`).hostname === `[${text}]`;
		}),
	);
});

test('what is written of an address is read as the same address', async t => {
	await fc.assert(
		fc.asyncProperty(groups, async address => {
			const text = address.map(part => part.toString(16)).join(':');
			t.deepEqual(await read(text), {tag: 'ipv6', val: address});
			t.deepEqual(await read(printed(v6(1, address)) ?? text), {tag: 'ipv6', val: address});
		}),
		{numRuns: 50},
	);
	await fc.assert(
		fc.asyncProperty(fc.ipV4(), async text => {
			t.deepEqual(await read(text), {tag: 'ipv4', val: text.split('.').map(Number)});
		}),
		{numRuns: 50},
	);
});

test('every form of IPv6 that Node takes for one is read as Node reads it', async t => {
	await fc.assert(
		fc.asyncProperty(fc.ipV6(), async text => {
			const whole = new URL(`http://[${text}]/`).hostname;
			t.deepEqual(await read(text), await read(whole.slice(1, -1)), text);
		}),
	);
	t.deepEqual(await read('::ffff:1.2.3.4'), {tag: 'ipv6', val: [0, 0, 0, 0, 0, 0xffff, 0x102, 0x304]});
	t.deepEqual(await read('fe80::1%eth0'), {tag: 'ipv6', val: [0xfe80, 0, 0, 0, 0, 0, 0, 1]});
});

test('datagrams are the same on the other side, in whatever pieces their bytes come', t => {
	const datagram: fc.Arbitrary<Datagram> = fc.record({
		address: fc.oneof(fc.ipV4(), fc.ipV6()),
		port: fc.nat(65_535),
		data: fc.uint8Array({maxLength: 600}),
	});
	fc.assert(
		fc.property(fc.array(datagram, {maxLength: 5}), fc.array(fc.integer({min: 1, max: 400})), (datagrams, cuts) => {
			const whole = Buffer.concat(datagrams.map(encode));
			const decode = createDecoder();
			const found: Datagram[] = [];
			let at = 0;
			for (const cut of cuts) {
				found.push(...decode(whole.subarray(at, at + cut)));
				at += cut;
			}
			found.push(...decode(whole.subarray(at)));
			t.deepEqual(
				found.map(each => ({...each, data: new Uint8Array(each.data)})),
				datagrams,
			);
		}),
	);
});
