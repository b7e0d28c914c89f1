import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {forgeOf} from './forge.ts';

const bin = join(import.meta.dirname, '../../plugins/cli/bin/forge.js');
const lacking = existsSync('/usr/bin/script') ? undefined : 'there is no script(1) here';
const onTerminal = lacking === undefined ? test : test.skip;

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** A title, a cleared screen, a clipboard, a colour, and the 8-bit way to begin one. */
const escapes = ['\u001b]0;owned\u0007', '\u001b[2J', '\u001b]52;c;AAAA\u0007', '\u001b[31m', '\u009b31m'];

onTerminal(
	`A10: a terminal gets no control characters of a guest, by run or by logs${lacking ? ` (skipped: ${lacking})` : ''}`,
	async t => {
		const forge = await forgeOf(t);
		const shown = async (...args: readonly string[]) => {
			const command = [process.execPath, bin, ...args].map(quoted).join(' ');
			const env = {PATH: process.env.PATH, HOME: forge.home, FORGE_HOME: forge.home, TERM: 'xterm'};
			return (await promisify(execFile)('script', ['-qec', command, '/dev/null'], {env, cwd: forge.folder})).stdout;
		};
		const run = await shown('run', '--name', 'one', await guest('env-as'), '--', ...escapes);
		for (const text of [run, await shown('logs', 'one')]) {
			t.regex(text, /arg \\x1b\]0;owned\\x07/);
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
