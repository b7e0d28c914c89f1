import {readFileSync} from 'node:fs';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {guest} from '../support/guests.ts';
import {forgeOf, outcome, until} from './forge.ts';

test('run prints what the guest prints, and ends with its exit code', async t => {
	const forge = await forgeOf(t);
	t.like(await forge(['run', '--name', 'one', await guest('env-as'), '--', 'a', 'b']), {code: 0, out: 'arg one\narg a\narg b\n', err: ''});
	t.is((await forge(['run', await guest('exit-seven')])).code, 7);
});

test('arguments after the image reach the guest without --', async t => {
	const forge = await forgeOf(t);
	t.regex((await forge(['run', await guest('env-as'), 'a', 'b'])).out, /\narg a\narg b\n$/);
});

test('arguments keep their order where some are the same, or the same as the value of a flag', async t => {
	const forge = await forgeOf(t);
	const args = ['a', '7', 'a', 'n=1', '--', 'a'];
	const {out} = await forge(['run', '--name', 'a', '-e', 'n=1', await guest('env-as'), '--', ...args]);
	t.true(out.includes(args.map(arg => `arg ${arg}\n`).join('')), out);
});

test('the environment of the guest is what was given and nothing of the shell', async t => {
	const forge = await forgeOf(t);
	const image = await guest('env-as');
	t.notRegex((await forge(['run', image], {env: {SECRET: '1'}})).out, /^env/m);
	const {out} = await forge(['run', '-e', 'A=1=2', '--env', 'B', '-e', 'MISSING', image], {env: {B: 'from the shell'}});
	t.deepEqual(out.match(/^env .*$/gm)?.sort(), ['env A=1=2', 'env B=from the shell']);
});

test('standard input reaches the guest byte for byte', async t => {
	const forge = await forgeOf(t);
	const input = 'line\n'.repeat(40_000);
	const {out} = await forge(['run', await guest('hello-js'), '--', 'cat'], {input});
	t.true(out.endsWith(input), `${out.length} of ${input.length}`);
});

test('a read-only volume can be read and not written', async t => {
	const forge = await forgeOf(t);
	const files = await guest('files-as');
	const data = join(forge.folder, 'data');
	await mkdir(data);
	await writeFile(join(data, 'note'), 'written here');
	t.is((await forge(['run', '-v', './data:/data:ro', files, 'cat', '/data/note'])).out.trim(), 'written here');
	t.not((await forge(['run', '-v', './data:/data:ro', files, 'write', '/data/note', 'changed'])).code, 0);
	t.is(await readFile(join(data, 'note'), 'utf8'), 'written here');
	t.is((await forge(['run', '-v', './data:/data', files, 'write', '/data/note', 'changed'])).code, 0);
	t.is(await readFile(join(data, 'note'), 'utf8'), 'changed');
});

test('without a volume a guest sees no file', async t => {
	const forge = await forgeOf(t);
	const {code, out} = await forge(['run', await guest('files-as'), 'cat', '/etc/passwd']);
	t.not(code, 0);
	t.notRegex(out, /root/);
});

test('a guest that loops is ended at its deadline with 124, one that traps with 134 and the function it trapped in', async t => {
	const forge = await forgeOf(t);
	const late = await forge(['run', '--timeout', '300ms', await guest('loop-run')]);
	t.is(late.code, 124);
	t.regex(late.err, /^forge: .*300/);
	const trapped = await forge(['run', await guest('trap')]);
	t.is(trapped.code, 134);
	t.regex(trapped.err, /deep_inside/);
	t.is((await forge(['run', '--timeout', '300ms', await guest('loop-start')])).code, 124);
});

test('what is no component ends with 127, and so does what is not there', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'text.wasm'), 'no component');
	for (const image of ['text.wasm', 'missing.wasm']) {
		const {code, out, err} = await forge(['run', image]);
		t.is(code, 127, err);
		t.is(out, '');
		t.regex(err, /^forge: .+ \(FORGE_(IMAGE|COMPONENT)_[A-Z]+\): .+\n$/);
	}
	t.deepEqual(JSON.parse((await forge(['ps', '-a', '--json'])).out), []);
});

test('a core module that is no command ends with 127', async t => {
	const forge = await forgeOf(t);
	await writeFile(join(forge.folder, 'core.wasm'), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
	const {code, err} = await forge(['run', 'core.wasm']);
	t.is(code, 127);
	t.regex(err, /^forge: .*"memory".*\(FORGE_PREVIEW1_EXPORT\)/);
});

test('every cut of a component ends with 127 and one line', async t => {
	const forge = await forgeOf(t);
	const bytes = readFileSync(await guest('exit-seven'));
	const file = join(forge.folder, 'cut.wasm');
	for (const length of [0, 1, 7, 8, 9, bytes.length >> 1, bytes.length - 1]) {
		await writeFile(file, bytes.subarray(0, length));
		const {code, err} = await forge(['run', file]);
		t.is(code, 127, `${length}: ${err}`);
		t.regex(err, /^[^\n]+\n$/);
	}
});

test('a second Ctrl-C ends a guest that did not heed the first, and a container run with --rm is forgotten', async t => {
	const forge = await forgeOf(t);
	const child = forge.spawn(['run', '--rm', await guest('log-flood')]);
	child.stdout.once('data', () => {
		child.kill('SIGINT');
		setTimeout(() => child.kill('SIGINT'), 300);
	});
	t.is((await outcome(child)).code, 137);
	t.deepEqual(JSON.parse((await forge(['ps', '-a', '--json'])).out), []);
});

test('a reader that goes away ends the guest', async t => {
	const forge = await forgeOf(t);
	const child = forge.spawn(['run', await guest('log-flood')]);
	child.stdout.once('data', () => child.stdout.destroy());
	const code = await new Promise(resolve => child.once('exit', resolve));
	t.is(code, 137);
});

test('a published port is told on standard error, and answers', async t => {
	const forge = await forgeOf(t);
	const child = forge.spawn(['run', '-p', '0', await guest('http-js')]);
	let told = '';
	child.stderr.on('data', data => {
		told += data;
	});
	await until(() => /listening on \S+\n/.test(told) || child.exitCode !== null);
	const [, url = ''] = /listening on (\S+)\n/.exec(told) ?? [];
	t.regex(url, /^http:\/\/127\.0\.0\.1:\d+$/);
	t.is((await fetch(url)).status, 200);
	child.kill('SIGTERM');
	await outcome(child);
});

test('a port in use is one line, and leaves no container', async t => {
	const forge = await forgeOf(t);
	const {createServer} = await import('node:net');
	const server = createServer().listen(0, '127.0.0.1');
	t.teardown(() => server.close());
	await new Promise(resolve => server.once('listening', resolve));
	const {port} = server.address() as {port: number};
	const {code, err} = await forge(['run', '-p', String(port), await guest('http-js')]);
	t.is(code, 125);
	t.regex(err, new RegExp(`^forge: .*${port}.*\\(FORGE_[A-Z_]+\\): .+\n$`));
	t.is((await forge(['run', '-d', '-p', String(port), await guest('http-js')])).code, 125);
	t.deepEqual(JSON.parse((await forge(['ps', '-a', '--json'])).out), []);
});
