import {readdir, readFile} from 'node:fs/promises';
import test from 'ava';

const folder = new URL('../../core/src/', import.meta.url);
const files = await Promise.all((await readdir(folder)).map(async name => ({name, text: await readFile(new URL(name, folder), 'utf8')})));

/** Lines of code: no blanks, comments, imports or re-exports. The table of errors is a table. */
const code = (text: string): number => text.split('\n').filter(line => !/^\s*(\/\/|\/?\*|import |export .* from |$)/.test(line)).length;

test('the kernel has at most 700 lines of code, and no file has more than 200 lines', t => {
	const counted = files.filter(({name}) => name !== 'errors.ts');
	t.true(counted.reduce((sum, {text}) => sum + code(text), 0) <= 700);
	for (const {name, text} of files) t.true(text.split('\n').length <= 201, name);
});

test('the kernel imports tapable, @forgeone/wasm and Node, and nothing else', t => {
	const imported = files.flatMap(({text}) => [...text.matchAll(/from '([^.'][^']*)'/g)].map(match => match[1] ?? ''));
	t.deepEqual([...new Set(imported.filter(name => !name.startsWith('node:')))].sort(), ['@forgeone/wasm', 'tapable']);
});
