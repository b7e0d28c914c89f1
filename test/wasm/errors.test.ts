import {readdir, readFile} from 'node:fs/promises';
import {ForgeError} from '@forgeone/wasm';
import test from 'ava';

const source = new URL('../../wasm/src/', import.meta.url);

test('every code in the table is thrown somewhere and documented, and no other is', async t => {
	const files = (await readdir(source, {recursive: true})).filter(name => name.endsWith('.ts'));
	const texts = new Map(await Promise.all(files.map(async name => [name, await readFile(new URL(name, source), 'utf8')] as const)));
	const rows = [...(texts.get('errors.ts') ?? '').matchAll(/^\t(FORGE_\w+):/gm)].map(match => match[1] as string);
	const elsewhere = [...texts].filter(([name]) => name !== 'errors.ts').map(([, text]) => text);
	const thrown = new Set(elsewhere.flatMap(text => [...text.matchAll(/errors\.(FORGE_\w+)/g)].map(match => match[1] as string)));
	const readme = await readFile(new URL('../../wasm/README.md', import.meta.url), 'utf8');
	const documented = new Set([...readme.matchAll(/`(FORGE_[A-Z0-9_]+)`/g)].map(match => match[1] as string));
	t.deepEqual([...thrown].sort(), rows.toSorted());
	t.deepEqual([...documented].sort(), rows.toSorted());
});

test('an error of another copy of this package is one too, and one that only looks like it is not', async t => {
	const copy: {ForgeError: typeof ForgeError} = await import(`${new URL('../../wasm/dist/error.js', import.meta.url).href}?copy`);
	const error = new copy.ForgeError('FORGE_TEST', 'limit', 'too much', 'ask for less');
	t.not(copy.ForgeError, ForgeError);
	t.true(error instanceof ForgeError);
	for (const other of [new Error('too much'), {...error, name: 'ForgeError'}, 'FORGE_TEST', null]) t.false(other instanceof ForgeError);
	class Sharper extends ForgeError {}
	t.false(error instanceof Sharper);
	t.true(new Sharper('FORGE_TEST', 'limit', 'too much', 'ask for less') instanceof Sharper);
});
