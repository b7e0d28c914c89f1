import {execFile} from 'node:child_process';
import {mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {folderOf} from '../support/runtime.ts';

const root = join(import.meta.dirname, '../..');
const source = await readFile(join(import.meta.dirname, 'must-not-compile.ts'), 'utf8');
const lines = source.split('\n');
const directive = /^\s*\/\/ @ts-expect-error (TS\d+): (.+)$/;

/** What the compiler says of a file with this text, as the tests are compiled: code and words of each error by its line. */
async function compile(t: ExecutionContext, text: string): Promise<Map<number, string>> {
	const folder = join(await folderOf(t), 'types');
	await mkdir(folder);
	await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
	await writeFile(join(folder, 'package.json'), '{"type": "module"}');
	await writeFile(join(folder, 'file.ts'), text);
	const config = {extends: join(root, 'test/tsconfig.json'), include: ['file.ts'], exclude: [], references: []};
	await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
	const tsc = join(root, 'node_modules/typescript/bin/tsc');
	const out = await new Promise<string>(done =>
		execFile(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], (_, out) => done(out)),
	);
	const found = new Map<number, string>();
	for (const line of out.split('\n').filter(Boolean)) {
		const [, at, words] = /^.*file\.ts\((\d+),\d+\): error (.+)$/.exec(line) ?? [];
		if (at !== undefined) found.set(Number(at), words ?? '');
		else found.set([...found.keys()].at(-1) ?? 0, `${[...found.values()].at(-1) ?? ''}\n${line}`);
	}
	return found;
}

test('what must not compile does not, each line for the reason that is given', async t => {
	const wanted = lines.flatMap((line, index) => {
		const [, code, words] = directive.exec(line) ?? [];
		return code === undefined ? [] : [{line: index + 2, code, words: words ?? ''}];
	});
	const found = await compile(t, lines.map(line => (directive.test(line) ? '//' : line)).join('\n'));
	t.deepEqual(
		[...found.keys()],
		wanted.map(({line}) => line),
		[...found].join('\n'),
	);
	for (const {line, code, words} of wanted) {
		t.true(found.get(line)?.startsWith(`${code}: `), `${line}: ${found.get(line)}`);
		t.true(found.get(line)?.includes(words), `${line}: ${found.get(line)}`);
	}
	t.true(wanted.length >= 12);
});

test('a line that compiles after all is an error, and so is any other that does not', async t => {
	t.deepEqual([...(await compile(t, source))], []);
	const fine = '// @ts-expect-error TS1: nothing is wrong here\nexport const right: number = 1;\nexport const wrong: number = true;\n';
	const found = await compile(t, source + fine);
	t.regex(found.get(lines.length) ?? '', /^TS2578: Unused '@ts-expect-error' directive/);
	t.regex(found.get(lines.length + 2) ?? '', /^TS2322: /);
	t.is(found.size, 2);
});
