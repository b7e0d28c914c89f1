import security, {ask, checkConfig, defaults, matches} from '@forgeone/plugin-security';
import test from 'ava';
import fc from 'fast-check';

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

test('a configuration that is wrong is refused, with the place and the nearest key', t => {
	const wrong: [unknown, RegExp][] = [
		[{rulse: []}, /no key "rulse"; the nearest is "rules"/],
		[{rules: {}}, /"rules" are not a list/],
		[{defaults: 'no'}, /neither true nor false/],
		[[], /not an object/],
		[null, /not an object/],
		[{rules: [{allow: 'link'}, {alow: 'link'}]}, /rule 2 .*no key "alow"; the nearest is "allow"/],
		[{rules: [{}]}, /either "allow" or "deny"/],
		[{rules: [{allow: 'link', deny: 'link'}]}, /either "allow" or "deny"/],
		[{rules: [{allow: 'everything'}]}, /"allow" is none of link, admit/],
		[{rules: [{allow: 'link', made: 'wasm'}]}, /"made" is none of typescript, component/],
		[{rules: [{allow: 'net', made: 'component'}]}, /only a rule about "link"/],
		[{rules: [{allow: 'net', who: ''}]}, /"who" is not a name/],
		[{rules: [{allow: 'net', what: 3}]}, /"what" is not a name/],
		[JSON.parse('{"rules": [{"allow": "net", "__proto__": {}}]}'), /no key "__proto__"/],
	];
	for (const [config, message] of wrong) {
		t.throws(() => security.config?.(config), {code: 'FORGE_POLICY_INVALID', message}, JSON.stringify(config));
	}
	t.deepEqual(checkConfig(undefined), {rules: [], defaults: true});
	t.deepEqual(checkConfig({defaults: false, rules: [{allow: 'net'}]}), {rules: [{allow: 'net'}], defaults: false});
});
