import test from 'ava';
import fc from 'fast-check';
import {parse, stringify} from 'yaml';
import {edited} from '../../sdk/dist/config/edit.js';

const add = (text: string, value: unknown, json = false) => edited(text, ['plugins', 'new'], value, json);
const remove = (text: string, name: string, json = false) => edited(text, ['plugins', name], undefined, json);

test('a plugin is put where the others are, and nothing else moves', t => {
	const cases: [before: string, after: string][] = [
		['', 'plugins:\n  new: "@x/y"\n'],
		['# mine', '# mine\nplugins:\n  new: "@x/y"\n'],
		['mode:   production # why\n\n\n# end\n', 'mode:   production # why\nplugins:\n  new: "@x/y"\n\n\n# end\n'],
		['plugins:\n  a:   b   # note\n\n# c\nvolumes: {  }\n', 'plugins:\n  a:   b   # note\n  new: "@x/y"\n\n# c\nvolumes: {  }\n'],
		[
			'plugins:\n    a:\n        use: b\n        config: {x: 1}\n',
			'plugins:\n    a:\n        use: b\n        config: {x: 1}\n    new: "@x/y"\n',
		],
		['plugins: {a: b} # few\n', 'plugins: {a: b, new: "@x/y"} # few\n'],
		['plugins: {}\nmode: production', 'plugins: {new: "@x/y"}\nmode: production'],
		['plugins: {\n  a: b, # note\n}\n', 'plugins: {\n  a: b, # note\n  new: "@x/y"\n}\n'],
		['plugins: {\n  a: b # note\n}\n', 'plugins: {\n  a: b, # note\n  new: "@x/y"\n}\n'],
		['plugins:\r\n  a: b\r\nmode: production\r\n', 'plugins:\r\n  a: b\r\n  new: "@x/y"\r\nmode: production\r\n'],
		['plugins:\n  a: |\n    b\nmode: production\n', 'plugins:\n  a: |\n    b\n  new: "@x/y"\nmode: production\n'],
	];
	for (const [before, after] of cases) t.is(add(before, '@x/y'), after, before);
	t.is(
		add('plugins:\n  a: b\n', {use: './x', config: {on: true, level: 'true'}}),
		'plugins:\n  a: b\n  new: { use: ./x, config: { on: true, level: "true" } }\n',
	);
});

test('in JSON too, as its lines are', t => {
	const cases: [before: string, after: string][] = [
		['{}', '{"plugins": { "new": "@x/y" }}'],
		['{"mode": "production"}\n', '{"mode": "production", "plugins": { "new": "@x/y" }}\n'],
		['{\n\t"plugins": {\n\t\t"a": "b"\n\t}\n}\n', '{\n\t"plugins": {\n\t\t"a": "b",\n\t\t"new": "@x/y"\n\t}\n}\n'],
		['{\n  "plugins": {},\n  "mode": "production"\n}', '{\n  "plugins": {"new": "@x/y"},\n  "mode": "production"\n}'],
	];
	for (const [before, after] of cases) t.is(add(before, '@x/y', true), after);
	const manifest = '{\n  "name": "x",\n  "forge": {\n    "mode": "production"\n  },\n  "type": "module"\n}\n';
	const added = manifest.replace('"production"', '"production",\n    "plugins": { "new": "@x/y" }');
	t.is(edited(manifest, ['forge', 'plugins', 'new'], '@x/y', true), added);
});

test('a plugin is taken out with its line, and the comments of others stay', t => {
	const cases: [before: string, after: string][] = [
		['plugins:\n  # one\n  a: b\n  # two\n  c: d # three\n  e: f\n', 'plugins:\n  # one\n  a: b\n  # two\n  e: f\n'],
		['plugins: # some\n  # one\n  c: {use: d}\nmode: production\n', 'plugins: {} # some\n  # one\nmode: production\n'],
		['plugins: {a: b, c: d, e: f}\n', 'plugins: {a: b, e: f}\n'],
		['plugins: {c: d, e: f}\n', 'plugins: {e: f}\n'],
		['plugins: {a: b, c: d}\n', 'plugins: {a: b}\n'],
		['plugins: {c: d}\n', 'plugins: {}\n'],
		['plugins: {\n  c: d, # three\n  # of e\n  e: f\n}\n', 'plugins: {\n  # of e\n  e: f\n}\n'],
		['plugins: { # some\n  c: d\n}\n', 'plugins: { # some\n}\n'],
		['plugins: {\n  a: b, # one\n  c: d\n}\n', 'plugins: {\n  a: b # one\n}\n'],
		['plugins:\n  c:\n    use: x\n    config:\n      list:\n        - 1\n  e: f', 'plugins:\n  e: f'],
	];
	for (const [before, after] of cases) t.is(remove(before, 'c'), after, before);
	t.is(remove('{\n\t"plugins": {\n\t\t"a": "b",\n\t\t"c": "d"\n\t}\n}\n', 'c', true), '{\n\t"plugins": {\n\t\t"a": "b"\n\t}\n}\n');
	t.is(remove('{"plugins": {"c": "d"}}', 'c', true), '{"plugins": {}}');
});

test('where it can not be done in place, the comments stay and it is done all the same', t => {
	const after = add('# top\nplugins:\n  ? a # one\n  : b\n', 'x');
	t.deepEqual(parse(after), {plugins: {a: 'b', new: 'x'}});
	t.regex(after, /# top.*# one/s);
	t.throws(() => add('a: &a {b: c}\nplugins: *a\n', 'x'));
});

test('whatever a configuration looks like, adding changes no other line, and removing undoes it', t => {
	const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
	const value = fc.oneof(
		fc.string(),
		fc.integer(),
		fc.boolean(),
		fc.array(fc.string(), {maxLength: 2}),
		fc.dictionary(name, fc.string(), {maxKeys: 2}),
	);
	const entry = fc.oneof(fc.string(), fc.record({use: fc.string(), config: fc.dictionary(name, value, {minKeys: 1, maxKeys: 3})}));
	const config = fc.record(
		{mode: fc.string(), plugins: fc.dictionary(name, entry, {maxKeys: 3}), volumes: fc.dictionary(name, value)},
		{requiredKeys: []},
	);
	const layout = fc.record({
		json: fc.boolean(),
		indent: fc.constantFrom(2, 4),
		collectionStyle: fc.constantFrom('any' as const, 'flow' as const, 'block' as const),
		lineWidth: fc.constantFrom(0, 40),
		comments: fc.boolean(),
	});
	fc.assert(
		fc.property(config, entry, layout, (config, entry, {json, comments, indent, ...options}) => {
			const written = json ? JSON.stringify(config, undefined, indent) : stringify(config, {...options, indent});
			const text = comments && !json ? written.replaceAll(/^(\s*[a-z0-9-]+:) *$/gm, '$1 # here').replace(/^/, '# top\n') : written;
			const read = (text: string) => (json ? JSON.parse(text) : (parse(text) ?? {}));
			fc.pre(read(text).plugins?.new === undefined);
			const added = edited(text, ['plugins', 'new'], entry, json);
			t.deepEqual(read(added), {...read(text), plugins: {...read(text).plugins, new: entry}}, text);
			const lines = text.split('\n');
			t.true(lines.filter(line => !added.split('\n').includes(line)).length <= 1, `${text}\nbecame\n${added}`);
			const removed = edited(added, ['plugins', 'new'], undefined, json);
			t.deepEqual(read(removed), {...read(text), plugins: {...read(text).plugins}}, added);
			t.is(removed.match(/#/g)?.length, text.match(/#/g)?.length, added);
		}),
		{numRuns: 500},
	);
});
