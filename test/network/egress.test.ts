import {allows, hostPort, names, parse, reaches, shows} from '@forgeone/plugin-network/egress';
import test from 'ava';
import fc from 'fast-check';

const localhosts = ['0x7f.1', '2130706433', '127.1', '0177.0.0.1', '①②⑦.0.0.1', '[::ffff:7f00:1]', '::ffff:127.0.0.1', '[64:ff9b::7f00:1]'];

// What every provider of egress keeps is tried by its suite; here is what this one has beside.

for (const rule of [
	...['example.com:', 'example.com:080', 'example.com:+1', 'example.com:80-90', 'a:1:80', 'a/b:80', 'a\nb:80', 'exa mple.com:80'],
	...['*.*:80', '*.[::1]:80', '[::1:80', '[fe80::1%eth0]:80', '1.2.3.4.5:80', '256.0.0.1:80', '%65xample.com:80', '-a.example:80'],
	...['api.localhost:80', 'localhost.:80', `${'a'.repeat(64)}.example:80`, `${'a.'.repeat(127)}aa:80`],
]) {
	test(`"${rule.replaceAll('\n', '\\n').slice(0, 30)}" (${rule.length}) is no rule`, t => {
		const error = t.throws(() => parse(['ok.example:1', rule]), {code: 'FORGE_EGRESS_INVALID'});
		t.true(error?.message.includes(`"${rule.replaceAll('\n', '\\u{a}').slice(0, 200)}`));
	});
}

test('a rule allows an address of IPv6 in any form, and nothing for what is no host or no port', t => {
	const rules = ['example.com:443', '192.0.2.1:80', '[2001:db8::1]:22'];
	for (const host of ['2001:DB8:0::1', '[2001:db8::1]']) t.true(allows(rules, host, 22), host);
	t.false(allows(rules, '2001:db8::1', 23));
	t.false(allows(rules, 'example.com@192.0.2.1', 80));
	t.false(allows(rules, 'example.com', 0));
});

test('every spelling of an address is that address', t => {
	for (const host of localhosts) {
		t.true(allows(['127.0.0.1:80'], host, 80), host);
		t.false(allows(['*.com:*', '127.0.0.2:*'], host, 80), host);
	}
	t.false(allows(['[::ffff:5]:1'], '0.0.0.5', 1));
});

const special = [
	...[
		'0.0.0.0',
		'10.1.2.3',
		'100.64.0.1',
		'127.0.0.1',
		'169.254.169.254',
		'172.31.0.1',
		'192.0.0.8',
		'192.168.1.1',
		'198.19.0.1',
		'224.0.0.1',
	],
	...[
		'255.255.255.255',
		'::',
		'::1',
		'::127.0.0.1',
		'fc00::1',
		'fdff::1',
		'fe80::1',
		'ff02::1',
		'2002:7f00:1::',
		'64:ff9b:1::1',
		'::ffff:0:7f00:1',
		'2001:0:7f00:1::1',
		'fec0::1',
		...localhosts,
	],
];

test('a name leads to public addresses, and to a special one only where that is granted by itself', t => {
	const rules = ['example.com:443'];
	for (const address of ['93.184.216.34', '172.32.0.1', '2606:2800::1', '64:ff9b::5db8:d822'])
		t.true(reaches(rules, 'example.com', address, 443), address);
	for (const address of special) {
		t.false(reaches(rules, 'example.com', address, 443), address);
		const bracketed = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
		t.true(reaches([...rules, `${bracketed}:443`], 'example.com', address, 443), address);
	}
	t.false(reaches(rules, 'example.org', '93.184.216.34', 443));
	t.false(reaches(rules, 'example.com', 'example.com', 443));
});

const host = fc.oneof(
	fc.domain(),
	fc.domain().map(name => `*.${name}`),
	fc.ipV4(),
	fc.ipV6().map(address => `[${address}]`),
);
const port = fc.oneof(fc.constant('*'), fc.integer({min: 1, max: 65_535}).map(String));
const rules = fc.array(
	fc.tuple(host, port).map(parts => parts.join(':')),
	{maxLength: 8},
);

test('parsing what was parsed changes nothing', t => {
	fc.assert(fc.property(rules, list => t.deepEqual(parse(parse(list)), parse(list))));
});

test('without rules nothing is allowed, and a further rule never forbids', t => {
	fc.assert(
		fc.property(
			rules,
			rules,
			fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.string()),
			fc.integer({min: 0, max: 70_000}),
			(some, more, to, at) => {
				t.false(allows([], to, at));
				t.true(!allows(some, to, at) || allows([...some, ...more], to, at));
			},
		),
	);
});

test('any text is a rule or FORGE_EGRESS_INVALID', t => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({unit: 'binary'}),
				fc.string().map(text => `${text}:80`),
			),
			text => {
				try {
					t.deepEqual(parse(parse([text])), parse([text]));
				} catch (error) {
					t.like(error, {code: 'FORGE_EGRESS_INVALID'});
				}
			},
		),
	);
});

test('a name may be asked for where any rule names it, whatever the port', t => {
	const rules = ['example.com:443', '*.below.test:*', '10.0.0.1:80'];
	for (const host of ['example.com', 'EXAMPLE.com.', 'a.below.test', '10.0.0.1', '0xa.1']) t.true(names(rules, host), host);
	for (const host of ['www.example.com', 'below.test', '10.0.0.2', 'a b', '']) t.false(names(rules, host), host);
});

test('a guest is told of public addresses, and of special ones that a rule names', t => {
	const rules = ['example.com:443', '10.0.0.1:80'];
	for (const address of ['192.0.2.1', '2001:db8::1', '10.0.0.1', '::ffff:10.0.0.1']) t.true(shows(rules, address), address);
	for (const address of ['10.0.0.2', '127.0.0.1', '::1', '64:ff9b::7f00:1', '169.254.169.254', 'example.com', ''])
		t.false(shows(rules, address), address);
});

test('a host and a port are written as a rule', t => {
	t.is(hostPort('Example.com', 443), 'example.com:443');
	t.is(hostPort('0:0::1', '*'), '[::1]:*');
	fc.assert(
		fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({min: 1, max: 65_535}), (address, at) =>
			allows([hostPort(address, at)], address, at),
		),
	);
});
