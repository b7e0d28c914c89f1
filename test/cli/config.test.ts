import {readFile, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type AnyPlugin, checkConfig, type ForgeError} from '@forgeone/core';
import {Ajv2020, type ErrorObject} from 'ajv/dist/2020.js';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {type Forge, forgeOf} from './forge.ts';

const root = join(import.meta.dirname, '../..');

const source = `
	import {definePlugin} from '${import.meta.resolve('@forgeone/sdk')}';
	const size = {type: 'object', properties: {bytes: {type: 'integer', minimum: 0}, ratio: {type: 'number', maximum: 1}}, required: ['bytes']};
	export default definePlugin({
		name: 'mine',
		config: {
			type: 'object',
			properties: {
				level: {enum: ['debug', 'info'], default: 'info'},
				sinks: {type: 'array', items: {anyOf: [{type: 'string', pattern: '^[a-z]+$', minLength: 2}, size]}, minItems: 1, maxItems: 2},
				labels: {type: 'object', additionalProperties: {type: 'string', maxLength: 3}},
				on: {type: 'boolean'},
				either: {type: 'object', properties: {allow: {type: 'null'}, deny: {const: 1}}, oneOf: [{required: ['allow']}, {required: ['deny']}]},
			},
			required: ['level'],
		},
		setup: () => ({}),
	});`;

/** A `forge` in a folder that has the plugin, and what configures it so. */
async function folderOf(t: ExecutionContext) {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'mine.mjs'), source);
	const configure = (config?: unknown) =>
		writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins: {mine: {use: './mine.mjs', config}}}));
	await configure();
	return {forge, configure};
}

/** What an editor checks a configuration by. */
const validatorOf = async (forge: Forge) =>
	new Ajv2020({strict: false, allErrors: true}).compile(JSON.parse((await forge(['config', 'schema'])).out));

/** Where the validator sees the deepest fault, as we write it: `plugins.mine.config.levl`. */
function faultOf(errors: readonly ErrorObject[] | null | undefined): string {
	const paths = (errors ?? []).map(({instancePath, params}) => {
		const path = instancePath.slice(1).replaceAll('/', '.');
		const key = params.additionalProperty ?? params.missingProperty;
		return typeof key === 'string' ? `${path}.${key}` : path;
	});
	return paths.sort((a, b) => b.split('.').length - a.split('.').length)[0] ?? '';
}

test('what a plugin refuses is one line with its path, by every command that boots, and the editor sees it at the same place', async t => {
	const cases: [unknown, string, RegExp][] = [
		[{levl: 'info'}, 'plugins.mine.config.levl', /there is no such key \(FORGE_PLUGIN_CONFIG\): did you mean "level"\?$/],
		[{level: 'loud'}, 'plugins.mine.config.level', /it is none of debug, info \(FORGE_PLUGIN_CONFIG\)/],
		[{sinks: [{bytes: 1, ratio: 2}]}, 'plugins.mine.config.sinks.0.ratio', /it is above 1 /],
		[{sinks: [{}]}, 'plugins.mine.config.sinks.0.bytes', /it is missing /],
		[{sinks: []}, 'plugins.mine.config.sinks', /less than 1 items /],
		[{labels: {a: 'abcd'}}, 'plugins.mine.config.labels.a', /longer than 3 /],
		[[], 'plugins.mine.config', /not of type object /],
	];
	const {forge, configure} = await folderOf(t);
	const validate = await validatorOf(forge);
	for (const [index, [config, path, words]] of cases.entries()) {
		await configure(config);
		for (const command of index === 0 ? ['ps', 'up', 'up --detach', 'plugin list'] : ['ps']) {
			const {code, out, err} = await forge(command.split(' '));
			t.deepEqual([code, out], [1, ''], command);
			t.true(err.startsWith(`forge: plugin "mine" can not take "${path}": `), err);
			t.regex(err.trim(), words, command);
		}
		t.false(validate({plugins: {mine: {use: './mine.mjs', config}}}));
		t.is(faultOf(validate.errors), path);
	}
});

