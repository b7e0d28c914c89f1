import {execFileSync} from 'node:child_process';
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {artefact} from '@forgeone/sdk/testing';
import test from 'ava';

/** What the program writes, run as a container of a ForgeOne of its own. */
function run(words: readonly string[], {input = '', env = []}: {readonly input?: string; readonly env?: readonly string[]} = {}): string {
	const home = mkdtempSync(join(tmpdir(), 'forge-'));
	const flags = env.flatMap(pair => ['--env', pair]);
	return execFileSync('forge', ['run', ...flags, artefact(), '--', ...words], {
		input,
		encoding: 'utf8',
		env: {...process.env, FORGE_HOME: home},
	});
}

test('the first argument is greeted', t => {
	t.is(run(['Ada', 'Grace']), 'Hello from Ada!\narguments: Grace\n');
});

test('the greeting is that of the environment', t => {
	t.is(run([], {env: ['GREETING=Hej']}), 'Hej from ForgeOne!\n');
});

test('a dash copies standard input', t => {
	t.is(run(['-'], {input: 'text'}), 'text');
});

test('an unknown option is a failure', t => {
	t.like(
		t.throws(() => run(['--no'])),
		{status: 1},
	);
});
