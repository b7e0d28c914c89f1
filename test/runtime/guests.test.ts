import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {guest, unavailable} from '../support/guests.ts';
import {engineOf, folderOf, runToEnd, specOf} from '../support/runtime.ts';

const MiB = 1024n * 1024n;

test.serial('a command gets its arguments, its environment and its input, and nothing of the host', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const spec = specOf(await guest('env-as'), {arguments: ['a', 'b c'], environment: [['KEY', 'välue']]});
	const {stdout, exitCode} = await runToEnd(containers, spec);
	t.is(exitCode, 0);
	t.regex(stdout, /a\n.*b c/s);
	t.regex(stdout, /KEY=välue/);
	t.notRegex(stdout, /PATH|HOME/);
});

test.serial('a command in JavaScript reads its input, writes it back and exits as it likes', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {stdout, exitCode} = await runToEnd(containers, specOf(await guest('hello-js'), {arguments: ['exit', '7']}), 'to and fro');
	t.regex(stdout, /to and fro/);
	t.is(exitCode, 7);
});

for (const name of ['loop-run', 'loop-start', 'sleep-forever'] as const) {
	test.serial(`a guest that does not end (${name}) is ended at its deadline, with 124`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const {
			exitCode,
			reason,
			started = 0n,
			finished = 0n,
		} = await runToEnd(containers, specOf(await guest(name), {limits: {memory: 64n * MiB, timeout: 1000n}}));
		t.deepEqual([exitCode, reason], [124, 'deadline of 1000 ms exceeded']);
		t.true(finished - started >= 990n, `${finished - started} ms`);
	});
}

test.serial('a trap is told with the function in which it was, as 134', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {exitCode, reason} = await runToEnd(containers, specOf(await guest('trap')));
	t.is(exitCode, 134);
	t.regex(reason ?? '', /deep_inside.*unreachable/);
});

test.serial('endless recursion is a trap', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	t.is((await runToEnd(containers, specOf(await guest('recurse')))).exitCode, 134);
});

test.serial('memory grows to the limit and no further, and the process stays within it', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const before = process.memoryUsage().rss;
	let highest = before;
	const watch = setInterval(() => {
		highest = Math.max(highest, process.memoryUsage().rss);
	}, 2);
	const limits = {memory: 32n * MiB};
	t.is((await runToEnd(containers, specOf(await guest('grow'), {limits}))).exitCode, 1);
	t.is((await runToEnd(containers, specOf(await guest('grow-trap'), {limits}))).exitCode, 134);
	clearInterval(watch);
	t.true(highest - before < Number((32n + 64n) * MiB), `${highest - before} bytes`);
});

test.serial('a guest that asks for more memory at its start than it may have is refused, with 137', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {exitCode, reason} = await runToEnd(containers, specOf(await guest('big-initial'), {limits: {memory: 32n * MiB}}));
	t.is(exitCode, 137);
	t.regex(reason ?? '', /FORGE_LIMIT_MEMORY/);
});

test.serial('a guest with a great many memories is refused', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	await t.throwsAsync(
		async () => {
			const {exitCode, reason} = await runToEnd(containers, specOf(await guest('many-memories')));
			throw Object.assign(new Error(reason), {code: exitCode === 0 ? 'ran' : 'FORGE_'});
		},
		{message: /memories/},
	);
});

test.serial('a flood of output costs no more than the journal may hold', async t => {
	const folder = await folderOf(t);
	const {containers} = await engineOf(t, folder);
	const {id} = await containers.create(specOf(await guest('log-flood'), {limits: {memory: 64n * MiB, timeout: 3000n}}));
	await containers.start(id);
	t.is((await containers.wait(id, 10_000)).exitCode, 124);
	const {statSync} = await import('node:fs');
	const sizes = [`${id}.jsonl`, `${id}.1.jsonl`].map(
		name => statSync(join(folder, 'runtime/logs', name), {throwIfNoEntry: false})?.size ?? 0,
	);
	t.true(
		sizes.every(size => size <= 8 * 1024 * 1024),
		String(sizes),
	);
});

for (const [name, code, output] of [
	['preview1-hello', 0, /hello/i],
	['preview1-exit', 7, /^$/],
] as const) {
	test.serial(`a core module for preview1 runs too (${name})`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const {exitCode, stdout, reason} = await runToEnd(containers, specOf(await guest(name)));
		t.is(exitCode, code, reason);
		t.regex(stdout, output);
	});
}

const lacking = unavailable('hello-c');
const inC = lacking === undefined ? test.serial : test.serial.skip;

inC(`a program in C runs, compiled for preview1${lacking === undefined ? '' : ` (skipped: ${lacking})`}`, async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const spec = specOf(await guest('hello-c'), {arguments: ['one'], environment: [['KEY', 'value']]});
	const {exitCode, stdout, reason} = await runToEnd(containers, spec);
	t.deepEqual([exitCode, stdout], [3, 'arg one\nenv KEY=value\n'], reason);
});

test.serial('what is no component is refused with one clear line', async t => {
	const folder = await folderOf(t);
	const {containers} = await engineOf(t, folder);
	const file = join(folder, 'no.wasm');
	await writeFile(file, 'this is no component');
	await t.throwsAsync(containers.create(specOf(file)), {code: 'FORGE_COMPONENT_INVALID'});
	await t.throwsAsync(containers.create(specOf(join(folder, 'none.wasm'))), {code: 'FORGE_IMAGE_MISSING'});
	await t.throwsAsync(containers.create(specOf(folder)), {code: 'FORGE_IMAGE_MISSING'});
	t.deepEqual(await containers.list(), []);
});

test('a guest reads the settings that it was given by wasi:config, and none other; wasi:logging goes to standard error', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const image = await guest('settings');
	const told = await runToEnd(containers, specOf(image, {config: [['greeting', 'god\ndag']]}));
	t.like(told, {exitCode: 0, stderr: 'WARN guest: god dag\n'}, told.reason);
	t.is((await runToEnd(containers, specOf(image, {environment: [['greeting', 'no setting']]}))).exitCode, 1);
});
