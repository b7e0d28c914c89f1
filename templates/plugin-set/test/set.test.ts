import {execFileSync} from 'node:child_process';
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {artefact} from '@forgeone/sdk/testing';
import test, {type ExecutionContext} from 'ava';

/** `forge` with a state of its own; a daemon that it started ends with the test. */
function forgeOf(t: ExecutionContext): (line: string) => string {
	const home = mkdtempSync(join(tmpdir(), 'forge-'));
	const forge = (line: string) =>
		execFileSync('forge', line.split(' '), {encoding: 'utf8', stdio: 'pipe', env: {...process.env, FORGE_HOME: home}});
	t.teardown(() => forge('down'));
	return forge;
}

test('the set comes up as its configuration says', t => {
	const forge = forgeOf(t);
	forge('up --detach');
	forge('wait hello');
	t.is(forge('logs hello'), 'hello from plugin-set\n');
	const plugins: {name: string; implementation: string}[] = JSON.parse(forge('plugin list --json'));
	t.is(plugins.find(({name}) => name === 'audit')?.implementation, 'component');
});

test('its rules hold for whatever is run beside it', t => {
	const forge = forgeOf(t);
	forge('up --detach');
	for (const flags of ['--publish 0.0.0.0:0', '--volume /etc:/etc:ro']) {
		t.like(
			t.throws(() => forge(`run ${flags} ${artefact()}`)),
			{status: 126},
		);
	}
});
