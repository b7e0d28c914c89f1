import {checkConfig, type ForgeError} from '@forgeone/core';
import security, {ask, defaults, matches} from '@forgeone/plugin-security';
import test from 'ava';
import fc from 'fast-check';
import {bootSecurity} from './boot.ts';

test('a star stands for any text, and everything else for itself', t => {
	const yes: [string, string][] = [
		['*', ''],
		['a*', 'a'],
		['*a', 'ba'],
		['a*c*e', 'abcde'],
		['a**b', 'ab'],
		['a.b', 'a.b'],
		['*aa', 'aaa'],
	];
	const no: [string, string][] = [
		['a', 'ab'],
		['a*', 'ba'],
		['ab*ba', 'aba'],
		['a.b', 'axb'],
		['*x*', 'y'],
		['', 'a'],
	];
	for (const [pattern, name] of yes) t.true(matches(pattern, name), `${pattern} ${name}`);
	for (const [pattern, name] of no) t.false(matches(pattern, name), `${pattern} ${name}`);
	const letters = fc.string({unit: fc.constantFrom('a', 'b', '*')});
	fc.assert(
		fc.property(letters, fc.string({unit: fc.constantFrom('a', 'b')}), (pattern, name) => {
			return matches(pattern, name) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);
		}),
	);
});

test('a rule that denies wins over any that allows, and nothing is allowed by silence', t => {
	const question = {action: 'net', who: 'user:1', what: 'a.example:443'} as const;
	const allow = {allow: 'net', who: 'user:*'} as const;
	const deny = {deny: 'net', what: '*.example:443'} as const;
	t.is(ask([], question).says, 'silent');
	t.is(ask([allow], question).says, 'allow');
	t.is(ask([allow, deny], question).says, 'deny');
	t.is(ask([deny, allow], question).says, 'deny');
	t.is(ask([{...allow, except: '*:443'}], question).says, 'silent');
	t.is(ask([{allow: 'publish'}], question).says, 'silent');
});

test('the reason of a refusal is a rule that would allow it', t => {
	const question = {action: 'volume', who: 'container:1', what: 'data:/data:rw'} as const;
	const {reason} = ask(defaults, question);
	const rule = JSON.parse(reason.replace(/^[^{]*/, ''));
	t.is(ask([rule], question).says, 'allow');
});

test('a configuration that is wrong is refused, with the place and the nearest key', async t => {
	const wrong: [unknown, RegExp, RegExp?][] = [
		[{rulse: []}, /"plugins.security.config.rulse": there is no such key/, /"rules"/],
		[{rules: {}}, /config.rules": it is not of type array/],
		[{defaults: 'no'}, /config.defaults": it is not of type boolean/],
		[[], /"plugins.security.config": it is not of type object/],
		[null, /"plugins.security.config": it is not of type object/],
		[{rules: [{allow: 'link'}, {alow: 'link'}]}, /config.rules.1.alow": there is no such key/, /"allow"/],
		[{rules: [{}]}, /config.rules.0": it needs either allow or deny/],
		[{rules: [{allow: 'link', deny: 'link'}]}, /config.rules.0": it needs either allow or deny/],
		[{rules: [{allow: 'everything'}]}, /config.rules.0.allow": it is none of link, admit/],
		[{rules: [{allow: 'link', made: 'wasm'}]}, /config.rules.0.made": it is none of typescript, component/],
		[{rules: [{allow: 'net', who: ''}]}, /config.rules.0.who": it is empty/],
		[{rules: [{allow: 'net', what: 3}]}, /config.rules.0.what": it is not of type string/],
		[JSON.parse('{"rules": [{"allow": "net", "__proto__": {}}]}'), /config.rules.0": the key "__proto__" is not allowed/],
	];
	for (const [config, message, remedy = /./] of wrong) {
		const error = t.throws(() => checkConfig(security, 'security', config), {code: 'FORGE_PLUGIN_CONFIG', message}, JSON.stringify(config));
		t.regex((error as ForgeError).remedy, remedy);
	}
	t.deepEqual(checkConfig(security, 'security', undefined), {rules: [], defaults: true});
	const given = {defaults: false, rules: [{allow: 'net'}]};
	t.deepEqual(checkConfig(security, 'security', given), given);
	const made = {rules: [{allow: 'link'}, {deny: 'net', made: 'component'}]};
	await t.throwsAsync(bootSecurity(made), {code: 'FORGE_POLICY_INVALID', message: /config.rules.1 is wrong: only a rule about "link"/});
});
