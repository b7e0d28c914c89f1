import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {contract} from '@forgeone/core';
import test, {type ExecutionContext} from 'ava';
import {countingComponent, kernelOf, openPolicy} from '../support/plugins.ts';
import {folderOf} from '../support/runtime.ts';
import {fileOf, reading} from '../support/wat.ts';

const reader = contract<{read(): string | undefined}>('test:demo/reader@0.1.0', ['read']);

/** A kernel with a component that reads settings, which are given. */
async function readerOf(t: ExecutionContext, config?: unknown) {
	const use = await fileOf(t, reading);
	const kernel = await kernelOf(t, {policy: openPolicy(), reader: {use, config}});
	return {kernel, use, read: (await kernel.link(reader))().read};
}

test('a component reads its configuration by wasi:config, and one that is swapped in reads the same', async t => {
	const {kernel, use, read} = await readerOf(t, {greeting: 'god\ndag', other: ''});
	t.is(await read(), 'god\ndag');
	await kernel.swap('reader', use);
	t.is(await read(), 'god\ndag');
	await kernel.swap('reader', {use, config: {greeting: 'hej'}});
	t.is(await read(), 'hej');
	t.deepEqual(kernel.graph().find(({name}) => name === 'reader')?.uses, []);
});

test('a component without a configuration reads nothing', async t => {
	const {read} = await readerOf(t);
	t.is(await read(), undefined);
});

test('a setting of a component that is no string is refused with its path', async t => {
	const wrong: [unknown, RegExp][] = [
		[{greeting: 5}, /"reader" can not take "plugins.reader.config.greeting": it is not of type string/],
		[{greeting: {deep: 'x'}}, /"plugins.reader.config.greeting": it is not of type string/],
		[['greeting'], /"plugins.reader.config": it is not of type object/],
		['greeting', /"plugins.reader.config": it is not of type object/],
		[null, /"plugins.reader.config": it is not of type object/],
	];
	for (const [config, message] of wrong)
		await t.throwsAsync(readerOf(t, config), {code: 'FORGE_PLUGIN_CONFIG', message}, JSON.stringify(config));
});

test('a component that does not import wasi:config is given no configuration', async t => {
	const use = join(await folderOf(t), 'counting.wasm');
	await writeFile(use, await countingComponent());
	await t.throwsAsync(kernelOf(t, {policy: openPolicy(), counting: {use, config: {level: 'x'}}}), {
		code: 'FORGE_PLUGIN_CONFIG',
		message: /"plugins.counting.config.level": the component does not import wasi:config\/store/,
	});
});
