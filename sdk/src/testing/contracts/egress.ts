import assert from 'node:assert/strict';
import {egress} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

/** What every provider of `forgeone:network/egress` keeps. */
export function egressContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'egress', plugin, options);

	promise('a rule has one form, whatever the form it is written in', async kernel => {
		const {parse} = kernel.as('one')(egress);
		const written = ['EXAMPLE.com.:443', '*.Example.com:*', 'bücher.example:80', '127.1:80', '[0:0::1]:8080', '[::ffff:10.0.0.1]:1'];
		const canonical = ['example.com:443', '*.example.com:*', 'xn--bcher-kva.example:80', '127.0.0.1:80', '[::1]:8080', '10.0.0.1:1'];
		assert.deepEqual(await parse(written), canonical);
		assert.deepEqual(await parse(canonical), canonical);
	});

	promise('what is no rule is refused', async kernel => {
		const {parse, allows} = kernel.as('one')(egress);
		const none = ['', ':', ':80', 'example.com', 'example.com:0', 'example.com:65536', '*:80', 'a.*.b:80', '*.127.0.0.1:80', '::1:80'];
		for (const rule of [...none, 'http://example.com:80', 'foo@example.com:80', 'a\nb:80', 'a..b:80', 'localhost:80']) {
			await assert.rejects(parse(['ok.example:1', rule]), {code: 'FORGE_EGRESS_INVALID'}, JSON.stringify(rule));
			await assert.rejects(allows([rule], 'example.com', 80), {code: 'FORGE_EGRESS_INVALID'}, JSON.stringify(rule));
		}
	});

	promise('a rule allows its host and its port, and nothing beside', async kernel => {
		const {allows} = kernel.as('one')(egress);
		const rules = ['example.com:443', '*.example.org:*', '192.0.2.1:80', '127.0.0.1:80'];
		const inside = [
			['Example.COM.', 443],
			['a.b.example.org', 1],
			['192.0.2.1', 80],
			['0x7f.1', 80],
			['::ffff:7f00:1', 80],
		] as const;
		const outside = [
			['example.com', 80],
			['a.example.com', 443],
			['example.org', 443],
			['xexample.org', 1],
			['192.0.2.1', 81],
			['', 443],
		] as const;
		for (const [host, port] of inside) assert.equal(await allows(rules, host, port), true, host);
		for (const [host, port] of outside) assert.equal(await allows(rules, host, port), false, host);
		assert.equal(await allows([], 'example.com', 443), false);
	});
}