test('the editor and the kernel agree about any configuration of a plugin', async t => {
	const {forge} = await folderOf(t);
	const validate = await validatorOf(forge);
	const plugin: AnyPlugin = (await import(join(forge.folder, 'mine.mjs'))).default;
	const leaf = fc.constantFrom<unknown>('info', 'debug', 'ab', 'a', 'ABC', '\u{1f600}\u{1f600}', '', 0, 1, -1, 0.5, 2, 2 ** 60, true, null);
	const size = fc.record({bytes: leaf, ratio: leaf, other: leaf}, {requiredKeys: []});
	const part = fc.oneof(leaf, fc.array(fc.oneof(leaf, size), {maxLength: 3}), size, fc.dictionary(fc.constantFrom('a', 'b'), leaf));
	const either = fc.record({allow: fc.constant(null), deny: leaf}, {requiredKeys: []});
	const sink = fc.oneof(fc.constantFrom('ab', 'abc'), fc.record({bytes: fc.nat(), ratio: fc.constantFrom(-1, 0.5, 1)}));
	const right = {
		level: fc.constantFrom('info', 'debug'),
		sinks: fc.array(sink, {minLength: 1, maxLength: 2}),
		labels: fc.dictionary(fc.constantFrom('a', 'b c', 'ä'), fc.string({maxLength: 3})),
		on: fc.boolean(),
		either: fc.constantFrom({allow: null}, {deny: 1}),
	};
	const wrong = {level: leaf, sinks: part, labels: part, on: leaf, either, unknown: leaf};
	const mixed = fc.tuple(fc.record(right, {requiredKeys: []}), fc.record(wrong, {requiredKeys: []}), fc.subarray(Object.keys(wrong)));
	const some = mixed.map(([good, bad, keys]) => ({
		...good,
		...Object.fromEntries(Object.entries(bad).filter(([key]) => keys.includes(key))),
	}));
	const taken = {yes: 0, no: 0};
	fc.assert(
		fc.property(fc.oneof({arbitrary: some, weight: 5}, part), config => {
			const path = refusal(plugin, config);
			taken[path === undefined ? 'yes' : 'no']++;
			t.is(validate({plugins: {mine: {use: './mine.mjs', config}}}), path === undefined, JSON.stringify(config));
			if (path === undefined) return;
			const places = (validate.errors ?? []).map(error => faultOf([error]));
			t.true(places.includes(path), `${path} of ${JSON.stringify(config)}: ${places}`);
		}),
		{numRuns: 1000},
	);
	t.true(taken.yes > 100 && taken.no > 100, JSON.stringify(taken));
});

/** Where the kernel refuses a configuration; undefined where it takes it. */
function refusal(plugin: AnyPlugin, config: unknown): string | undefined {
	try {
		checkConfig(plugin, 'mine', config);
		return undefined;
	} catch (error) {
		return /"(plugins[^"]*)"/.exec((error as ForgeError).message)?.[1];
	}
}

test('the schema that is printed describes the usual plugins, and one that needs a configuration needs it there too', async t => {
	const {forge} = await folderOf(t);
	const needing = source.replace("required: ['level']", "required: ['level', 'on']");
	await writeFile(join(forge.folder, 'needing.mjs'), needing);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({plugins: {mine: './mine.mjs', needing: './needing.mjs'}}));
	const validate = await validatorOf(forge);
	const takes = (plugins: object) => validate({plugins});
	t.true(takes({mine: './mine.mjs'}));
	t.false(takes({needing: './needing.mjs'}));
	t.true(takes({needing: {use: './needing.mjs', config: {on: true}}}));
	t.true(takes({network: {use: 'x', config: {gateway: [8080, '0.0.0.0:80']}}}));
	t.false(takes({network: {use: 'x', config: {gateway: [80_800]}}}));
	t.is(faultOf(validate.errors), 'plugins.network.config.gateway.0');
	t.false(takes({security: {use: 'x', config: {rules: [{allow: 'net', deny: 'net'}]}}}));
	t.is(faultOf(validate.errors), 'plugins.security.config.rules.0');
	t.false(takes({storage: {use: 'x', config: {quota: 1}}}));
	t.false(takes({Wrong: 'x'}));
});

test('the schema that comes with forge is what is printed where nothing is configured, and the template of a set leads to it', async t => {
	const forge = await forgeOf(t);
	const there = await readFile(join(root, 'plugins/cli/dist/forge.config.schema.json'), 'utf8');
	t.deepEqual(JSON.parse(there), JSON.parse((await forge(['config', 'schema'])).out));
	const [, path = ''] = /\$schema=\.\/(\S+)/.exec(await readFile(join(root, 'templates/plugin-set/forge.config.yaml'), 'utf8')) ?? [];
	t.is(await readFile(join(root, path), 'utf8'), there);
});

test('the plugin in the README of the SDK is refused as it says there', async t => {
	const readme = await readFile(join(root, 'sdk/README.md'), 'utf8');
	const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, block = '']) => block);
	const [, entry = '', message = ''] = /`plugins: \{audit: (\{.*?\}\})\}` is refused as\n`(.*?)`/.exec(readme) ?? [];
	const forge = await forgeOf(t);
	await symlink(join(root, 'node_modules'), join(forge.folder, 'node_modules'));
	await writeFile(join(forge.folder, 'audit-file.mjs'), blocks.find(block => block.includes("'audit-file'")) ?? '');
	// It has no types to strip, and needs no compiler.
	const used = entry.replace('audit-file.js', 'audit-file.mjs');
	await writeFile(join(forge.folder, 'forge.config.yaml'), `plugins: {audit: "@forgeone/plugin-security/audit", mine: ${used}}\n`);
	t.is((await forge(['ps'])).err, `forge: ${message.replaceAll('audit', 'mine')}\n`);
	await writeFile(join(forge.folder, 'forge.config.yaml'), `plugins: {mine: ${used.replace('levl', 'level')}}\n`);
	t.is((await forge(['ps'])).code, 0);
});
