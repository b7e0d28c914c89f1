import {readdir, readFile} from 'node:fs/promises';
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
