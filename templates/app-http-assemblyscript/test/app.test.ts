import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {artefact} from '@forgeone/sdk/testing';
import test, {type ExecutionContext} from 'ava';

/** Runs the server as a container of a ForgeOne of its own until the test ends. Returns where it listens. */
async function serve(t: ExecutionContext): Promise<string> {
	const home = mkdtempSync(join(tmpdir(), 'forge-'));
	const forge = spawn('forge', ['run', '--publish', '0', artefact()], {env: {...process.env, FORGE_HOME: home}});
	t.teardown(async () => {
		forge.kill();
		await once(forge, 'close');
	});
	const said: string[] = [];
	for await (const line of createInterface({input: forge.stderr})) {
		const [url] = /http:\S+/.exec(line) ?? [];
		if (url !== undefined) return url;
		said.push(line);
	}
	throw new Error(said.join('\n'));
}

test('it greets, echoes, and says what it has not', async t => {
	const url = await serve(t);
	t.regex(await (await fetch(url)).text(), /^Hello from ForgeOne!/);
	const body = 'text '.repeat(10_000);
	t.is(await (await fetch(`${url}/echo`, {method: 'POST', body})).text(), body);
	t.is((await fetch(`${url}/nothing`)).status, 404);
});
