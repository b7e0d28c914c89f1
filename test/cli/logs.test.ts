import type {ChildProcess} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {durationOf, momentOf} from '../../plugins/cli/src/text.ts';
import {guest} from '../support/guests.ts';
import {forgeOf, outcome, until} from './forge.ts';

const ended = (child: ChildProcess) => new Promise<number | null>(resolve => child.once('exit', resolve));

test('a reader of logs that has enough ends the command as it ends others, without a word', async t => {
	const forge = await forgeOf(t);
	await forge(['run', '-d', '--name', 'flood', await guest('log-flood')]);
	for (const args of [
		['logs', 'flood'],
		['logs', '--follow', 'flood'],
		['logs', '--json', '--tail', '100000', 'flood'],
	]) {
		const child = forge.spawn(args);
		child.stdout.once('data', () => child.stdout.destroy());
		t.deepEqual(await Promise.all([text(child.stderr), ended(child)]), ['', 141], args.join(' '));
	}
});

test('logs shows the last lines of what is written meanwhile, as many as were asked for', async t => {
	const forge = await forgeOf(t);
	await forge(['run', '-d', '--name', 'flood', await guest('log-flood')]);
	await until(async () => (await forge(['logs', '--tail', '1', 'flood'])).out !== '');
	t.regex((await forge(['logs', '-n', '7', 'flood'])).out, /^(one line [^\n]*\n){7}$/);
});

test('logs --follow begins with the last lines there are, and goes on to the end', async t => {
	const forge = await forgeOf(t);
	await forge(['run', '--name', 'one', await guest('env-as'), '--', 'a', 'b', 'c']);
	t.is((await forge(['logs', '--tail', '2', '--follow', 'one'])).out, 'arg b\narg c\n');
	t.is((await forge(['logs', '--tail', '2', 'one'])).out, 'arg b\narg c\n');
});

test('logs --since leaves out what is older', async t => {
	const forge = await forgeOf(t);
	await forge(['run', '--name', 'one', await guest('env-as')]);
	t.is((await forge(['logs', '--since', '1h', 'one'])).out, 'arg one\n');
	t.is((await forge(['logs', '--since', '2999-01-01', 'one'])).out, '');
	t.like(await forge(['logs', '--since', 'yesterday', 'one']), {code: 2, out: ''});
});

test('on the command line a bare number is of seconds, and a moment is one or so long ago', t => {
	t.deepEqual(['10', '0.5', '10ms', '2m'].map(durationOf), [10_000n, 500n, 10n, 120_000n]);
	t.is(momentOf('10m', 1_000_000), 400_000n);
	t.is(momentOf('1970-01-01T00:00:01Z'), 1_000n);
	t.throws(() => momentOf('1970-01-99'), {code: 'FORGE_CONFIG_VALUE'});
});

test('a terminal that closes, and a reader of standard error that goes away, end a guest and leave nothing', async t => {
	const forge = await forgeOf(t);
	const closed = forge.spawn(['run', '--rm', await guest('log-flood')]);
	closed.stdout.once('data', () => {
		closed.kill('SIGHUP');
		setTimeout(() => closed.kill('SIGHUP'), 300);
	});
	t.is((await outcome(closed)).code, 137);
	await writeFile(join(forge.folder, 'forge.config.json'), JSON.stringify({containers: {flood: {image: await guest('log-flood')}}}));
	const up = forge.spawn(['up']);
	up.stdout.once('data', () => up.stdout.destroy());
	t.is(await ended(up), 0);
	t.deepEqual(JSON.parse((await forge(['ps', '--json'])).out), []);
});
