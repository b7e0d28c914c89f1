import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {type Forge, forgeOf} from './forge.ts';

const bin = join(import.meta.dirname, '../../plugins/cli/bin/forge.js');
const lacking = existsSync('/usr/bin/script') ? undefined : 'there is no script(1) here';
const onTerminal = lacking === undefined ? test : test.skip;

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** A title, a cleared screen, a clipboard, a colour, and the 8-bit way to begin one. */
const escapes = ['\u001b]0;owned\u0007', '\u001b[2J', '\u001b]52;c;AAAA\u0007', '\u001b[31m', '\u009b31m'];

/** What a command shows on a terminal. */
async function shownBy(forge: Forge, args: readonly string[]): Promise<string> {
	const command = [process.execPath, bin, ...args].map(quoted).join(' ');
	const env = {...forge.env, TERM: 'xterm'};
	return (await promisify(execFile)('script', ['-qec', command, '/dev/null'], {env, cwd: forge.folder})).stdout;
}

onTerminal(
	`A10: a terminal gets no control characters of a guest, by run, by logs or by inspect, nor as JSON${lacking ? ` (skipped: ${lacking})` : ''}`,
	async t => {
		const forge = await forgeOf(t);
		const run = await shownBy(forge, ['run', '--name', 'one', await guest('env-as'), '--', ...escapes]);
		const logs = await shownBy(forge, ['logs', 'one']);
		for (const text of [run, logs]) t.regex(text, /arg \\x1b\]0;owned\\x07/);
		const json = await shownBy(forge, ['logs', '--json', 'one']);
		const inspected = await shownBy(forge, ['inspect', 'one']);
		for (const text of [json, inspected]) t.regex(text, /\\u009b31m/);
		t.deepEqual(JSON.parse(inspected).spec.arguments, escapes);
		for (const text of [run, logs, json, inspected]) {
			// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
			t.notRegex(text.replace(/\u001b\[\?25[hl]/g, ''), /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/);
		}
	},
);

test('A10: what is no terminal gets the bytes of a guest as they are', async t => {
	const forge = await forgeOf(t);
	const {out} = await forge(['run', await guest('env-as'), '--', ...escapes]);
	for (const word of escapes) t.true(out.includes(`arg ${word}\n`));
});

onTerminal(`a build on a terminal shows what it does, and clears it away${lacking ? ` (skipped: ${lacking})` : ''}`, async t => {
	const forge = await forgeOf(t);
	await mkdir(join(forge.folder, 'src'));
	await writeFile(join(forge.folder, 'package.json'), '{"type": "module"}');
	await writeFile(join(forge.folder, 'src/index.ts'), 'export const one: number = 1;\n');
	const shown = await shownBy(forge, ['build']);
	const [before = '', after] = shown.split('\r\u001b[Kbuilt ');
	t.regex(before, /compiling \d+ s$/);
	t.regex(after ?? '', /^ +build\/index\.js/);
});
