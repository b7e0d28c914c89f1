import {checkConfig, contract, type ForgeError} from '@forgeone/core';
import {definePlugin} from '@forgeone/sdk';
import test from 'ava';
import {Type} from 'typebox';
import {kernelOf, openPolicy} from '../support/plugins.ts';

const greeter = contract<{greet(): string}>('test:demo/greeter@0.1.0', ['greet']);

/** A plugin that greets as it is told, and remembers that it was started. */
function greeting(started: unknown[] = []) {
	return definePlugin({
		name: 'greeting',
		provides: {greeter},
		config: Type.Object({
			word: Type.Enum(['hello', 'hej'], {default: 'hello'}),
			times: Type.Integer({minimum: 1, maximum: 3, default: 1}),
			factor: Type.Optional(Type.Number({minimum: 0})),
			names: Type.Optional(Type.Record(Type.String({pattern: '^[a-z]+$'}), Type.Object({age: Type.Integer()}))),
		}),
		setup({config: {word, times, ...others}}) {
			started.push({word, times, ...others});
			return {greeter: () => ({greet: () => Array(times).fill(word).join(' ')})};
		},
	});
}

test('setup gets the configuration with its defaults', async t => {
	const started: unknown[] = [];
	const kernel = await kernelOf(t, {policy: openPolicy(), greeting: {use: greeting(started), config: {times: 2, factor: 0.5}}});
	t.deepEqual(started, [{word: 'hello', times: 2, factor: 0.5}]);
	t.is(await (await kernel.link(greeter))().greet(), 'hello hello');
	const plugin = greeting();
	t.deepEqual(checkConfig(plugin, 'any', undefined), {word: 'hello', times: 1});
});

test('a configuration that is wrong is refused by its path, before any plugin starts', async t => {
	const wrong: [unknown, string, string, string][] = [
		[{wrod: 'hej'}, '.wrod', 'there is no such key', 'did you mean "word"?'],
		[{word: 'hi'}, '.word', 'it is none of hello, hej', 'correct it'],
		[{times: 4}, '.times', 'it is above 3', 'correct it'],
		[{times: 1.5}, '.times', 'it is not of type integer', 'correct it'],
		[{factor: '1'}, '.factor', 'it is not of type number', 'correct it'],
		[{factor: Number.NaN}, '.factor', 'it is not of type number', 'correct it'],
		[{names: {ada: {}}}, '.names.ada.age', 'it is missing', 'correct it'],
		[{names: {ada: {agee: 1}}}, '.names.ada.agee', 'there is no such key', 'did you mean "age"?'],
		[{names: {Ada: {age: 1}}}, '.names', '"Ada" is no name', 'correct it'],
		[[], '', 'it is not of type object', 'correct it'],
	];
	for (const [config, path, reason, remedy] of wrong) {
		const started: unknown[] = [];
		const first = definePlugin({
			name: 'first',
			setup() {
				started.push('first');
				return {};
			},
		});
		const boot = kernelOf(t, {policy: openPolicy(), first, mine: {use: greeting(started), config}});
		const error = (await t.throwsAsync(boot, {code: 'FORGE_PLUGIN_CONFIG'}, JSON.stringify(config))) as ForgeError;
		t.is(error.message, `plugin "mine" can not take "plugins.mine.config${path}": ${reason}`);
		t.is(error.remedy, remedy);
		t.deepEqual(started, []);
	}
});

test('a version that refuses the configuration which is there is not swapped in', async t => {
	const kernel = await kernelOf(t, {policy: openPolicy(), greeting: {use: greeting(), config: {word: 'hej'}}});
	const other = definePlugin({
		name: 'other',
		provides: {greeter},
		config: {type: 'object', properties: {wort: {type: 'string'}}},
		setup: ({config}) => ({greeter: () => ({greet: () => config.wort ?? ''})}),
	});
	await t.throwsAsync(kernel.swap('greeting', other), {code: 'FORGE_PLUGIN_CONFIG', message: /"plugins.greeting.config.word"/});
	t.is(await (await kernel.link(greeter))().greet(), 'hej');
});

test('a plugin that declares no configuration is given none', t => {
	const plugin = definePlugin({name: 'plain', setup: () => ({})});
	t.deepEqual(checkConfig(plugin, 'plain', undefined), {});
	const error = t.throws(() => checkConfig(plugin, 'plain', {level: 'info'}), {
		code: 'FORGE_PLUGIN_CONFIG',
		message: /config.level": there/,
	});
	t.is((error as ForgeError).remedy, 'leave it out');
});

test('a schema that could not be checked in full is refused where it is declared', t => {
	const wrong: [object, string][] = [
		[{multipleOf: 3}, '"properties.a" has "multipleOf", which is not checked here'],
		[{type: 'array', items: {format: 'email'}}, '"properties.a.items" has "format", which is not checked here'],
		[{minimum: 3}, '"properties.a" has "minimum" where no one type is'],
		[{type: 'string', enum: ['a'], minLength: 2}, '"properties.a" has "minLength" where no one type is'],
		[{enum: [{b: 1}]}, '"properties.a" has an object among its values'],
		[{type: 'array', items: [{type: 'string'}]}, '"properties.a" has a list of "items"'],
		[{type: 'string', pattern: '['}, '"properties.a" has the pattern "[", which is none'],
		[{type: 'object', properties: {}, required: ['b']}, '"properties.a" requires "b", which it does not describe'],
		[{type: 'strin'}, '"properties.a" has the type "strin", which is none'],
		[{type: ['string', 'null']}, '"properties.a" has the type ["string","null"], which is none'],
		[
			{anyOf: [{type: 'object'}, {type: 'object'}]},
			'"properties.a" has alternatives in "anyOf" that differ neither in "type" nor all in "const"',
		],
		[{type: 'object', oneOf: [{type: 'string'}]}, '"properties.a" has "oneOf" of more than "required"'],
		[{type: 'object', additionalProperties: true}, '"properties.a" lets unknown keys in'],
		[
			{type: 'object', properties: {b: {}}, additionalProperties: {type: 'string'}},
			'"properties.a" has more than one of properties, a pattern, and a schema for others',
		],
	];
	for (const [schema, what] of wrong) {
		const define = () => definePlugin({name: 'x', config: {type: 'object', properties: {a: schema}}, setup: () => ({})});
		t.throws(define, {code: 'FORGE_PLUGIN_SCHEMA', message: `the schema of the configuration of plugin "x" can not be used: ${what}`});
	}
});
